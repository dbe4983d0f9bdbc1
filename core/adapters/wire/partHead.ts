/** What the headers of one part of a form say. */
export interface PartHead {
  readonly name: string;
  /** It names a file: its value is bytes, not text. */
  readonly isFile: boolean;
  /** As sent, in lower case; empty where there is none. */
  readonly contentType: string;
}

/** Why a part's headers cannot be read; the sentence is for the caller. */
export type PartHeadReading = { readonly head: PartHead } | { readonly fault: string };

const LONGEST_NAME = 1_024;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/s;
const PARAMETER = /[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))[ \t]*)?/ysu;
const READ = new Set(["content-disposition", "content-type", "content-transfer-encoding"]);

const fault = (text: string): PartHeadReading => ({ fault: text });

/** The header lines that matter, by lower-case name; a folded line is put together (RFC 5322, 2.2.3). */
function fieldsOf(block: string): ReadonlyMap<string, string> | string {
  // A lone CR or LF ends a line for some readers and not for others.
  if (/\0|\r(?!\n)|(?<!\r)\n/.test(block)) return "has a control character in its headers";
  const fields = new Map<string, string>();
  for (const line of block.replace(/\r\n[ \t]+/g, " ").split("\r\n")) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return "has a header that is none";
    const key = name.toLowerCase();
    if (!READ.has(key)) continue;
    if (fields.has(key)) return `has the header ${key} twice`;
    fields.set(key, value.trim());
  }
  return fields;
}

/** The parameters of a `form-data` disposition, quoted or not; undefined where it is something else. */
function parametersOf(disposition: string): ReadonlyMap<string, string> | undefined {
  const kind = /^form-data(?=[ \t]*(;|$))/i.exec(disposition);
  if (!kind) return undefined;
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = kind[0].length;
  while (PARAMETER.lastIndex < disposition.length) {
    const [whole, name, quoted, token] = PARAMETER.exec(disposition) ?? [];
    if (whole === undefined) return undefined;
    if (name === undefined) continue;
    const key = name.toLowerCase();
    if (parameters.has(key)) return undefined;
    parameters.set(key, token ?? (quoted ?? "").replace(/\\(["\\])/g, "$1"));
  }
  return parameters;
}

/**
 * Reads the header block of one part of `multipart/form-data` (RFC 7578, RFC 2046), without the empty line that closes it. Where
 * two readers could understand it differently, it is refused: a model server must not find another name than was checked here
 * (docs/wire.md W62).
 */
export function readPartHead(block: string): PartHeadReading {
  const fields = fieldsOf(block);
  if (typeof fields === "string") return fault(fields);
  const disposition = fields.get("content-disposition");
  const parameters = disposition === undefined ? undefined : parametersOf(disposition);
  if (!parameters) return fault("has no readable Content-Disposition");
  const name = parameters.get("name");
  if (name === undefined || parameters.has("name*")) return fault("has no plain name");
  if (name.length > LONGEST_NAME) return fault("has a name that is too long");
  const encoding = fields.get("content-transfer-encoding")?.toLowerCase() ?? "binary";
  if (!["binary", "7bit", "8bit"].includes(encoding)) return fault(`has the transfer encoding '${encoding.slice(0, 40)}'; send it as it is`);
  const isFile = parameters.has("filename") || parameters.has("filename*");
  return { head: { name, isFile, contentType: fields.get("content-type")?.toLowerCase() ?? "" } };
}

/** The boundary of a `multipart/form-data` content type (RFC 2046, 5.1.1); undefined where there is none that holds. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data[ \t]*;/i.test(contentType)) return undefined;
  const found = [...contentType.matchAll(/;[ \t]*boundary=(?:"([^"\\]*)"|([^\s;"]+))[ \t]*(?=;|$)/gi)];
  const boundary = found[0]?.[1] ?? found[0]?.[2];
  // Twice, or a `boundary*`: two readers would cut at different places.
  if (found.length !== 1 || contentType.match(/;[ \t]*boundary[*0-9]*[ \t]*=/gi)?.length !== 1) return undefined;
  return boundary !== undefined && /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary) ? boundary : undefined;
}
