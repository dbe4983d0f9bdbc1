export type Tone = "good" | "warn" | "bad" | "quiet";

/** What a cell shows; each kind is a case of views/partials/cell.hbs. */
export type Cell =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "badge"; readonly text: string; readonly tone: Tone; readonly href?: string }
  | { readonly kind: "number"; readonly value: number | undefined }
  | { readonly kind: "coins"; readonly value: bigint | undefined }
  /** Epoch ms; 0 or undefined: never. */
  | { readonly kind: "time"; readonly value: number | undefined }
  /** A view of its own, such as a row's buttons. */
  | { readonly kind: "view"; readonly view: string; readonly model: object };

export interface Column<Row> {
  /** In the address: `sort=-coins`. */
  readonly key: string;
  readonly label: string;
  /** Numbers and dates stand right and sort descending first. */
  readonly numeric?: boolean;
  readonly descendingFirst?: boolean;
  /** For screen readers alone: a column of buttons. */
  readonly hidden?: boolean;
  readonly cell: (row: Row) => Cell;
  /** What is compared; none: the column does not sort. */
  readonly value?: (row: Row) => string | number | bigint;
}

export interface TableCheck<Row> {
  /** In the address: `deleted=1`. */
  readonly name: string;
  readonly label: string;
  /** Rows that show only while it is checked. */
  readonly hides: (row: Row) => boolean;
}

export interface TableDefinition<Row> {
  /** Of the element; several tables of one page prefix their parameters with it. */
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  /** The column it is sorted by where the address says nothing. */
  readonly sort: string;
  readonly checks?: readonly TableCheck<Row>[];
  readonly search?: { readonly label: string; readonly text: (row: Row) => string };
  readonly empty: string;
  readonly rowId?: (row: Row) => string;
  readonly isStruck?: (row: Row) => boolean;
  /** Rows of one page, with links to the others; without it the first 500 rows are the table. */
  readonly pageSize?: number;
}

const SHOWN = 500;

/**
 * The model of views/partials/table.hbs: filtered, checked and sorted by what the address says, so that it can be linked,
 * reloaded, and works without script.
 * @param action where the table's own form and links go: an address that answers a swap with the table alone
 */
export function tableView<Row>(table: TableDefinition<Row>, rows: readonly Row[], query: URLSearchParams, action: string): object {
  const name = (part: string) => `${table.id}-${part}`;
  const words = (query.get(name("q")) ?? "").trim().toLowerCase();
  const checks = (table.checks ?? []).map((check) => ({ ...check, name: name(check.name), checked: query.get(name(check.name)) === "1" }));
  const asked = query.get(name("sort")) ?? table.sort;
  const sorted = table.columns.find(({ key, value }) => value && key === asked.replace(/^-/, "")) ?? table.columns.find(({ key }) => key === table.sort.replace(/^-/, ""));
  const isDescending = sorted !== undefined && (sorted.key === asked.replace(/^-/, "") ? asked.startsWith("-") : table.sort.startsWith("-"));
  const found = rows
    .filter((row) => checks.every((check) => check.checked || !check.hides(row)))
    .filter((row) => words === "" || !table.search || table.search.text(row).toLowerCase().includes(words));
  const others = [...query].filter(([key]) => !key.startsWith(`${table.id}-`));
  const own = [...query].filter(([key]) => key.startsWith(`${table.id}-`) && key !== name("sort") && key !== name("page"));
  const hrefOf = (key: string) => `${action}?${new URLSearchParams([...others, ...own, [name("sort"), key]]).toString()}`;
  const size = table.pageSize ?? SHOWN;
  const last = Math.max(1, Math.ceil(found.length / size));
  const shown = table.pageSize === undefined ? 1 : Math.min(last, Math.max(1, Math.trunc(Number(query.get(name("page")) ?? "1")) || 1));
  const inOrder = sorted?.value ? firstInOrder(found, sorted.value, isDescending, shown * size) : found;
  const pageHref = (number: number) => `${action}?${new URLSearchParams([...others, ...own, ...(query.has(name("sort")) ? [[name("sort"), asked]] : []), [name("page"), String(number)]]).toString()}`;
  return {
    id: table.id, caption: table.caption, action, empty: table.empty,
    hasControls: checks.length > 0 || table.search !== undefined,
    kept: [...others, ...(query.has(name("sort")) ? [[name("sort"), asked]] : [])].map(([key, value]) => ({ name: key, value })),
    checks,
    ...(table.search ? { search: { name: name("q"), value: query.get(name("q")) ?? "", label: table.search.label } } : {}),
    columns: table.columns.map((column) => headOf(column, column === sorted, isDescending, hrefOf)),
    rows: inOrder.slice((shown - 1) * size, shown * size).map((row) => ({
      id: table.rowId?.(row), struck: table.isStruck?.(row) ?? false,
      cells: table.columns.map((column) => cellOf(column, column.cell(row))),
    })),
    ...(table.pageSize !== undefined && last > 1 ? {
      pages: {
        text: `${(shown - 1) * size + 1}–${Math.min(found.length, shown * size)} of ${found.length.toLocaleString("en-US")}`,
        ...(shown > 1 ? { previous: pageHref(shown - 1) } : {}), ...(shown < last ? { next: pageHref(shown + 1) } : {}),
      },
    } : {}),
    ...(table.pageSize === undefined && found.length > SHOWN ? { more: { label: `${found.length - SHOWN} more: search to narrow the list`, href: action } } : {}),
  };
}

