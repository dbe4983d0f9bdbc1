import Anthropic from "@anthropic-ai/sdk";
import { PLACE_SCHEMA, TOOL, type MatrixClient } from "./matrixClient";

export const anthropic: MatrixClient = {
  name: "`@anthropic-ai/sdk`",
  protocol: "messages",
  connect({ baseUrl, apiKey, model, maxRetries }) {
    // It adds /v1 by itself.
    const client = new Anthropic({ baseURL: baseUrl.replace(/\/v1$/, ""), apiKey, ...(maxRetries === undefined ? {} : { maxRetries }) });
    const ask = (content: string) => ({ model, max_tokens: 100, messages: [{ role: "user" as const, content }] });
    const textOf = ({ content }: Anthropic.Message) => content.map((block) => (block.type === "text" ? block.text : "")).join("");
    return {
      typedError: (error) => (error instanceof Anthropic.APIError ? { status: error.status as number | undefined, message: error.message } : undefined),
      async say(prompt) {
        return textOf(await client.messages.create(ask(prompt)));
      },
      async stream(prompt, onText) {
        const stream = client.messages.stream(ask(prompt)).on("text", onText);
        return (await stream.finalMessage()).usage.output_tokens;
      },
      async callTool(prompt) {
        const tools = [{ name: TOOL.name, description: TOOL.description, input_schema: TOOL.parameters }];
        const answer = await client.messages.create({ ...ask(prompt), tools });
        const call = answer.content.find((block) => block.type === "tool_use");
        return { name: call?.name ?? "", input: call?.input };
      },
      async askJson(prompt) {
        const answer = await client.messages.create({ ...ask(prompt), output_config: { format: { type: "json_schema", schema: PLACE_SCHEMA } } });
        return JSON.parse(textOf(answer)) as unknown;
      },
    };
  },
};
