import type { CatalogModel } from "../../../core/domain/modelCatalog";
import { curlCall, helloChat, shellWord } from "./shellText";

/** A ready piece of configuration or code. No key is ever in it: the placeholder says where it goes. */
export interface Snippet {
  readonly id: string;
  readonly title: string;
  /** Where it goes: a file, a shell. */
  readonly where: string;
  readonly code?: string;
  /** Why there is none. */
  readonly unfit?: string;
}

/** The variable that keys are read from. */
const KEY = "LUMEN_API_KEY";
const PLACEHOLDER = "sk_your-key";

const json = (value: unknown): string => JSON.stringify(value, null, 2);

interface Call {
  readonly path: string;
  readonly body: object;
  readonly python: string;
  readonly javascript: string;
}

/** The first thing that one calls a model for. */
function callOf({ name, capabilities }: CatalogModel): Call | undefined {
  const text = JSON.stringify(name);
  if (capabilities.includes("chat")) {
    return {
      path: "/chat/completions", body: helloChat(name),
      python: `answer = client.chat.completions.create(\n    model=${text},\n    messages=[{"role": "user", "content": "Hello"}],\n)\nprint(answer.choices[0].message.content)`,
      javascript: `const answer = await client.chat.completions.create({\n  model: ${text},\n  messages: [{ role: "user", content: "Hello" }],\n});\nconsole.log(answer.choices[0].message.content);`,
    };
  }
  if (capabilities.includes("responses")) {
    return {
      path: "/responses", body: { model: name, input: "Hello" },
      python: `answer = client.responses.create(model=${text}, input="Hello")\nprint(answer.output_text)`,
      javascript: `const answer = await client.responses.create({ model: ${text}, input: "Hello" });\nconsole.log(answer.output_text);`,
    };
  }
  if (capabilities.includes("embeddings")) {
    return {
      path: "/embeddings", body: { model: name, input: "Hello" },
      python: `answer = client.embeddings.create(model=${text}, input="Hello")\nprint(answer.data[0].embedding[:8])`,
      javascript: `const answer = await client.embeddings.create({ model: ${text}, input: "Hello" });\nconsole.log(answer.data[0].embedding.slice(0, 8));`,
    };
  }
  if (capabilities.includes("completions")) {
    return {
      path: "/completions", body: { model: name, prompt: "Hello" },
      python: `answer = client.completions.create(model=${text}, prompt="Hello")\nprint(answer.choices[0].text)`,
      javascript: `const answer = await client.completions.create({ model: ${text}, prompt: "Hello" });\nconsole.log(answer.choices[0].text);`,
    };
  }
  if (capabilities.includes("moderations")) {
    return {
      path: "/moderations", body: { model: name, input: "Hello" },
      python: `answer = client.moderations.create(model=${text}, input="Hello")\nprint(answer.results[0].flagged)`,
      javascript: `const answer = await client.moderations.create({ model: ${text}, input: "Hello" });\nconsole.log(answer.results[0].flagged);`,
    };
  }
  return undefined;
}

/** What the clients of OpenAI have no method for: a line for the shell says how. */
function shellCallOf({ name, capabilities }: CatalogModel): Pick<Call, "path" | "body"> | undefined {
  if (capabilities.includes("messages")) return { path: "/messages", body: { model: name, max_tokens: 1_024, messages: [{ role: "user", content: "Hello" }] } };
  if (capabilities.includes("rerank")) return { path: "/rerank", body: { model: name, query: "Hello", documents: ["Good morning", "Good night"] } };
  return undefined;
}

/** How to call one model from a shell, Python and JavaScript; none for one that the interface does not serve in text. */
export function callSnippets(base: string, model: CatalogModel | undefined): readonly Snippet[] {
  const call = model && callOf(model);
  const shellCall = call ?? (model && shellCallOf(model));
  if (!shellCall) return [];
  const curl = curlCall(`${base}/v1${shellCall.path}`, `"Authorization: Bearer $${KEY}"`, shellCall.body);
  const shell = { id: "curl", title: "curl", where: "In a shell", code: `export ${KEY}=${PLACEHOLDER}\n${curl}` };
  if (!call) return [shell];
  return [
    shell,
    {
      id: "python", title: "Python", where: "After pip install openai",
      code: `import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url=${JSON.stringify(`${base}/v1`)}, api_key=os.environ["${KEY}"])\n${call.python}`,
    },
    {
      id: "javascript", title: "JavaScript", where: "After npm install openai",
      code: `import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: ${JSON.stringify(`${base}/v1`)}, apiKey: process.env.${KEY} });\n${call.javascript}`,
    },
  ];
}

