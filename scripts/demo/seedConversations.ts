import type { ChatMessage } from "../../core/domain/chatMessage";
import type { Conversation } from "../../core/domain/conversation";
import type { CallFacts } from "../../core/domain/ledgerEntry";
import { costOf } from "../../core/domain/price";
import { NO_USAGE } from "../../core/domain/usage";
import { uuidv7 } from "../../core/ids";
import { poolsOf } from "./bookCalls";
import { CONVERSATIONS, type DemoConversation } from "./conversations";
import { DOMAIN } from "./institution";
import { DAY_MS } from "./rhythm";
import type { DemoOwner, Happening, SeedDeps } from "./seedInstitution";

const HOUR_MS = 3_600_000;
const TURN_MS = 4 * 60_000;
/** Four letters make a token, nearly. */
const tokensOf = (text: string): number => Math.ceil(text.length / 4);

/** What some people talked about in the chat, each answer with its entry in the ledger. */
export function* conversationsOf(deps: SeedDeps, now: number, find: (address: string) => DemoOwner | undefined): Generator<Happening> {
  for (const [index, plan] of CONVERSATIONS.entries()) {
    for (const [name, daysAgo] of plan.by) {
      yield {
        at: now - daysAgo * DAY_MS - (index + 1) * HOUR_MS / 3,
        run: async () => {
          const owner = find(`${name}@${DOMAIN}`);
          if (owner) await hold(deps, owner, plan);
        },
      };
    }
  }
}

async function hold(deps: SeedDeps, owner: DemoOwner, plan: DemoConversation): Promise<void> {
  const begun = deps.clock();
  const id = uuidv7(begun);
  const messages: ChatMessage[] = [];
  for (const [turn, { question, answer, reasoning }] of plan.turns.entries()) {
    const askedAt = begun + turn * TURN_MS;
    const asked: ChatMessage = { id: uuidv7(askedAt), ...parent(messages), role: "user", text: question, createdAt: askedAt };
    const answered: ChatMessage = {
      id: uuidv7(askedAt), parentId: asked.id, role: "assistant", text: answer, model: plan.model, createdAt: askedAt, status: "done",
      ...(reasoning === undefined ? {} : { reasoning, reasoningMs: 6_200 }),
    };
    const said = [...messages, asked].map(({ text }) => text).join("");
    const booked = await book(deps, owner, plan.model, askedAt, tokensOf(said) + 24, tokensOf(answer + (reasoning ?? "")));
    if (!booked) return;
    messages.push(asked, { ...answered, ...booked });
  }
  const conversation: Conversation = {
    id, ownerId: owner.owner.id, title: plan.title, model: plan.model, createdAt: begun, updatedAt: begun + plan.turns.length * TURN_MS,
    ...(plan.systemPrompt === undefined ? {} : { systemPrompt: plan.systemPrompt }),
  };
  await deps.store.messages.append(id, messages.map((message) => ({ t: "message", message })));
  await deps.store.conversations.put(conversation);
}

const parent = (messages: readonly ChatMessage[]): { parentId?: string } => {
  const last = messages.at(-1);
  return last ? { parentId: last.id } : {};
};

async function book({ store, snapshot }: SeedDeps, owner: DemoOwner, name: string, at: number, inputTokens: number, outputTokens: number) {
  const model = snapshot.models.get(name);
  const pools = poolsOf(owner, undefined, snapshot);
  if (!model || !pools) return undefined;
  const id = uuidv7(at);
  const usage = { ...NO_USAGE, inputTokens, outputTokens };
  const costNano = costOf(usage, model.price);
  const facts: CallFacts = { ownerId: owner.owner.id, via: "chat", operation: "chat", model: name, price: model.price, startedAt: at };
  const held = await store.ledger.hold({ id, facts, lines: pools.map((pool) => ({ ...pool, wantNano: costNano })) }, at);
  if (!held.ok) return undefined;
  const tokensPerSecond = 46;
  await store.ledger.settle({ id, facts, usage, costNano, status: 200, flags: [], settledAt: at + Math.ceil((outputTokens / tokensPerSecond) * 1_000), firstTokenMs: 240 });
  return { requestId: id, inputTokens, outputTokens, costNano, tokensPerSecond };
}
