/** What a file is by its first bytes; undefined: none of those that are known by them. */
export function kindByContent(bytes: Uint8Array): { readonly kind: "image" | "pdf"; readonly type: string } | undefined {
  const starts = (text: string, at = 0) => [...text].every((char, index) => bytes[at + index] === char.charCodeAt(0));
  if (starts("\x89PNG\r\n\x1a\n")) return { kind: "image", type: "image/png" };
  if (starts("\xff\xd8\xff")) return { kind: "image", type: "image/jpeg" };
  if (starts("GIF87a") || starts("GIF89a")) return { kind: "image", type: "image/gif" };
  if (starts("RIFF") && starts("WEBP", 8)) return { kind: "image", type: "image/webp" };
  if (starts("%PDF-")) return { kind: "pdf", type: "application/pdf" };
  return undefined;
}

/** The types that a name's ending may stand for; undefined: text. */
const TYPE_BY_EXTENSION: Readonly<Record<string, string>> = {
  png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp", pdf: "application/pdf",
};

/** What a name says that its file is: a type known by content, or text. */
export function typeByName(name: string): { readonly extension: string; readonly type: string } {
  const at = name.lastIndexOf(".");
  const extension = at < 0 ? "" : name.slice(at + 1).toLowerCase();
  return { extension, type: TYPE_BY_EXTENSION[extension] ?? "text/plain" };
}

const LONGEST_NAME = 200;

/** A file's name as it is shown: no folders, nothing that is not seen, nothing that turns the reading direction. */
export function plainFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const seen = last.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+/gu, "").trim();
  return seen === "" || /^\.+$/.test(seen) ? "file" : [...seen].slice(-LONGEST_NAME).join("");
}