function cellOf<Row>({ label, numeric = false }: Column<Row>, cell: Cell): object {
  return { ...cell, label, numeric, blank: isBlank(cell) };
}

/** Shown as a dash; where rows are stacked it is left out. */
function isBlank(cell: Cell): boolean {
  if (cell.kind === "text") return cell.text === "" || cell.text === "–";
  if (cell.kind === "time") return !cell.value;
  return (cell.kind === "number" || cell.kind === "coins") && cell.value === undefined;
}

function headOf<Row>(column: Column<Row>, isSorted: boolean, isDescending: boolean, hrefOf: (key: string) => string): object {
  const { key, label, numeric = false, hidden = false, value } = column;
  if (!value) return { label, numeric, hidden };
  const startsDown = column.descendingFirst ?? numeric;
  const nextDown = isSorted ? !isDescending : startsDown;
  return {
    label, numeric,
    href: hrefOf(nextDown ? `-${key}` : key),
    ...(isSorted ? { ariaSort: isDescending ? "descending" : "ascending", arrow: isDescending ? "↓" : "↑" } : {}),
  };
}

const texts = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

interface Keyed<Row> {
  readonly row: Row;
  readonly key: string | number | bigint;
}

/** The first `count` rows as sorting all of them would put them: ten thousand rows are not sorted for a page of fifty. */
function firstInOrder<Row>(rows: readonly Row[], value: (row: Row) => string | number | bigint, isDescending: boolean, count: number): Row[] {
  const compare = (a: Keyed<Row>, b: Keyed<Row>) => (isDescending ? -compareKeys(a.key, b.key) : compareKeys(a.key, b.key));
  let kept: Keyed<Row>[] = [];
  let worst: Keyed<Row> | undefined;
  for (const row of rows) {
    const one = { row, key: value(row) };
    // What equals the last of those that fit stands after it: rows keep their order.
    if (worst && compare(one, worst) >= 0) continue;
    kept.push(one);
    if (kept.length < count * 2) continue;
    kept = kept.sort(compare).slice(0, count);
    worst = kept.at(-1);
  }
  return kept.sort(compare).slice(0, count).map(({ row }) => row);
}

function compareKeys(a: string | number | bigint, b: string | number | bigint): number {
  if (typeof a === "string" || typeof b === "string") return texts.compare(String(a), String(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
