import type { ListQuery, Records, Versioned } from "../stores/types";

const PAGE = 500;

/** Every row of a listing, page after page, so that no listing holds more than a page at a time. */
export async function* allRows<T extends { readonly id: string }>(
  records: Pick<Records<T>, "list">,
  query: Omit<ListQuery, "cursor" | "limit"> = {},
): AsyncGenerator<Versioned<T>> {
  let cursor: string | undefined;
  do {
    const page = await records.list({ ...query, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.rows;
    cursor = page.next;
  } while (cursor !== undefined);
}
