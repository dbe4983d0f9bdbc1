import { CodedError } from "../../../core/errors/codedError";
import type { StreamEnding } from "./streamProtocol";

/** What is said of a stream that the server did not end (docs/wire.md W27, W86). */
export function breakError(ending: StreamEnding): CodedError {
  return new CodedError(ending === "silent" ? "upstream_timeout" : ending === "shutdown" ? "shutting_down" : "upstream_incomplete");
}
