import type { ReceivedRequest, Responder } from "../../support/fakeUpstream";

const ANSWER = JSON.stringify({
  id: "chatcmpl-fake", object: "chat.completion", created: 1_700_000_000, model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "half a word é and more" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
});

/** A model server that answers one call in pieces, streamed or not as it was asked, so that one script breaks both. */
export class FaultyServer {
  constructor(readonly request: ReceivedRequest, readonly respond: Responder, readonly mayGoOn: Promise<void>) {}

  get streamed(): boolean {
    return this.request.json()["stream"] === true;
  }

  /** The head of a good answer. */
  head(headers: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.streamed) return this.respond.stream(headers);
    return this.respond.head(200, { "content-type": "application/json", ...("transfer-encoding" in headers ? {} : { "content-length": String(Buffer.byteLength(ANSWER)) }), ...headers });
  }

  /** Some text; the first half of an answer that is not streamed. */
  async half(): Promise<void> {
    if (!this.streamed) return this.respond.body(ANSWER.slice(0, 100));
    await this.respond.delta("half a ");
    await this.respond.delta("word");
  }

  /** The other half, and the end. */
  async rest(): Promise<void> {
    if (!this.streamed) return this.respond.end(ANSWER.slice(100));
    await this.respond.finish();
    await this.respond.usage(10, 5);
    await this.respond.done();
  }

  async whole(headers: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.head(headers);
    await this.half();
    await this.rest();
  }

  /** Part of a character of several bytes, inside an event or a body. */
  async halfCharacter(): Promise<void> {
    const text = this.streamed ? 'data: {"choices":[{"index":0,"delta":{"content":"é' : ANSWER.slice(0, ANSWER.indexOf("é") + 1);
    await this.respond.body(Buffer.from(text).subarray(0, -1));
  }
}
