import type { IncomingMessage } from "node:http";
import { CodedError } from "../../core/errors/codedError";

/** The fields of a posted form. */
export interface Form {
  /** The last value of a field, without blanks around it; "" where it was not sent. */
  text(name: string): string;
  /** The last value as it was typed. */
  raw(name: string): string;
  all(name: string): readonly string[];
  has(name: string): boolean;
  /** Names and values as they were sent, in their order. */
  entries(): readonly (readonly [string, string])[];
}

const LARGEST = 1_048_576;

export function formOf(fields: URLSearchParams): Form {
  const raw = (name: string) => fields.getAll(name).at(-1) ?? "";
  return { raw, text: (name) => raw(name).trim(), all: (name) => fields.getAll(name), has: (name) => fields.has(name), entries: () => [...fields] };
}

/** @throws CodedError for a form that is too large or of another kind */
export async function readForm(req: IncomingMessage, largest = LARGEST): Promise<Form> {
  const type = (req.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (type !== "" && type !== "application/x-www-form-urlencoded") {
    throw new CodedError("unsupported_media_type", { message: "Send this form as application/x-www-form-urlencoded." });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest) throw new CodedError("request_too_large", { message: `The form is larger than ${Math.round(largest / LARGEST)} MB.` });
    chunks.push(chunk);
  }
  return formOf(new URLSearchParams(Buffer.concat(chunks).toString("utf8")));
}
