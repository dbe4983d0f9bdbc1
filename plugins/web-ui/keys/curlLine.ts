import type { ApiKey } from "../../../core/domain/apiKey";
import type { CatalogModel } from "../../../core/domain/modelCatalog";
import type { Owner } from "../../../core/domain/owner";
import { baseUrlOf } from "../origin";
import type { MemberVisit } from "../visit";
import { usableModels } from "./usableModels";

/** A line for a shell that works as it stands: this service, this key, a model that it may use. */
export async function curlLine(visit: MemberVisit, owner: Owner, apiKey: Pick<ApiKey, "models">, secret: string): Promise<string> {
  const base = baseUrlOf(visit.req, visit.snapshot);
  const usable = await usableModels(visit, owner, apiKey);
  const chats = usable.filter(({ capabilities }) => capabilities.includes("chat"));
  const model = chats.find((one) => visit.deps.upstreams.status(one) === "ok") ?? chats[0];
  const key = `-H ${quoted(`Authorization: Bearer ${secret}`)}`;
  if (!model) return `curl ${quoted(`${base}/v1/models`)} \\\n  ${key}`;
  return [
    `curl ${quoted(`${base}/v1/chat/completions`)}`,
    key,
    `-H ${quoted("Content-Type: application/json")}`,
    `-d ${quoted(bodyFor(model))}`,
  ].join(" \\\n  ");
}

function bodyFor({ name }: CatalogModel): string {
  return JSON.stringify({ model: name, messages: [{ role: "user", content: "Hello" }] });
}

/** One word for a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
