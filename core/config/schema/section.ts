import { z } from "zod";
import { asMap, type TreePath } from "../configTree";
import type { TreeNode } from "../yamlTree";

/** What is known of a key beside its type: for config.schema.json, the tables of keys and the log on a reload. */
export interface KeyInfo {
  readonly description: string;
  /** The value in force where the key is not there, as one would type it. */
  readonly preset?: string | readonly string[];
  /** Said where the default is no value of its own. */
  readonly presetText?: string;
  /** True where a change takes a restart (docs/rules.md R3). Everything else is hot. */
  readonly restart?: boolean;
  /** How the keys of a free map are called in the tables: `email`. */
  readonly keyName?: string;
}

export const keyInfo = z.registry<KeyInfo>();

type More = Omit<KeyInfo, "description" | "preset">;

export function required<S extends z.ZodType>(schema: S, description: string, more: More = {}): S {
  return noted(schema, { description, ...more });
}

export function optional<S extends z.ZodType>(schema: S, description: string, more: More = {}): z.ZodOptional<S> {
  return noted(schema.optional(), { description, ...more });
}

/** A key with a default, given as one would type it: it is read by the same type. */
export function preset<S extends z.ZodType>(schema: S, value: string | readonly string[], description: string, more: More = {}): z.ZodPrefault<S> {
  return noted(z.prefault(schema, value as z.core.input<S>), { description, preset: value, ...more });
}

/** A section whose keys all have defaults: it may be left out. */
export function filled<S extends z.ZodType>(schema: S, description: string, more: More = {}): z.ZodPrefault<S> {
  return noted(z.prefault(schema, {} as z.core.input<S>), { description, ...more });
}

function noted<S extends z.ZodType>(schema: S, info: KeyInfo): S {
  const described = schema.meta({ description: info.description });
  keyInfo.add(described, info);
  return described;
}

/** A map of known keys, no others. A key without a value is as if it were not there. */
export function section<S extends z.ZodRawShape>(shape: S): z.ZodPreprocess<z.ZodObject<S, z.core.$strict>> {
  return z.preprocess((input) => withoutEmpty(input, shape), z.strictObject(shape));
}

function withoutEmpty(input: unknown, shape: z.ZodRawShape): unknown {
  if (input === null) return {};
  const map = asMap(input as TreeNode);
  if (map === undefined) return input;
  return Object.fromEntries(Object.entries(map).filter(([key, value]) => value !== null || !(key in shape)));
}

/** A map whose keys are names: `users`, `groups`. */
export function named<S extends z.ZodType>(value: S): z.ZodRecord<z.ZodString, S> {
  return z.record(z.string(), value);
}

export const list = <S extends z.ZodType>(element: S): z.ZodArray<S> => z.array(element);

/** The schema without its wrappers: an object, a list, a map of names, or a leaf. */
export function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) return bare(schema.def.innerType as z.ZodType);
  if (schema instanceof z.ZodPipe && schema.def.in instanceof z.ZodTransform) return bare(schema.def.out as z.ZodType);
  return schema;
}

/** The keys that are known at a path of the file; none where it leads to no section. */
export function knownKeys(schema: z.ZodType, path: TreePath): readonly string[] {
  const here = bare(schema);
  const [step, ...rest] = path;
  if (here instanceof z.ZodUnion) return here.options.flatMap((option) => [...knownKeys(option as z.ZodType, path)]);
  if (step === undefined) return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
  if (here instanceof z.ZodArray) return knownKeys(here.element as z.ZodType, rest);
  if (here instanceof z.ZodRecord) return knownKeys(here.valueType as z.ZodType, rest);
  const next = here instanceof z.ZodObject ? (here.shape[step] as z.ZodType | undefined) : undefined;
  return next === undefined ? [] : knownKeys(next, rest);
}
