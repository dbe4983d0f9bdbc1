import { expect } from "chai";
import { inputBound, requestedOutput } from "./inputBound";

function bytesOf(body: unknown): number {
  return new TextEncoder().encode(JSON.stringify(body)).length;
}

function chat(...content: unknown[]): unknown {
  return { model: "m", messages: [{ role: "user", content }] };
}

const BASE64 = "iVBORw0KGgoAAAANSUhEUgAA".repeat(4_000);
const URL = `data:image/png;base64,${BASE64}`;

/** The body's bytes without `media`, one message, and `tokens` for the media. */
function bare(body: unknown, media: string, tokens: number): number {
  return bytesOf(body) - media.length + 8 + tokens;
}

describe("the bound of a call's input", () => {
  it("H1: the bytes of the text, 8 for each message and 64 for each tool", () => {
    const body = { messages: [{ role: "system", content: "ä" }, { role: "user", content: "hi" }], tools: [{}, {}], functions: [{}] };
    expect(inputBound(body, 100)).to.equal(100 + 2 * 8 + 3 * 64);
  });

  it("H1: completions and embeddings are their bytes", () => {
    expect(inputBound({ prompt: "hello" }, 40)).to.equal(40);
    expect(inputBound({ input: ["a", "b"] }, 40)).to.equal(40);
  });

  it("H1: a response is its bytes, 8 for each item and 64 for each tool; its images are 2,000 each", () => {
    const image = { type: "input_image", image_url: URL };
    const body = {
      instructions: "be brief", tools: [{}],
      input: [{ role: "user", content: [{ type: "input_text", text: "look" }, image] }, { type: "function_call_output", call_id: "c", output: [image] }],
    };
    expect(inputBound(body, bytesOf(body), "responses")).to.equal(bytesOf(body) - 2 * URL.length + 2 * (8 + 2_000) + 64);
    expect(inputBound({ input: "hello" }, 40, "responses")).to.equal(40);
  });

  it("H1: a message of Anthropic's kind is its bytes, and an image that a tool gave back is an image", () => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: BASE64 } };
    const body = { system: [{ type: "text", text: "be brief" }], messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [image] }] }] };
    expect(inputBound(body, bytesOf(body), "messages")).to.equal(bare(body, BASE64, 2_000));
  });

  it("H1: a moderation is its bytes, and its images are 2,000 each", () => {
    const body = { input: [{ type: "text", text: "hi" }, { type: "image_url", image_url: { url: URL } }] };
    expect(inputBound(body, bytesOf(body), "moderations")).to.equal(bytesOf(body) - URL.length + 2 * 8 + 2_000);
    expect(inputBound({ input: ["a", "b"] }, 40, "moderations")).to.equal(40);
  });

  it("H1: a reranker reads the query once more with each document", () => {
    expect(inputBound({ query: "ab", documents: ["x", { text: "y" }] }, 50, "rerank")).to.equal(50 + 2 * (6 + 8));
    expect(inputBound({ query: { text: "ab" }, documents: ["x"] }, 50, "rerank")).to.equal(58);
    expect(inputBound({ query: "ab", documents: ["x"], messages: [] }, 50)).to.equal(50);
  });

  const images: readonly [string, unknown, string][] = [
    ["image_url", { type: "image_url", image_url: { url: URL, detail: "high" } }, URL],
    ["image_url as a text", { type: "image_url", image_url: URL }, URL],
    ["input_image", { type: "input_image", image_url: URL }, URL],
    ["image with a base64 source", { type: "image", source: { type: "base64", data: BASE64 } }, BASE64],
  ];
  for (const [title, part, media] of images) {
    it(`H1: ${title} is 2,000 tokens instead of its bytes`, () => {
      const body = chat({ type: "text", text: "what is this?" }, part);
      expect(inputBound(body, bytesOf(body))).to.equal(bare(body, media, 2_000));
    });
  }

  it("H1: a link to an image is its text and 2,000", () => {
    const body = chat({ type: "image_url", image_url: { url: "https://example.edu/a.png" } });
    expect(inputBound(body, bytesOf(body))).to.equal(bare(body, "", 2_000));
  });

  it("H1: each image counts", () => {
    const part = { type: "image_url", image_url: { url: URL } };
    const body = chat(part, part, part);
    expect(inputBound(body, bytesOf(body))).to.equal(bare(body, URL + URL + URL, 6_000));
  });

  it("H1: an inline recording is a token for 64 characters, and at least 2,000", () => {
    const short = "UklGRg".repeat(10);
    const long = "UklGRg".repeat(100_000);
    for (const [data, tokens] of [[short, 2_000], [long, 9_375]] as const) {
      const body = chat({ type: "input_audio", input_audio: { data, format: "wav" } });
      expect(inputBound(body, bytesOf(body))).to.equal(bare(body, data, tokens));
    }
    const body = chat({ type: "video_url", video_url: { url: `data:video/mp4;base64,${long}` } });
    expect(inputBound(body, bytesOf(body))).to.equal(bare(body, `data:video/mp4;base64,${long}`, 9_376));
  });

  const asText: readonly [string, unknown][] = [
    ["text beside an image field", { type: "text", text: "x".repeat(9_000) }],
    ["a file", { type: "file", file: { file_data: URL } }],
    ["an unknown part", { type: "hologram", image_url: { url: URL } }],
    ["a part named like something inherited", { type: "constructor", image_url: { url: URL } }],
    ["a part without a type", { image_url: { url: URL } }],
    ["no object", "just text"],
    ["null", null],
  ];
  for (const [title, part] of asText) {
    it(`H1: ${title} is counted by its bytes`, () => {
      const body = chat(part);
      expect(inputBound(body, bytesOf(body))).to.equal(bytesOf(body) + 8);
    });
  }

  it("H1: prose in the place of a recording is text", () => {
    const body = chat({ type: "input_audio", input_audio: { data: "read this out loud. ".repeat(500) } });
    expect(inputBound(body, bytesOf(body))).to.equal(bare(body, "", 2_000));
  });

  it("H1: a body that is no object is its bytes, and no bound is below 0", () => {
    for (const body of [undefined, null, "x", 7, [], true]) expect(inputBound(body, 12)).to.equal(12);
    expect(inputBound({ messages: "x", tools: {} }, 12)).to.equal(12);
    expect(inputBound(chat({ type: "image_url", image_url: { url: URL } }), 0)).to.equal(0);
  });
});

