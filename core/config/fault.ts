import type { SourcePlace } from "../domain/sourcePlace";

/** One thing wrong, or worth saying, in a configuration file. */
export interface Fault {
  readonly severity: "error" | "warning";
  readonly at: SourcePlace;
  /** Says what is wrong and what to write instead. */
  readonly message: string;
}

/** `file:line:column: message`, as editors and `lumen config check` print it. */
export function faultLine({ at, message }: Fault): string {
  return `${at.file}:${at.line}:${at.column}: ${message}`;
}
