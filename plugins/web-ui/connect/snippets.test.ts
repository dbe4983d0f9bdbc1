import { expect } from "chai";
import type { Capability } from "../../../core/domain/modelCatalog";
import { modelOf } from "../../../core/services/testing/snapshots";
import { callSnippets, toolSnippets } from "./snippets";

const BASE = "https://lumen.example.edu";
const codeOf = (snippets: readonly { readonly id: string; readonly code?: string }[], id: string) => snippets.find((one) => one.id === id)?.code;

describe("ready configuration", () => {
  const all = modelOf({ name: "big", capabilities: ["chat", "responses", "messages"], contextWindow: 32_768, maxOutputTokens: 4_096 });
  const chat = modelOf({ name: "o'small" });

  it("is JSON that OpenCode reads, with each model that chats", () => {
    const config = JSON.parse(codeOf(toolSnippets(BASE, "Lumen", [all, chat, modelOf({ name: "e", capabilities: ["embeddings"] })]), "opencode") ?? "") as {
      provider: { lumen: { options: object; models: Record<string, { limit?: object }> } };
    };
    expect(config.provider.lumen.options).to.deep.equal({ baseURL: `${BASE}/v1`, apiKey: "{env:LUMEN_API_KEY}" });
    expect(Object.keys(config.provider.lumen.models)).to.deep.equal(["big", "o'small"]);
    expect(config.provider.lumen.models["big"]?.limit).to.deep.equal({ context: 32_768, output: 4_096 });
  });

  it("is for Codex and Claude Code where a model serves what they speak, else says that none does", () => {
    expect(codeOf(toolSnippets(BASE, "Lumen", [chat, all]), "codex")).to.include('model = "big"').and.include('wire_api = "responses"');
    expect(codeOf(toolSnippets(BASE, "Lumen", [chat, all]), "claude-code")).to.include(`ANTHROPIC_BASE_URL='${BASE}'`).and.include("ANTHROPIC_MODEL='big'").and.include("HAIKU_MODEL='big'");
    for (const { id, code, unfit } of toolSnippets(BASE, "Lumen", [chat])) expect(code === undefined, `${id}: ${unfit}`).to.equal(id === "codex" || id === "claude-code");
  });

  it("quotes names for the shell", () => {
    expect(codeOf(callSnippets(BASE, chat), "curl")).to.include(`'{"model":"o'\\''small"`);
  });

  it("calls a model by what it serves, in the shell alone where the clients have no method", () => {
    const of = (...capabilities: Capability[]) => callSnippets(BASE, modelOf({ name: "m", capabilities }));
    expect(codeOf(of("responses"), "python")).to.include('client.responses.create(model="m"');
    expect(codeOf(of("moderations"), "javascript")).to.include("client.moderations.create(");
    expect(codeOf(of("messages"), "curl")).to.include(`${BASE}/v1/messages`).and.include('"max_tokens":1024');
    expect(of("rerank").map(({ id }) => id)).to.deep.equal(["curl"]);
  });

  it("has nothing for a model that is not served in text", () => {
    expect(callSnippets(BASE, modelOf({ name: "voice", capabilities: ["speech"] }))).to.deep.equal([]);
  });
});
