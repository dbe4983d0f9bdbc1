import { repeatedName } from "../adapters/wire/jsonScan";
import { fieldsOf, listOf, type Fields } from "../domain/jsonFields";
import type { Operation } from "../domain/ledgerEntry";
import { CodedError } from "../errors/codedError";
import type { RequestBody } from "./body";

/** Where a body may name what lies at the provider. */
interface Guard {
  /** Members of the body itself. */
  readonly own: readonly string[];
  /** Names that say it at any depth below a member of the body. */
  readonly below: Readonly<Record<string, readonly string[]>>;
  /** Without one of these in its bytes, a body says it by `own` alone, or by an item without a type. */
  readonly toldBy: readonly string[];
  /** Decided by, so none may come twice in an object: a server might read the other one. */
  readonly once: ReadonlySet<string>;
}

const TOOLS = ["file_id", "file_ids", "vector_store_ids", "container_id", "skill_id"];
const MESSAGES: Guard = { own: ["container"], below: { messages: ["file_id"] }, toldBy: ["file_id"], once: new Set(["file_id"]) };

const GUARDS: Readonly<Partial<Record<Operation, Guard>>> = {
  chat: { ...MESSAGES, own: [] },
  messages: MESSAGES,
  count_tokens: MESSAGES,
  responses: {
    own: ["prompt"],
    below: { input: ["file_id"], tools: TOOLS },
    toldBy: ["file_id", "vector_store_ids", "container", "skill_id", "item_reference", "image_generation_call"],
    once: new Set(["type", "id", "role", "result", "container", ...TOOLS]),
  },
};

/** What stands below these is a schema, the arguments of a call, or what an answer once quoted: its names are anybody's. */
const FREE: ReadonlySet<string> = new Set(["parameters", "input_schema", "input", "annotations", "citations"]);

/**
 * Refuses a body that names what is stored at the provider: all owners share the endpoint's key, and whose it is nobody knows
 * (docs/wire.md W44).
 * @throws CodedError unsupported_parameter, naming the place
 */
export function refuseStoredReferences(operation: Operation | undefined, body: RequestBody): void {
  const guard = operation && GUARDS[operation];
  if (guard === undefined || body.kind !== "json") return;
  const { raw, json } = body;
  for (const name of guard.own) if (isSaid(json[name])) throw refused(name);
  if (operation === "responses") refuseUntypedItems(json);
  if (!guard.toldBy.some((word) => raw.includes(word)) && !raw.includes("\\u")) return;
  const twice = repeatedName(raw, guard.once);
  if (twice !== undefined) throw new CodedError("unsupported_parameter", { message: `The parameter '${twice}' comes twice in one object. Send it once.`, param: twice });
  if (operation === "responses") refuseNamedItems(json);
  for (const [member, names] of Object.entries(guard.below)) refuseBelow(json[member], member, names);
}

/** An `item_reference` may leave its type out: then it has an id, and is no message. */
function refuseUntypedItems(json: Fields): void {
  listOf(json["input"]).forEach((item, index) => {
    const { type, role, id } = fieldsOf(item) ?? {};
    if (!isSaid(type) && !isSaid(role) && isSaid(id)) throw refusedItem(index);
  });
}

function refuseNamedItems(json: Fields): void {
  listOf(json["input"]).forEach((item, index) => {
    const { type, result } = fieldsOf(item) ?? {};
    // A picture that does not come with the call is fetched by its id.
    if (type === "item_reference" || (type === "image_generation_call" && !isSaid(result))) throw refusedItem(index);
  });
  listOf(json["tools"]).forEach((tool, index) => {
    if (typeof fieldsOf(tool)?.["container"] === "string") throw refused(`tools[${index}].container`);
  });
}

/** Nesting is bounded where the body was read. */
function refuseBelow(value: unknown, place: string, names: readonly string[]): void {
  if (Array.isArray(value)) {
    value.forEach((one, index) => refuseBelow(one, `${place}[${index}]`, names));
    return;
  }
  for (const [name, inner] of Object.entries(fieldsOf(value) ?? {})) {
    if (names.includes(name) && isSaid(inner)) throw refused(`${place}.${name}`);
    if (typeof inner === "object" && !FREE.has(name)) refuseBelow(inner, `${place}.${name}`, names);
  }
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

function refused(place: string): CodedError {
  const message = `The parameter '${place}' names what is stored at the model's provider, where all callers share one account. Send the content itself.`;
  return new CodedError("unsupported_parameter", { message, param: place });
}

function refusedItem(index: number): CodedError {
  const place = `input[${index}]`;
  const message = `The item '${place}' is only a reference to one that is stored at the model's provider, where all callers share one account. Send the item itself: clients do so where 'store' is false.`;
  return new CodedError("unsupported_parameter", { message, param: place });
}
