import http from "node:http";
import { CHAT_PATH, chatBody, DENIED_MODEL, MODEL, UNCONSENTED_MODEL, UPSTREAM_MODEL } from "../workload";
import type { BooksAfter } from "./books";
import type { LumenServer } from "./startLumenServer";

/** One thing that must be so for the figures to mean anything. */
export interface Proof {
  readonly what: string;
  readonly holds: boolean;
  readonly found: string;
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: { readonly model?: string; readonly error?: { readonly code?: string } };
}

/** Each shipped policy is crossed: it refuses what it has to refuse, and leaves its mark on what passes. One 200 is answered. */
export async function provePolicies({ url, keys }: LumenServer): Promise<readonly Proof[]> {
  const refused = async (what: string, answer: Promise<Answer>, status: number, code: string): Promise<Proof> => {
    const { status: got, body } = await answer;
    return { what, holds: got === status && body.error?.code === code, found: `${got} ${body.error?.code ?? ""}` };
  };
  const good = await post(url, keys.client, MODEL);
  const marked = (what: string, name: string, looksGood: (value: string) => boolean): Proof => {
    const value = String(good.headers[name] ?? "(none)");
    return { what, holds: looksGood(value), found: `${name}: ${value}` };
  };
  return [
    await refused("key: no key is refused", post(url, undefined, MODEL), 401, "invalid_api_key"),
    await refused("access: a model that is not listed is refused", post(url, keys.client, DENIED_MODEL), 403, "model_access_denied"),
    await refused("consent: a model without consent is refused", post(url, keys.client, UNCONSENTED_MODEL), 403, "consent_required"),
    await refused("hold: an empty pool is refused", post(url, keys.poorClient, MODEL), 429, "insufficient_quota"),
    { what: "a good call is answered, under the public name", holds: good.status === 200 && good.body.model === MODEL, found: `${good.status} ${good.body.model ?? ""}` },
    marked("rate limit: it counts", "x-ratelimit-remaining-requests", (value) => Number(value) > 0 && Number(value) < 1_000_000),
    marked("settlement: the answer tells its cost", "x-lumen-cost", (value) => Number(value) > 0),
    marked("upstream: the model server's own name is told", "x-lumen-upstream-model", (value) => value === UPSTREAM_MODEL),
    marked("front door: the request has an id", "x-request-id", (value) => value.length === 36),
  ];
}

/** What is on the disk after the server has stopped: every answered call once, and books that add up. */
export function proveBooks({ totals, ledger }: BooksAfter, answered: number): readonly Proof[] {
  return [
    { what: "the ledger has exactly the calls that were answered 200", holds: totals.requests === answered, found: `${totals.requests} of ${answered}` },
    { what: "verify: the books are exact", holds: ledger.exact, found: ledger.exact ? `${ledger.entries} entries, ${ledger.coins} coins` : ledger.differences.join("; ") },
    { what: "no hold is left open", holds: ledger.openHolds === 0, found: String(ledger.openHolds) },
  ];
}

function post(url: string, key: string | undefined, model: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
    const request = http.request(url + CHAT_PATH, { method: "POST", headers, agent: false }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (part: string) => (text += part));
      res.on("end", () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: JSON.parse(text) as Answer["body"] }));
    });
    request.on("error", reject).end(chatBody(model));
  });
}