/** Configuration for tools that other people wrote, as far as the models can do what they ask for. */
export function toolSnippets(base: string, appName: string, models: readonly CatalogModel[]): readonly Snippet[] {
  const chat = models.filter(({ capabilities }) => capabilities.includes("chat"));
  return [openCode(base, appName, chat), codex(base, appName, models), claudeCode(base, models), continueDev(base, models), openWebUi(base, chat)];
}

const NO_CHAT = "It needs a model that chats.";

function openCode(base: string, appName: string, chat: readonly CatalogModel[]): Snippet {
  const place = { id: "opencode", title: "OpenCode", where: `opencode.json, with the key in the variable ${KEY}` };
  if (chat.length === 0) return { ...place, unfit: NO_CHAT };
  const models = Object.fromEntries(chat.map(({ name, contextWindow, maxOutputTokens }) => [name, {
    name, ...(contextWindow !== undefined && maxOutputTokens !== undefined ? { limit: { context: contextWindow, output: maxOutputTokens } } : {}),
  }]));
  return {
    ...place,
    code: json({
      $schema: "https://opencode.ai/config.json",
      provider: { lumen: { npm: "@ai-sdk/openai-compatible", name: appName, options: { baseURL: `${base}/v1`, apiKey: `{env:${KEY}}` }, models } },
    }),
  };
}

/** Codex speaks the responses interface alone. */
function codex(base: string, appName: string, models: readonly CatalogModel[]): Snippet {
  const place = { id: "codex", title: "Codex", where: `~/.codex/config.toml, with the key in the variable ${KEY}` };
  const model = models.find(({ capabilities }) => capabilities.includes("responses"));
  if (!model) return { ...place, unfit: "It needs a model that is served for responses; none of these is." };
  return {
    ...place,
    code: `model = ${JSON.stringify(model.name)}\nmodel_provider = "lumen"\n\n[model_providers.lumen]\nname = ${JSON.stringify(appName)}\nbase_url = ${JSON.stringify(`${base}/v1`)}\nenv_key = "${KEY}"\nwire_api = "responses"`,
  };
}

/** Claude Code asks a smaller model for its own small tasks: it has to be told of one that is there. */
function claudeCode(base: string, models: readonly CatalogModel[]): Snippet {
  const place = { id: "claude-code", title: "Claude Code", where: "In a shell" };
  const model = models.find(({ capabilities }) => capabilities.includes("messages"));
  if (!model) return { ...place, unfit: "It needs a model that is served for messages; none of these is." };
  return {
    ...place,
    code: `export ANTHROPIC_BASE_URL=${shellWord(base)}\nexport ANTHROPIC_AUTH_TOKEN=${PLACEHOLDER}\nexport ANTHROPIC_MODEL=${shellWord(model.name)}\nexport ANTHROPIC_DEFAULT_HAIKU_MODEL=${shellWord(model.name)}\nclaude`,
  };
}

function continueDev(base: string, models: readonly CatalogModel[]): Snippet {
  const place = { id: "continue", title: "Continue", where: "~/.continue/config.yaml" };
  const entries = models.flatMap(({ name, capabilities }) => {
    const roles = capabilities.includes("chat") ? ["chat", "edit", "apply"] : capabilities.includes("embeddings") ? ["embed"] : undefined;
    const text = JSON.stringify(name);
    return roles ? [`  - name: ${text}\n    provider: openai\n    model: ${text}\n    apiBase: ${JSON.stringify(`${base}/v1`)}\n    apiKey: ${PLACEHOLDER}\n    roles: [${roles.join(", ")}]`] : [];
  });
  if (entries.length === 0) return { ...place, unfit: "It needs a model that chats or embeds." };
  return { ...place, code: `name: Lumen\nversion: 0.0.1\nschema: v1\nmodels:\n${entries.join("\n")}` };
}

function openWebUi(base: string, chat: readonly CatalogModel[]): Snippet {
  const place = { id: "open-webui", title: "Open WebUI", where: "In a shell; its pages are then at port 3000. The models are those of the key" };
  if (chat.length === 0) return { ...place, unfit: NO_CHAT };
  return {
    ...place,
    code: [
      "docker run -d -p 3000:8080", `-e OPENAI_API_BASE_URL=${shellWord(`${base}/v1`)}`, `-e OPENAI_API_KEY=${PLACEHOLDER}`, "-v open-webui:/app/backend/data",
      "--name open-webui ghcr.io/open-webui/open-webui:main",
    ].join(" \\\n  "),
  };
}
