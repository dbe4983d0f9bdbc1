import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Fault } from "../config/fault";
import { readYaml, type YamlSource } from "./yamlSource";

const names = z.union([z.string(), z.array(z.string()).min(1)]);

const apiEndpoint = z.strictObject({
  host: z.string().optional(),
  hostRegex: z.string().optional(),
  paths: names.optional(),
  path: names.optional(),
  pathRegex: z.string().optional(),
  methods: names.optional(),
  scopes: z.array(z.string()).optional(),
});

const step = z
  .strictObject({ action: z.record(z.string(), z.unknown()).nullish(), condition: z.looseObject({ name: z.string() }).nullish() })
  .nullable();

const pipeline = z.strictObject({
  apiEndpoints: names,
  policies: z.array(z.record(z.string(), z.union([step, z.array(step)]))).min(1),
});

/** gateway.config.yml: the host drops what it does not understand without a word, so it is checked here first. */
const gatewayFile = z.strictObject({
  http: z.strictObject({ port: z.int().min(0).max(65_535), hostname: z.string().optional() }).optional(),
  https: z.looseObject({ port: z.int().min(0).max(65_535), hostname: z.string().optional() }).optional(),
  admin: z.looseObject({}).optional(),
  apiEndpoints: z.record(z.string(), z.union([apiEndpoint, z.array(apiEndpoint)])),
  serviceEndpoints: z.record(z.string(), z.looseObject({})).nullish(),
  policies: z.array(z.string()),
  pipelines: z.record(z.string(), pipeline),
});

const systemFile = z.looseObject({
  plugins: z.record(z.string(), z.looseObject({ package: z.string().optional() }).nullable()),
  db: z.looseObject({ redis: z.looseObject({}) }),
});

export type GatewayFile = z.infer<typeof gatewayFile>;
export type SystemFile = z.infer<typeof systemFile>;

/** One of the host's two files as it was read, or what is wrong with it. */
export interface HostFile<T> {
  readonly value?: T;
  readonly source: YamlSource;
  readonly faults: readonly Fault[];
}

export function readGatewayFile(file: string, env: NodeJS.ProcessEnv): Promise<HostFile<GatewayFile>> {
  return readChecked(file, env, gatewayFile);
}

export function readSystemFile(file: string, env: NodeJS.ProcessEnv): Promise<HostFile<SystemFile>> {
  return readChecked(file, env, systemFile);
}

async function readChecked<T>(file: string, env: NodeJS.ProcessEnv, schema: z.ZodType<T>): Promise<HostFile<T>> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== "string") {
    const source = readYaml("", file, env);
    return { source, faults: [source.fault([], `cannot be read (${text.code ?? text.message}): check the path and its permissions`)] };
  }
  const source = readYaml(text, file, env);
  if (source.faults.length > 0) return { source, faults: source.faults };
  const parsed = schema.safeParse(source.value);
  if (parsed.success) return { value: parsed.data, source, faults: [] };
  return { source, faults: parsed.error.issues.flatMap((issue) => issueFaults(source, issue)) };
}

function issueFaults(source: YamlSource, issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  const where = path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => source.fault([...path, key], `unknown key '${key}'${where ? ` in ${where}` : ""}`));
  }
  return [source.fault(path, `${where || "the file"}: ${issue.message}`)];
}
