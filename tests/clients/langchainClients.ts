import { tool } from "@langchain/core/tools";
import { ChatOpenAI, DallEAPIWrapper, OpenAIClient, OpenAIEmbeddings } from "@langchain/openai";
import { PLACE_SCHEMA, TOOL, type Connection, type MatrixClient, type Target } from "./matrixClient";

export const langchainChat: MatrixClient = {
  name: "`@langchain/openai`",
  protocol: "chat",
  connect(target) {
    const settings = settingsOf(target);
    return {
      ...connection(new ChatOpenAI(settings)),
      embed: (texts) => new OpenAIEmbeddings(settings).embedDocuments(texts),
      async draw(prompt) {
        const { baseUrl, apiKey, model } = target;
        const painter = new DallEAPIWrapper({ openAIApiKey: apiKey, baseUrl, model, dallEResponseFormat: "b64_json" });
        return String(await painter.invoke(prompt));
      },
    };
  },
};

export const langchainResponses: MatrixClient = {
  name: "`@langchain/openai`, Responses",
  protocol: "responses",
  connect: (target) => connection(new ChatOpenAI({ ...settingsOf(target), useResponsesApi: true })),
};

function settingsOf({ baseUrl, apiKey, model, maxRetries }: Target) {
  return { model, apiKey, configuration: { baseURL: baseUrl }, ...(maxRetries === undefined ? {} : { maxRetries }) };
}

function connection(model: ChatOpenAI): Connection {
  return {
    typedError: (error) => (error instanceof OpenAIClient.APIError ? { status: error.status as number | undefined, message: error.message } : undefined),
    async say(prompt) {
      return (await model.invoke(prompt)).text;
    },
    async stream(prompt, onText) {
      let tokens: number | undefined;
      for await (const chunk of await model.stream(prompt)) {
        onText(chunk.text);
        tokens = chunk.usage_metadata?.output_tokens ?? tokens;
      }
      return tokens;
    },
    async callTool(prompt) {
      const weather = tool(() => "7 degrees", { name: TOOL.name, description: TOOL.description, schema: TOOL.parameters });
      const [call] = (await model.bindTools([weather]).invoke(prompt)).tool_calls ?? [];
      return { name: call?.name ?? "", input: call?.args };
    },
    askJson: (prompt) => model.withStructuredOutput(PLACE_SCHEMA, { name: "place", method: "jsonSchema" }).invoke(prompt),
  };
}
