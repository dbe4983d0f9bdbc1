import { expect } from "chai";
import { testEndpoint } from "../../core/adapters/upstream/testServers";
import type { Exchange } from "../../core/gateway/exchange";
import { modelOf } from "../../core/services/testing/snapshots";
import { sessionOf } from "./sessionOf";

const TWO = ["http://gpu1/v1", "http://gpu2/v1"].map((url) => testEndpoint(url));

interface Call {
  readonly owner?: string;
  readonly model?: string;
  readonly endpoints?: typeof TWO;
  readonly headers?: Readonly<Record<string, string>>;
}

function session(json: object, { owner = "anna", model = "m", endpoints = TWO, headers = {} }: Call = {}): number | undefined {
  return sessionOf({
    getModel: () => modelOf({ name: model, endpoints }), getBody: () => ({ json }), getOwner: () => ({ id: owner }), req: { headers },
  } as unknown as Exchange);
}

const says = (user: unknown, system?: unknown, ...more: object[]) =>
  ({ messages: [...(system === undefined ? [] : [{ role: "system", content: system }]), { role: "user", content: user }, ...more] });

describe("W71: a call's session", () => {
  const same: [sentence: string, one: number | undefined, other: number | undefined][] = [
    ["is its prompt_cache_key, whatever is said", session({ prompt_cache_key: "k", ...says("a") }), session({ prompt_cache_key: "k", ...says("b") })],
    ["is its prompt_cache_key before any header", session({ prompt_cache_key: "k" }), session({ prompt_cache_key: "k" }, { headers: { "session-id": "s" } })],
    ...["x-session-affinity", "session-id", "session_id", "conversation"].map((name): [string, number | undefined, number | undefined] =>
      [`is named by the header ${name}`, session(says("a"), { headers: { [name]: "s" } }), session(says("b"), { headers: { [name]: "s" } })]),
    ["goes on as the conversation grows", session(says("a", "be kind")), session(says("a", "be kind", { role: "assistant", content: "b" }, { role: "user", content: "c" }))],
    ["is read from parts as from a text", session(says("a", "be kind")), session(says([{ type: "text", text: "a" }], [{ type: "text", text: "be kind" }]))],
    ["is read from a developer's message as from the system's", session(says("a", "b")), session({ messages: [{ role: "developer", content: "b" }, { role: "user", content: "a" }] })],
    ["is read from the instructions and the input", session({ instructions: "b", input: "a" }), session(says("a", "b"))],
    ["is read from a prompt", session({ prompt: "a" }), session(says("a"))],
  ];
  for (const [sentence, one, other] of same) {
    it(sentence, () => expect(one).to.be.a("number").that.equals(other));
  }

  it("is another for another owner, model, opening, system text or name", () => {
    const all = [
      session(says("a")), session(says("a"), { owner: "ben" }), session(says("a"), { model: "n" }), session(says("b")), session(says("a", "s")),
      session({ prompt_cache_key: "k" }), session({ prompt_cache_key: "k" }, { owner: "ben" }), session({ prompt_cache_key: "l" }),
    ];
    expect(new Set(all).size).to.equal(all.length);
  });

  it("is none where there is one endpoint", () => expect(session(says("a"), { endpoints: TWO.slice(1) })).to.equal(undefined));

  for (const json of [{}, { messages: [] }, { messages: 7 }, { messages: [null, 7, { role: "assistant" }] }, { input: ["a", "b"] }]) {
    it(`is none in ${JSON.stringify(json)}`, () => expect(session(json)).to.equal(undefined));
  }
});
