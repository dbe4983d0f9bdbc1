import { z } from "zod";
import { leafInfo } from "./schema/leaf";
import { configSchema } from "./schema/root";
import { bare, keyInfo } from "./schema/section";

/** One key of config.yaml, for the tables of the help pages and `lumen config keys`. */
export interface KeyRow {
  /** `clients.<name>.max`, `models[].endpoints[].url` */
  readonly path: string;
  readonly type: string;
  /** As one would type it; in round brackets where it is no fixed value; empty: none. */
  readonly default: string;
  readonly description: string;
  /** True: a change takes a restart. False: it is in force for the next request (docs/rules.md R3). */
  readonly restart: boolean;
}

/** Every key there is, in the order of the schema: a section before its keys. */
export function keyTable(): readonly KeyRow[] {
  return rowsOf(configSchema, "");
}

function rowsOf(schema: z.ZodType, path: string): readonly KeyRow[] {
  const here = bare(schema);
  if (here instanceof z.ZodObject) {
    return Object.entries(here.shape as Record<string, z.ZodType>).flatMap(([key, value]) => {
      const own = path === "" ? key : `${path}.${key}`;
      return [rowOf(value, own), ...rowsOf(value, own + suffixOf(value))];
    });
  }
  if (here instanceof z.ZodArray) return rowsOf(here.element as z.ZodType, path);
  if (here instanceof z.ZodRecord) return rowsOf(here.valueType as z.ZodType, path);
  if (here instanceof z.ZodUnion) return here.options.flatMap((option) => [...rowsOf(option as z.ZodType, path)]);
  return [];
}

function rowOf(schema: z.ZodType, path: string): KeyRow {
  const info = keyInfo.get(schema);
  return {
    path,
    type: typeOf(schema),
    default: info?.presetText === undefined ? presetText(info?.preset) : `(${info.presetText})`,
    description: info?.description ?? "",
    restart: info?.restart ?? false,
  };
}

function presetText(preset: string | readonly string[] | undefined): string {
  if (preset === undefined) return "";
  if (typeof preset === "string") return preset === "" ? '""' : preset;
  return `[${preset.join(", ")}]`;
}

function suffixOf(schema: z.ZodType): string {
  const here = bare(schema);
  if (here instanceof z.ZodArray) return "[]";
  return here instanceof z.ZodRecord ? `.<${keyInfo.get(schema)?.keyName ?? "name"}>` : "";
}

function typeOf(schema: z.ZodType): string {
  const here = bare(schema);
  const leaf = leafInfo.get(here);
  if (leaf) return leaf.label;
  if (here instanceof z.ZodArray) return `list of: ${typeOf(here.element as z.ZodType)}`;
  if (here instanceof z.ZodRecord) return `map of: ${typeOf(here.valueType as z.ZodType)}`;
  if (here instanceof z.ZodUnion) return here.options.map((option) => typeOf(option as z.ZodType)).join(", or ");
  return "section";
}
