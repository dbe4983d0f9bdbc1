import type { ApiKey } from "../../../core/domain/apiKey";
import type { Owner } from "../../../core/domain/owner";
import { curlCall, helloChat, shellWord } from "../connect/shellText";
import { baseUrlOf } from "../origin";
import type { MemberVisit } from "../visit";
import { usableModels } from "./usableModels";

/** A line for a shell that works as it stands: this service, this key, a model that it may use. */
export async function curlLine(visit: MemberVisit, owner: Owner, apiKey: Pick<ApiKey, "models">, secret: string): Promise<string> {
  const base = baseUrlOf(visit.req, visit.snapshot);
  const usable = await usableModels(visit, owner, apiKey);
  const chats = usable.filter(({ capabilities }) => capabilities.includes("chat"));
  const model = chats.find((one) => visit.deps.upstreams.status(one) === "ok") ?? chats[0];
  const authorization = shellWord(`Authorization: Bearer ${secret}`);
  return model ? curlCall(`${base}/v1/chat/completions`, authorization, helloChat(model.name)) : curlCall(`${base}/v1/models`, authorization);
}
