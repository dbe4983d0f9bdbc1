import { sessionHash } from "../../core/adapters/upstream/chooseCandidate";
import { fieldsOf, listOf } from "../../core/domain/jsonFields";
import type { Exchange } from "../../core/gateway/exchange";

/** Where clients name their session, the most telling first. */
const SESSION_HEADERS = ["x-session-affinity", "session-id", "session_id", "conversation"] as const;

/**
 * What a call's session is called for the choice of its endpoint (docs/wire.md W71): the name that the caller gives it, else
 * the opening of what is said. Always within one owner, so that nobody's choice of names crowds another. Undefined where
 * there is nothing to choose, or nothing that a server would still have in its cache.
 */
export function sessionOf(exchange: Exchange): number | undefined {
  const model = exchange.getModel();
  if (model.endpoints.length < 2) return undefined;
  const { json } = exchange.getBody();
  const owner = exchange.getOwner().id;
  const named = textOf(json["prompt_cache_key"]) ?? namedByHeader(exchange);
  if (named !== undefined) return sessionHash(owner, named);
  const first = firstSaid(json["messages"] ?? json["input"] ?? json["prompt"]);
  const system = saidIn(json["system"] ?? json["instructions"]);
  if (first.user === undefined) return undefined;
  return sessionHash(owner, model.name, system ?? first.system, first.user);
}

function namedByHeader({ req: { headers } }: Exchange): string | undefined {
  for (const name of SESSION_HEADERS) {
    const value = headers[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** The first system and the first user message; a bare text is a user's. */
function firstSaid(messages: unknown): { readonly system?: string; readonly user?: string } {
  if (typeof messages === "string") return { user: messages };
  let system: string | undefined;
  for (const message of listOf(messages)) {
    const fields = fieldsOf(message);
    if (fields?.["role"] === "user") return { system, user: saidIn(fields["content"]) ?? "" };
    if (fields?.["role"] === "system" || fields?.["role"] === "developer") system ??= saidIn(fields["content"]);
  }
  return { system };
}

/** A text, or the first part of a content that has one. */
function saidIn(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  for (const part of listOf(content)) {
    const text = textOf(fieldsOf(part)?.["text"]);
    if (text !== undefined) return text;
  }
  return undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