describe("the output that is asked for", () => {
  const requests: readonly [string, unknown, number | undefined, number][] = [
    ["nothing", {}, undefined, 1],
    ["max_tokens", { max_tokens: 5 }, 5, 1],
    ["max_completion_tokens", { max_completion_tokens: 7 }, 7, 1],
    ["both: max_completion_tokens counts", { max_tokens: 5, max_completion_tokens: 7 }, 7, 1],
    ["null is nothing", { max_tokens: null, max_completion_tokens: null }, undefined, 1],
    ["null falls to the other", { max_tokens: 5, max_completion_tokens: null }, 5, 1],
    ["0", { max_tokens: 0 }, 0, 1],
    ["below 0 is no limit", { max_tokens: -1 }, undefined, 1],
    ["text with a number, as lenient servers read it", { max_tokens: "12", n: "3" }, 12, 3],
    ["what is no number", { max_tokens: "many", n: {} }, undefined, 1],
    ["an empty text", { max_tokens: "" }, undefined, 1],
    ["a fraction counts whole", { max_tokens: 1.5, n: 1.5 }, 2, 2],
    ["a number beyond all numbers is none", { max_tokens: Infinity }, undefined, 1],
    ["a huge number stays an integer", { max_tokens: 1e300 }, Number.MAX_SAFE_INTEGER, 1],
    ["n", { max_tokens: 5, n: 4 }, 5, 4],
    ["n of 0 is one", { n: 0 }, undefined, 1],
    ["best_of", { prompt: "x", best_of: 6, n: 2 }, undefined, 6],
    ["a list of prompts is answered one by one", { prompt: ["a", "b", "c"], n: 2 }, undefined, 6],
    ["a list of token lists as well", { prompt: [[1, 2], [3]] }, undefined, 2],
    ["a list of tokens is one prompt", { prompt: [1, 2, 3] }, undefined, 1],
    ["no object", "x", undefined, 1],
  ];
  for (const [title, body, limit, choices] of requests) {
    it(`H1: ${title}`, () => {
      expect(requestedOutput(body)).to.deep.equal({ limit, choices });
    });
  }

  it("H1: what only reads its input has no output", () => {
    for (const operation of ["embeddings", "moderations", "rerank", "count_tokens"] as const) {
      expect(requestedOutput({ input: "x", max_tokens: 9, n: 4 }, operation)).to.deep.equal({ limit: 0, choices: 1 });
    }
  });

  it("H1: responses and messages name their limit in one field, and answer once", () => {
    expect(requestedOutput({ max_output_tokens: 9, max_tokens: 7, n: 4 }, "responses")).to.deep.equal({ limit: 9, choices: 1 });
    expect(requestedOutput({ max_tokens: 7, max_completion_tokens: 9, n: 4 }, "messages")).to.deep.equal({ limit: 7, choices: 1 });
    expect(requestedOutput({ max_tokens: 7 }, "responses")).to.deep.equal({ limit: undefined, choices: 1 });
    expect(requestedOutput({ max_output_tokens: null }, "responses")).to.deep.equal({ limit: undefined, choices: 1 });
  });
});
