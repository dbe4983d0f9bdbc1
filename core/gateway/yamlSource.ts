import { isMap, isScalar, isSeq, LineCounter, parseDocument, Scalar, type Document } from "yaml";
import { expandEnv } from "../config/expandEnv";
import type { Fault } from "../config/fault";

/** A YAML file as a value, together with the way back from a path in it to a line. */
export interface YamlSource {
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /** @param path keys and indexes from the root */
  fault(path: readonly (string | number)[], message: string): Fault;
}

/** What is written like a variable and is none: the host's `log` policy has templates of its own (`${req.url}`). */
const EXPRESSION = /(?<!\$)\$\{(?![A-Z_][A-Z0-9_]*(?::-|\}))/g;

/**
 * Reads one of the host's files. `${VAR}` and `${VAR:-default}`, in capitals, are filled into values after parsing, so that a value can
 * not bring YAML of its own; one that is not set and has no default is a fault (the host itself would put `null`).
 */
export function readYaml(text: string, file: string, env: NodeJS.ProcessEnv): YamlSource {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  // What follows a fault of the syntax is mostly its echo.
  const broken = doc.errors.find(({ code }) => code !== "DUPLICATE_KEY");
  const faults: Fault[] = (broken ? [broken] : doc.errors).map((error) => ({ severity: "error", at: at(error.pos[0]), message: error.message }));
  if (faults.length === 0) expandAll(doc, env, (offset, message) => faults.push({ severity: "error", at: at(offset), message }));
  return {
    value: faults.length === 0 ? doc.toJS() : undefined,
    faults,
    fault: (path, message) => ({ severity: "error", at: at(offsetOf(doc, path)), message }),
  };
}

function expandAll(doc: Document, env: NodeJS.ProcessEnv, report: (offset: number, message: string) => void): void {
  const visit = (node: unknown): void => {
    if (isMap(node)) node.items.forEach((pair) => visit(pair.value));
    else if (isSeq(node)) node.items.forEach(visit);
    else if (isScalar(node) && typeof node.value === "string" && node.value.includes("${")) {
      const expanded = expandEnv(node.value.replace(EXPRESSION, "$$$&"), env);
      if ("problem" in expanded) return report(node.range?.[0] ?? 0, expanded.problem);
      node.value = node.type === Scalar.PLAIN ? typed(expanded.text) : expanded.text;
    }
  };
  visit(doc.contents);
}

/** What YAML's core schema makes of plain text. */
function typed(text: string): unknown {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  return text === "" || text === "null" ? null : text;
}

/** The start of the deepest node on the path that exists; of a map's entry, its key. */
function offsetOf(doc: Document, path: readonly (string | number)[]): number {
  let node: unknown = doc.contents;
  let offset = 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === String(part));
      if (!pair) break;
      offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = (node as { range?: [number] } | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
