/** What a spreadsheet would take for a formula: such a cell gets an apostrophe before it, and stays text. */
const FORMULA = /^[\s]*[=+\-@\t\r]/;

/** Rows as CSV (RFC 4180) with a byte-order mark, safe to open in a spreadsheet whatever people typed. */
export function csvOf(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(cellOf).join(","));
  return `\uFEFF${lines.join("\r\n")}\r\n`;
}

function cellOf(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
