import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Alias, type Document, type Node, type Pair, type Scalar } from "yaml";
import type { SourcePlace } from "../domain/sourcePlace";
import { expandEnv } from "./expandEnv";
import type { Fault } from "./fault";

/**
 * What the file says, as texts, lists and maps. A scalar is its source text, so that `no`, `1.10` and `0.05` stay what
 * was typed; null is an empty value.
 */
export type TreeNode = null | string | TreeNode[] | TreeMap;
export type TreeMap = { [key: string]: TreeNode };

/** Where something in a tree was written. */
export interface PlaceOf {
  readonly key: SourcePlace;
  readonly value: SourcePlace;
  /** The scalar as it stands in the file, with its `${…}`: what may be quoted in a message. */
  readonly source?: string;
}

export interface YamlTree {
  readonly root: TreeMap;
  readonly top: SourcePlace;
  /** By list or map, then by index or key. */
  readonly places: WeakMap<object, Map<string, PlaceOf>>;
}

/** More than the aliases of any real file stand for: those that double each other are cut off here. */
const MOST_ALIASED = 100_000;
const DEEPEST = 64;

/** Reads YAML 1.2. `tree` is missing where nothing can be made of the text. */
export function readYamlTree(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly tree?: YamlTree; readonly faults: Fault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: "1.2", lineCounter: lines, prettyErrors: false, uniqueKeys: false, keepSourceTokens: false });
  const placeAt = (offset: number): SourcePlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const broken = (severity: Fault["severity"]) => ({ pos, message }: { pos: [number, number]; message: string }): Fault => ({
    severity, at: placeAt(pos[0]), message: `This is not valid YAML: ${withoutText(message)}.${hintAt(text, pos[0])}`,
  });
  // What follows the first slip of syntax is mostly its echo.
  const errors = document.errors.filter(({ message }, index) => index === 0 || !message.startsWith("Unexpected"));
  const faults = [...errors.map(broken("error")), ...document.warnings.map(broken("warning"))];
  if (document.errors.length > 0) return { faults };
  const top = placeAt(0);
  const problem = rootProblem(document);
  if (problem !== undefined) return { faults: [...faults, { severity: "error", at: top, message: problem }] };

  const reader = new TreeReader(document, env, placeAt, faults);
  const root = reader.read(document.contents, 0) as TreeMap;
  return { tree: { root, top, places: reader.places }, faults };
}

/** The parser repeats the text it stumbled over, which may be a secret. */
function withoutText(message: string): string {
  return message.replace(/ in YAML stream: [\s\S]*$/, "").replace(/\.$/, "");
}

/** The one slip of YAML that variables invite. */
function hintAt(text: string, offset: number): string {
  const within = text.slice(Math.max(0, offset - 1), offset + 1) === "${";
  return within ? ' Within { } and [ ], a variable must be in quotes: "${NAME}".' : "";
}

function rootProblem({ contents }: Document.Parsed): string | undefined {
  if (contents === null || (isScalar(contents) && (contents.source ?? "") === "")) return "The file is empty.";
  return isMap(contents) ? undefined : "The file must be a map of sections, such as `models:` and `clients:`.";
}

class TreeReader {
  readonly places = new WeakMap<object, Map<string, PlaceOf>>();
  private readonly targets = new Map<Alias, Node | undefined>();
  private aliased = 0;
  private inAlias = 0;
  private cut = false;

  constructor(
    private readonly document: Document.Parsed,
    private readonly env: Readonly<Record<string, string | undefined>>,
    private readonly placeAt: (offset: number) => SourcePlace,
    private readonly faults: Fault[],
  ) {}

  read(node: unknown, depth: number): TreeNode {
    if (isAlias(node)) return this.alias(node, depth);
    if (this.inAlias > 0) this.aliased += 1;
    if (depth >= DEEPEST || this.aliased >= MOST_ALIASED) {
      if (!this.cut) this.fault(node, "The file grows too large here: too deep, or aliases of aliases.");
      this.cut = true;
      return null;
    }
    if (isScalar(node)) return this.scalar(node);
    if (isSeq(node)) {
      const list: TreeNode[] = [];
      const places = this.placesOf(list);
      node.items.forEach((item, index) => {
        list.push(this.read(item, depth + 1));
        places.set(String(index), { key: this.place(item), value: this.place(item), source: sourceOf(item) });
      });
      return list;
    }
    if (isMap(node)) return this.map(node.items, depth);
    return null;
  }

  private alias(node: Alias, depth: number): TreeNode {
    if (this.cut) return null;
    if (!this.targets.has(node)) this.targets.set(node, node.resolve(this.document));
    this.inAlias += 1;
    const value = this.read(this.targets.get(node) ?? null, depth + 1);
    this.inAlias -= 1;
    return value;
  }

  private map(pairs: readonly Pair[], depth: number): TreeMap {
    const map = Object.create(null) as TreeMap;
    const places = this.placesOf(map);
    const merged: TreeNode[] = [];
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : undefined;
      if (name === undefined || name === "__proto__") {
        this.fault(key, "A key must be a plain text.");
        continue;
      }
      if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
        merged.push(this.read(value, depth + 1));
        continue;
      }
      const first = places.get(name);
      if (first !== undefined) {
        this.fault(key, `The key "${name}" is here twice: first on line ${first.key.line}.`);
        continue;
      }
      const place = this.place(key);
      places.set(name, { key: place, value: isEmpty(value) ? place : this.place(value), source: sourceOf(value) });
      map[name] = this.read(value, depth + 1);
    }
    for (const from of merged.flat()) this.merge(map, places, from);
    return map;
  }

  /** `<<: *anchor`, which files written for YAML 1.1 use: what the map says itself goes before. */
  private merge(map: TreeMap, places: Map<string, PlaceOf>, from: TreeNode): void {
    if (typeof from !== "object" || from === null || Array.isArray(from)) return;
    for (const [name, place] of this.places.get(from) ?? []) {
      if (places.has(name)) continue;
      places.set(name, place);
      map[name] = from[name] ?? null;
    }
  }

  /** Variables are put in after YAML was read, so that a value cannot become more than a value. */
  private scalar(node: Scalar): TreeNode {
    if (node.value === null) return null;
    const source = sourceOf(node) ?? "";
    if (!source.includes("${")) return source;
    const expanded = expandEnv(source, this.env);
    if ("problem" in expanded) {
      this.fault(node, expanded.problem);
      return null;
    }
    return expanded.text === "" && node.type === "PLAIN" ? null : expanded.text;
  }

  private placesOf(container: object): Map<string, PlaceOf> {
    const places = new Map<string, PlaceOf>();
    this.places.set(container, places);
    return places;
  }

  private place(node: unknown): SourcePlace {
    return this.placeAt((node as Node | null)?.range?.[0] ?? 0);
  }

  private fault(node: unknown, message: string): void {
    this.faults.push({ severity: "error", at: this.place(node), message });
  }
}

function sourceOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return node.source ?? String(node.value);
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}
