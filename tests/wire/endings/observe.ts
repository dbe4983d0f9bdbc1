import { createGate, type ReceivedRequest } from "../../support/fakeUpstream";
import type { WireAnswer } from "../support/answerReader";
import { CHAT, type WireBench } from "../support/wireBench";
import type { Ending, Outcome } from "./ending";
import { FaultyServer } from "./faultyServer";

let clients = 0;

/** Lets a call end this way, and says what came of it in the words of the table. */
export async function observe(bench: WireBench, ending: Ending, streamed: boolean): Promise<Outcome> {
  const gate = createGate();
  const arrived = createGate();
  const requests: ReceivedRequest[] = [];
  if (ending.overKept) await leaveConnection(bench);
  bench.upstream.always((request, respond) => {
    const first = requests.push(request) === 1;
    arrived.open();
    const server = new FaultyServer(request, respond, gate.opened);
    return (first || ending.everyTime) && ending.server ? ending.server(server) : server.whole();
  });
  const name = `client-${++clients}`;
  const key = ending.ownKey ? { ...(await bench.newKey(name, ending.ownKey)), client: name } : { id: "", key: bench.key, client: "bot" };
  const client = await bench.open();
  try {
    const ended = bench.ended();
    const answer = client.answer();
    if (!ending.sendsItself) await client.send(bench.request({ key: key.key, body: { ...CHAT, model: ending.model ?? "m", stream: streamed } }));
    const left = await ending.caller?.({ bench, client, streamed, key, arrived: arrived.opened, goOn: () => gate.open() });
    const wire = left === "left" ? await serverIsTold(requests) : wireOf(await answer);
    return [wire, await ledgerOf(bench, (await ended).request_id)];
  } finally {
    gate.open();
    client.leave();
  }
}

/** A call that ends well, and whose connection to the server is kept. */
async function leaveConnection(bench: WireBench): Promise<void> {
  bench.upstream.always((_request, respond) => respond.json(200, {}));
  const { headers } = await bench.call();
  await bench.ended(headers["x-request-id"]);
}

async function serverIsTold(requests: readonly ReceivedRequest[]): Promise<string> {
  if (requests.length === 0) return "the server never hears of it";
  await Promise.all(requests.map(({ closed }) => closed));
  return "the server's connection is closed";
}

async function ledgerOf(bench: WireBench, requestId: string): Promise<string> {
  const entry = await bench.ledger.entry(requestId);
  if (!entry) return "no entry";
  const charged = entry.costNano === 0n ? "free" : entry.usage.outputTokens === 0 ? "input charged" : "input and output charged";
  return [String(entry.status), ...entry.flags.filter((flag) => flag !== "estimated"), charged + (entry.flags.includes("estimated") ? " by estimate" : "")].join(", ");
}

function wireOf(answer: WireAnswer): string {
  const { status, headers, body, whole } = answer;
  if (status === 0) return "no answer";
  const text = body.toString("utf8");
  if (headers["content-type"]?.startsWith("text/event-stream")) return `${status}: ${[...eventsOf(text), ...(whole ? [] : ["cut off"])].join(", ")}`;
  const code = errorCodeOf(text);
  if (code !== undefined) return `${status} ${code}`;
  return `${status}: ${whole ? "the whole answer" : "a part of the answer, cut off"}`;
}

function eventsOf(text: string): string[] {
  const names = text.split(/(?<=\n\n|\r\n\r\n|\r\r)/).map(nameOf);
  return names.filter((name, at) => name !== names[at - 1]);
}

function nameOf(event: string): string {
  if (!/[\r\n]{2}$/.test(event)) return "half an event";
  if (event.startsWith(":")) return "comment";
  const data = event.replace(/^data: ?/, "").trim();
  if (data === "[DONE]") return "`[DONE]`";
  const code = errorCodeOf(data);
  if (code !== undefined) return `error ${code}`;
  const json = parse(data) as { choices?: { finish_reason?: unknown; delta?: { content?: string } }[]; usage?: object } | undefined;
  const [choice] = json?.choices ?? [];
  if (typeof choice?.finish_reason === "string") return `finish reason \`${choice.finish_reason}\``;
  return choice?.delta?.content ? "text" : json?.usage ? "usage" : "data";
}

function errorCodeOf(text: string): string | undefined {
  const { error } = (parse(text) ?? {}) as { error?: { code?: string | null } };
  return error === undefined ? undefined : error.code ? `\`${error.code}\`` : "of the server's own words";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
