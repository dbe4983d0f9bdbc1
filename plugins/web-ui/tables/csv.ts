/** What a spreadsheet would take for a formula: such a cell gets an apostrophe before it, and stays text. */
const FORMULA = /^[\s]*[=+\-@\t\r]/;

/** Rows as CSV (RFC 4180) with a byte-order mark, safe to open in a spreadsheet whatever people typed. */
export function csvOf(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return `\uFEFF${csvLines([head, ...rows])}`;
}

/** Lines without mark and head: the next piece of a file that is sent as it is read. */
export function csvLines(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("");
}

function cellOf(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
