import { connect, rowsOf } from "../database";
import { emptyRows, MIRRORED, type MirroredRows } from "./mirror";
import { decodeRow, RECORD_TABLES } from "./tables";

const PAGE = 10_000;

/** All that is mirrored, as it was at one revision. In pages, so that the process answers meanwhile. */
export async function loadRows(url: string): Promise<{ readonly rows: MirroredRows; readonly revision: number }> {
  const client = await connect({ url });
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const [feed] = await rowsOf<{ revision: number }>(client, "SELECT revision FROM feed");
    const { revision } = feed ?? { revision: 0 };
    const rows = emptyRows();
    for (const name of MIRRORED) {
      let last: string | undefined = "";
      while (last !== undefined) {
        const page: { readonly id: string; readonly row: string }[] = await rowsOf(client, {
          text: `SELECT id, row FROM ${RECORD_TABLES[name].name} WHERE id > $1 ORDER BY id LIMIT ${PAGE}`, values: [last],
        });
        for (const { row } of page) rows[name].put(decodeRow(name, row), revision);
        last = page.length < PAGE ? undefined : page.at(-1)?.id;
      }
    }
    return { rows, revision };
  } finally {
    void client.end().catch(() => undefined);
  }
}
