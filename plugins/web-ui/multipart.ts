import busboy from "busboy";
import { CodedError } from "../../core/errors/codedError";
import { CSRF_FIELD, CSRF_HEADER, isCsrfToken } from "./csrf";
import { formOf, type Form } from "./forms";
import type { Visit } from "./visit";

/** A file of a form, in memory. */
export interface SentFile {
  readonly field: string;
  /** As the browser sent it: never a path of ours. */
  readonly name: string;
  readonly bytes: Buffer;
}

export interface MultipartForm {
  readonly form: Form;
  readonly files: readonly SentFile[];
}

const MOST_FILES = 10;
const LONGEST_FIELD = 1_048_576;
const MOST_FIELDS = 100;

export function isMultipart(visit: Visit): boolean {
  return /^multipart\/form-data\s*;/i.test(visit.req.headers["content-type"] ?? "");
}

/**
 * Reads a form with files. The token comes by header, or in a field before the first file: without it no file is read.
 * @throws CodedError
 */
export function readMultipart(visit: Visit): Promise<MultipartForm> {
  const { req, snapshot } = visit;
  const { maxBytes } = snapshot.sections.upload;
  return new Promise((resolve, reject) => {
    const fields = new URLSearchParams();
    const files: SentFile[] = [];
    const fail = (error: CodedError): void => {
      req.unpipe();
      req.resume();
      reject(error);
    };
    let parser: busboy.Busboy;
    try {
      parser = busboy({
        headers: req.headers, defParamCharset: "utf8",
        limits: { files: MOST_FILES, fileSize: maxBytes + 1, fieldSize: LONGEST_FIELD, fields: MOST_FIELDS, parts: MOST_FIELDS + MOST_FILES },
      });
    } catch {
      fail(new CodedError("invalid_request", { message: "The form cannot be read." }));
      return;
    }
    parser.on("field", (name, value, { valueTruncated }) => {
      if (valueTruncated) fail(new CodedError("request_too_large", { message: "The message is longer than 1 MB. Attach it as a file." }));
      else fields.append(name, value);
    });
    parser.on("file", (field, stream, { filename }) => {
      const token = String(req.headers[CSRF_HEADER] ?? "") || (fields.get(CSRF_FIELD) ?? "");
      if (!isCsrfToken(visit, token)) {
        stream.resume();
        fail(new CodedError("csrf_refused"));
        return;
      }
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("limit", () => fail(new CodedError("request_too_large", { message: `A file has at most ${Math.floor(maxBytes / 1_048_576)} MB.` })));
      // A form without a chosen file has one without a name.
      stream.on("close", () => void (filename && files.push({ field, name: filename, bytes: Buffer.concat(chunks) })));
    });
    parser.on("filesLimit", () => fail(new CodedError("request_too_large", { message: `At most ${MOST_FILES} files go with a message.` })));
    parser.on("error", () => fail(new CodedError("invalid_request", { message: "The form cannot be read." })));
    parser.on("close", () => resolve({ form: formOf(fields), files }));
    req.once("aborted", () => fail(new CodedError("invalid_request")));
    req.pipe(parser);
  });
}
