import path from "node:path";
import type { SourcePlace } from "../../../core/domain/sourcePlace";

/** `config.yaml:41`: the folder is of no use to readers of a page. */
export function placeText({ file, line }: Pick<SourcePlace, "file" | "line">): string {
  return `${path.basename(file)}:${line}`;
}

/** `config.yaml:41:3`, as a fault has it. */
export function exactPlace(at: SourcePlace): string {
  return `${placeText(at)}:${at.column}`;
}
