import { z } from "zod";
import { leafInfo } from "./schema/leaf";
import { configSchema } from "./schema/root";
import { bare, keyInfo } from "./schema/section";

type Json = Record<string, unknown>;

const VARIABLE = { type: "string", pattern: "\\$\\{" };

/** config.schema.json: what an editor needs to complete and check config.yaml, made from the schema that reads it. */
export function configJsonSchema(): Json {
  const schema = z.toJSONSchema(configSchema, {
    target: "draft-07",
    io: "input",
    unrepresentable: "any",
    reused: "inline",
    override: ({ zodSchema, jsonSchema }) => describe(zodSchema as unknown as z.ZodType, jsonSchema),
  }) as Json;
  return { ...schema, title: "Lumen: config.yaml", properties: withOldNames(schema["properties"] as Json) };
}

/** The text of the file, as it is committed. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

function describe(schema: z.ZodType, json: Json): void {
  const info = keyInfo.get(schema);
  const leaf = leafInfo.get(bare(schema));
  if (leaf) {
    for (const key of Object.keys(json)) if (key !== "description") delete json[key];
    Object.assign(json, acceptsVariables(leaf.json));
  }
  if (json["type"] === "object") Object.assign(json, { type: ["object", "null"] });
  if (json["type"] === "array") Object.assign(json, { type: ["array", "null"] });
  delete json["default"];
  if (info?.preset !== undefined) json["default"] = typeof info.preset === "string" ? typed(info.preset, leaf?.json ?? json) : info.preset;
}

/** Every value may be a variable, and every key may be left empty. */
function acceptsVariables(json: Json): Json {
  const isText = Array.isArray(json["type"]) && json["type"].includes("string") && json["pattern"] === undefined;
  if (isText) return { ...json, type: [...(json["type"] as string[]), "null"] };
  return { anyOf: [json, VARIABLE, { type: "null" }] };
}

/** A default as YAML would read it. */
function typed(text: string, json: Json): unknown {
  const accepts = JSON.stringify(json);
  if (accepts.includes("true,false")) return text === "true";
  return /"(integer|number)"/.test(accepts) && !accepts.includes('"boolean"') ? Number(text) : text;
}

/** `projects` is read still; an editor strikes it out. */
function withOldNames(properties: Json): Json {
  return { ...properties, projects: { ...(properties["clients"] as Json), description: "The old name of clients.", deprecated: true } };
}
