import OpenAI, { toFile } from "openai";
import { PLACE_SCHEMA, TOOL, type Connection, type MatrixClient, type Target } from "./matrixClient";

const messages = (content: string) => [{ role: "user" as const, content }];

export const openaiChat: MatrixClient = {
  name: "`openai`",
  protocol: "chat",
  connect(target) {
    const { model } = target;
    const client = clientFor(target);
    return {
      ...mediaOf(client, model),
      typedError,
      async say(prompt) {
        const answer = await client.chat.completions.create({ model, messages: messages(prompt) });
        return answer.choices[0]?.message.content ?? "";
      },
      async stream(prompt, onText, withUsage) {
        const options = withUsage ? { stream_options: { include_usage: true } } : {};
        let tokens: number | undefined;
        for await (const chunk of await client.chat.completions.create({ model, messages: messages(prompt), stream: true, ...options })) {
          onText(chunk.choices[0]?.delta.content ?? "");
          tokens = chunk.usage?.completion_tokens ?? tokens;
        }
        return tokens;
      },
      async callTool(prompt) {
        const answer = await client.chat.completions.create({ model, messages: messages(prompt), tools: [{ type: "function", function: TOOL }] });
        const call = answer.choices[0]?.message.tool_calls?.[0];
        return call?.type === "function" ? { name: call.function.name, input: JSON.parse(call.function.arguments) } : { name: "", input: undefined };
      },
      async askJson(prompt) {
        const answer = await client.chat.completions.parse({
          model, messages: messages(prompt), response_format: { type: "json_schema", json_schema: { name: "place", strict: true, schema: PLACE_SCHEMA } },
        });
        return JSON.parse(answer.choices[0]?.message.content ?? "") as unknown;
      },
    };
  },
};

export const openaiResponses: MatrixClient = {
  name: "`openai`, Responses",
  protocol: "responses",
  connect(target) {
    const { model } = target;
    const client = clientFor(target);
    return {
      typedError,
      async say(prompt) {
        return (await client.responses.create({ model, input: prompt })).output_text;
      },
      async stream(prompt, onText) {
        let tokens: number | undefined;
        for await (const event of await client.responses.create({ model, input: prompt, stream: true })) {
          if (event.type === "response.output_text.delta") onText(event.delta);
          if (event.type === "response.completed") tokens = event.response.usage?.output_tokens;
          if (event.type === "error") throw new OpenAI.APIError(undefined, event, event.message, undefined);
          if (event.type === "response.failed") throw new OpenAI.APIError(undefined, event.response.error ?? {}, event.response.error?.message, undefined);
        }
        return tokens;
      },
      async callTool(prompt) {
        const answer = await client.responses.create({ model, input: prompt, tools: [{ type: "function", strict: true, ...TOOL }] });
        const call = answer.output.find((item) => item.type === "function_call");
        return { name: call?.name ?? "", input: JSON.parse(call?.arguments ?? "null") };
      },
      async askJson(prompt) {
        const format = { type: "json_schema" as const, name: "place", strict: true, schema: PLACE_SCHEMA };
        return JSON.parse((await client.responses.parse({ model, input: prompt, text: { format } })).output_text) as unknown;
      },
    };
  },
};

function clientFor({ baseUrl, apiKey, maxRetries }: Target): OpenAI {
  return new OpenAI({ baseURL: baseUrl, apiKey, ...(maxRetries === undefined ? {} : { maxRetries }) });
}

function mediaOf(client: OpenAI, model: string): Pick<Connection, "embed" | "draw" | "speak" | "transcribe"> {
  return {
    async embed(texts) {
      return (await client.embeddings.create({ model, input: texts })).data.map(({ embedding }) => embedding);
    },
    async draw(prompt) {
      return (await client.images.generate({ model, prompt })).data?.[0]?.b64_json ?? "";
    },
    async speak(text) {
      return Buffer.from(await (await client.audio.speech.create({ model, input: text, voice: "alloy" })).arrayBuffer());
    },
    async transcribe(wav) {
      return (await client.audio.transcriptions.create({ model, file: await toFile(wav, "speech.wav") })).text;
    },
  };
}

const typedError: Connection["typedError"] = (error) => (error instanceof OpenAI.APIError ? { status: error.status as number | undefined, message: error.message } : undefined);
