import { expect } from "chai";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { projectRoot } from "../environment";
import { configJsonSchema, configJsonSchemaText } from "./jsonSchema";
import { keyTable } from "./keyTable";
import { withKeyTables } from "./keyTableMarkdown";
import { loadConfig } from "./loadConfig";
import { RESTART_KEYS } from "./restartKeys";

const committed = (...name: string[]) => readFile(path.join(projectRoot(), ...name), "utf8");
const AGAIN = "run `node dist/scripts/writeConfigSchema.js` after a build";

interface Json {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly items?: Json;
  readonly additionalProperties?: Json | boolean;
  readonly anyOf?: readonly Json[];
  readonly description?: string;
  readonly default?: unknown;
}

describe("what is made from the schema", () => {
  it("is config.schema.json as it is committed", async () => {
    expect(configJsonSchemaText() === (await committed("config.schema.json")), AGAIN).to.equal(true);
  });

  it("is the tables of docs/configuration.md as they are committed", async () => {
    const document = await committed("docs", "configuration.md");
    expect(withKeyTables(document) === document, AGAIN).to.equal(true);
  });

  it("describes every key in one sentence", () => {
    const rows = keyTable();
    expect(rows.length).to.be.greaterThan(150);
    for (const { path: key, description, type } of rows) {
      expect(description, key).to.match(/^[A-Z`].*[.:]$/);
      expect(type, key).not.to.equal("");
    }
    expect(new Set(rows.map(({ path: key }) => key)).size).to.equal(rows.length);
  });

  it("marks exactly those keys for a restart that a reload leaves alone (R3)", () => {
    const marked = keyTable().filter(({ restart }) => restart).map(({ path: key }) => key);
    expect(marked.sort()).to.deep.equal(Object.keys(RESTART_KEYS).sort());
  });

  it("knows the same keys for editors as for the tables", () => {
    const keys = keysOf(configJsonSchema() as Json, "").filter((key) => !key.startsWith("projects"));
    expect([...new Set(keys)].sort()).to.deep.equal(keyTable().map(({ path: key }) => key.replaceAll(/<[^>]+>/g, "<>")).sort());
  });

  it("gives editors defaults as YAML would read them", () => {
    const { properties } = configJsonSchema() as Json;
    const at = (section: string, key: string) => properties?.[section]?.properties?.[key]?.default;
    expect([at("app", "name"), at("app", "gravatar"), at("coins", "minimum_output_tokens"), at("server", "workers"), at("admins", "x")])
      .to.deep.equal(["Lumen", true, 256, 1, undefined]);
  });
});

describe("the shipped config.yaml", () => {
  it("loads without a warning, in an empty environment", async () => {
    const { snapshot, faults } = await loadConfig(path.join(projectRoot(), "config.yaml"), {}, { themesFolder: path.join(projectRoot(), "themes") });
    expect(faults).to.deep.equal([]);
    expect([...(snapshot?.models.keys() ?? [])]).to.deep.equal(["dummy", "dummy-media"]);
    expect(snapshot?.models.get("dummy")?.endpoints.map(({ url }) => url)).to.deep.equal(["demo:"]);
    expect(snapshot?.models.get("dummy")?.capabilities).to.deep.equal(["chat", "completions", "responses", "messages", "embeddings", "moderations", "rerank"]);
    expect(snapshot?.models.get("dummy-media")?.capabilities).to.deep.equal(["transcriptions", "translations", "speech", "images"]);
    expect(snapshot?.rateLimiting.windows).to.deep.equal([]);
    expect(snapshot?.demo.enabled).to.equal(true);
  });

  it("gives users and clients coins, and the model dummy", async () => {
    const { snapshot } = await loadConfig(path.join(projectRoot(), "config.yaml"), {});
    expect(snapshot?.clients.default?.pool.max?.value).to.equal(100_000_000_000n);
    expect(snapshot?.clients.default?.pool.refresh?.value).to.equal(50_000_000n);
    for (const owners of [snapshot?.clients.default, snapshot?.users.default]) {
      expect(owners?.access?.default?.value).to.equal("blacklist");
      expect(owners?.access?.models.get("dummy")?.value).to.equal("whitelist");
      expect(owners?.pool.starting?.value).to.not.equal(0n);
    }
  });

  it("tells editors where its schema is, on the first line", async () => {
    expect((await committed("config.yaml")).split("\n")[0]).to.equal("# yaml-language-server: $schema=./config.schema.json");
  });
});

function keysOf(json: Json, at: string): string[] {
  const own = Object.entries(json.properties ?? {}).flatMap(([key, value]) => {
    const here = at === "" ? key : `${at}.${key}`;
    return [here, ...keysOf(value, here)];
  });
  const values = typeof json.additionalProperties === "object" ? keysOf(json.additionalProperties, `${at}.<>`) : [];
  const items = json.items ? keysOf(json.items, `${at}[]`) : [];
  return [...own, ...values, ...items, ...(json.anyOf ?? []).flatMap((branch) => keysOf(branch, at))];
}
