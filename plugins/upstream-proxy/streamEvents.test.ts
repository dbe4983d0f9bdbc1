import { expect } from "chai";
import { coins } from "../../core/domain/testing/snapshots";
import type { EntryFlag, LedgerEntry } from "../../core/domain/ledgerEntry";
import { NO_USAGE } from "../../core/domain/usage";
import { keptHeaders } from "./answerHeaders";
import { dataEvent, DONE_EVENT, stoppedChunk, usageChunk, withCost } from "./streamEvents";

describe("the events that the gateway adds to a stream", () => {
  const entryOf = (flags: readonly EntryFlag[] = []) =>
    ({ costNano: coins("0.0008"), usage: { ...NO_USAGE, inputTokens: 1_000, outputTokens: 300 }, flags }) as unknown as LedgerEntry;
  const last = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_700_000_000, model: "served" };
  const data = (event: Buffer): unknown => {
    const text = event.toString();
    expect(text).to.match(/^data: .*\n\n$/);
    return JSON.parse(text.slice(6));
  };

  it("are data records that end in a blank line", () => {
    expect(dataEvent(Buffer.from('{"a":1}')).toString()).to.equal('data: {"a":1}\n\n');
    expect(DONE_EVENT.toString()).to.equal("data: [DONE]\n\n");
  });

  it("put the cost, and nothing else, into the usage chunk of the upstream", () => {
    const event = Buffer.from('data: {"id":"x","model":"served","choices":[],"usage":{"prompt_tokens":1000, "completion_tokens":300,"odd":1.0}}\r\n\r\n');
    expect(withCost(event, "dummy", entryOf()).toString()).to.equal(
      'data: {"id":"x","model":"dummy","choices":[],"usage":{"prompt_tokens":1000, "completion_tokens":300,"odd":1.0,"cost":"0.0008"}}\n\n',
    );
  });

  it("C8: make a usage chunk of what stands in the ledger, where the upstream gave none", () => {
    expect(data(usageChunk(last, "dummy", entryOf(["estimated"])))).to.deep.equal({
      ...last, model: "dummy", choices: [],
      usage: { prompt_tokens: 1_000, completion_tokens: 300, total_tokens: 1_300, cost: "0.0008", estimated: true },
    });
    expect(data(usageChunk(undefined, "dummy", entryOf()))).to.deep.include({ object: "chat.completion.chunk", model: "dummy", choices: [] });
  });

  it("H4: end a stream whose coins have ended with finish_reason length, and say why", () => {
    expect(data(stoppedChunk(last, "dummy"))).to.deep.equal({
      ...last, model: "dummy", choices: [{ index: 0, delta: {}, finish_reason: "length" }], lumen: { stopped: "insufficient_quota" },
    });
    expect(data(stoppedChunk({ ...last, object: "text_completion" }, "dummy"))).to.deep.include({
      choices: [{ index: 0, text: "", finish_reason: "length" }],
    });
  });
});

describe("the headers of an upstream's answer", () => {
  it("are kept where a caller needs them, and dropped where they are another's", () => {
    expect(keptHeaders({
      "content-type": "application/json", "content-disposition": "attachment", "retry-after": "1", "x-should-retry": "false",
      "openai-processing-ms": "12", "anthropic-ratelimit-tokens-remaining": "7", "set-cookie": ["a=b"], server: "uvicorn",
      "access-control-allow-origin": "*", "content-encoding": "gzip", "transfer-encoding": "chunked", connection: "close",
      "x-ratelimit-remaining-requests": "9", "content-length": "12", "x-request-id": "theirs",
    })).to.deep.equal({
      "content-type": "application/json", "content-disposition": "attachment", "retry-after": "1", "x-should-retry": "false",
      "openai-processing-ms": "12", "anthropic-ratelimit-tokens-remaining": "7",
    });
  });
});
