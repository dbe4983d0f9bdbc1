import { keyTable, type KeyRow } from "./keyTable";

const BEGIN = "<!-- keys: written from the schema, not by hand -->";
const END = "<!-- end of keys -->";

/** The tables of all keys, one for each section of the file. */
export function keyTableMarkdown(): string {
  const sections = new Map<string, KeyRow[]>();
  for (const row of keyTable()) {
    const name = /^[^.[]+/.exec(row.path)?.[0] ?? "";
    sections.set(name, [...(sections.get(name) ?? []), row]);
  }
  return [...sections].map(([name, rows]) => [`### ${name}`, "", rows[0]?.description ?? "", "", ...tableOf(rows)].join("\n")).join("\n\n");
}

/** A document with its tables of keys as they are now. */
export function withKeyTables(document: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the document needs the lines ${BEGIN} and ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${keyTableMarkdown()}\n\n${document.slice(end)}`;
}

function tableOf(rows: readonly KeyRow[]): readonly string[] {
  return [
    "| key | type | default | what it does |",
    "|---|---|---|---|",
    ...rows.map(({ path, type, default: preset, description, restart }) =>
      `| ${code(path)} | ${cell(type)} | ${preset === "" || preset.startsWith("(") ? cell(preset) : code(preset)} | ${cell(description)}${restart ? " **Restart.**" : ""} |`),
  ];
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
