import type { SourcePlace } from "../domain/sourcePlace";
import type { Fault } from "./fault";
import type { PlaceOf, TreeMap, TreeNode, YamlTree } from "./yamlTree";

export type TreePath = readonly (string | number)[];

/** A read file on its way to a snapshot: what it says, where, and what was found wrong so far. */
export class ConfigTree {
  readonly root: TreeMap;

  constructor(private readonly yaml: YamlTree, readonly faults: Fault[] = []) {
    this.root = yaml.root;
  }

  /** The place of the value at this path; of the nearest thing around it where there is none. */
  at(path: TreePath): SourcePlace {
    return this.placeOf(path)?.value ?? this.atKey(path.slice(0, -1));
  }

  /** The place of the key that leads to this path. */
  atKey(path: TreePath): SourcePlace {
    for (let length = path.length; length > 0; length--) {
      const place = this.placeOf(path.slice(0, length));
      if (place) return place.key;
    }
    return this.yaml.top;
  }

  /** The scalar as it is written in the file, its variables not put in. */
  sourceAt(path: TreePath): string | undefined {
    return this.placeOf(path)?.source;
  }

  get(path: TreePath): TreeNode {
    let node: TreeNode = this.root;
    for (const step of path) node = childOf(node, step);
    return node;
  }

  error(at: SourcePlace, message: string): void {
    this.faults.push({ severity: "error", at, message });
  }

  warn(at: SourcePlace, message: string): void {
    this.faults.push({ severity: "warning", at, message });
  }

  /** Gives a value another name, or another map; it keeps its place in the file. */
  move(from: TreeMap, key: string, to: TreeMap, name: string, value: TreeNode = from[key] ?? null): void {
    const place = this.yaml.places.get(from)?.get(key);
    delete from[key];
    to[name] = value;
    if (place) this.placesOf(to).set(name, place);
  }

  /** The map under a key, made where there is none; undefined where something else is there. */
  mapUnder(parent: TreeMap, key: string): TreeMap | undefined {
    const present = parent[key];
    if (present !== undefined && present !== null) return asMap(present);
    return (parent[key] = Object.create(null) as TreeMap);
  }

  private placeOf(path: TreePath): PlaceOf | undefined {
    const last = path.at(-1);
    const container = this.get(path.slice(0, -1));
    if (last === undefined || typeof container !== "object" || container === null) return undefined;
    return this.yaml.places.get(container)?.get(String(last));
  }

  private placesOf(map: TreeMap): Map<string, PlaceOf> {
    const places = this.yaml.places.get(map) ?? new Map<string, PlaceOf>();
    this.yaml.places.set(map, places);
    return places;
  }
}

function childOf(node: TreeNode, step: string | number): TreeNode {
  if (Array.isArray(node)) return node[Number(step)] ?? null;
  return asMap(node)?.[step] ?? null;
}

export function asMap(node: TreeNode | undefined): TreeMap | undefined {
  return typeof node === "object" && node !== null && !Array.isArray(node) ? node : undefined;
}

export function asList(node: TreeNode | undefined): TreeNode[] | undefined {
  return Array.isArray(node) ? node : undefined;
}

export function asText(node: TreeNode | undefined): string | undefined {
  return typeof node === "string" ? node : undefined;
}
