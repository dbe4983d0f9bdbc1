import { CodedError } from "../../../core/errors/codedError";
import type { StreamEnding } from "./streamProtocol";

/** What is said of a stream that the server did not end (docs/wire.md W27). */
export function breakError(ending: StreamEnding): CodedError {
  return new CodedError(ending === "silent" ? "upstream_timeout" : "upstream_incomplete");
}
