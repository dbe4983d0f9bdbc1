import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError, embedMany, experimental_generateSpeech as generateSpeech, experimental_transcribe as transcribe, generateImage, generateText, jsonSchema, Output, RetryError,
  streamText, tool, type EmbeddingModel, type ImageModel, type LanguageModel, type SpeechModel, type TranscriptionModel,
} from "ai";
import { PLACE_SCHEMA, TOOL, type Connection, type MatrixClient, type Target } from "./matrixClient";

interface Models {
  readonly language: LanguageModel;
  readonly embedding?: EmbeddingModel;
  readonly image?: ImageModel;
  readonly speech?: SpeechModel;
  readonly transcription?: TranscriptionModel;
}

export const aiSdkChat: MatrixClient = {
  name: "`ai` + `@ai-sdk/openai`, chat",
  protocol: "chat",
  connect(target) {
    const { model } = target;
    const provider = createOpenAI({ baseURL: target.baseUrl, apiKey: target.apiKey });
    return connection(target, {
      language: provider.chat(model), embedding: provider.embedding(model), image: provider.image(model), speech: provider.speech(model),
      transcription: provider.transcription(model),
    });
  },
};

export const aiSdkResponses: MatrixClient = {
  name: "`ai` + `@ai-sdk/openai`, Responses",
  protocol: "responses",
  connect: (target) => connection(target, { language: createOpenAI({ baseURL: target.baseUrl, apiKey: target.apiKey }).responses(target.model) }),
};

export const aiSdkCompatible: MatrixClient = {
  name: "`ai` + `@ai-sdk/openai-compatible`",
  protocol: "chat",
  connect(target) {
    const { model } = target;
    const provider = createOpenAICompatible({ name: "lumen", baseURL: target.baseUrl, apiKey: target.apiKey, includeUsage: true, supportsStructuredOutputs: true });
    return connection(target, { language: provider(model), embedding: provider.embeddingModel(model), image: provider.imageModel(model) });
  },
};

function connection({ maxRetries }: Target, { language, embedding, image, speech, transcription }: Models): Connection {
  const retries = maxRetries === undefined ? {} : { maxRetries };
  return {
    typedError,
    async say(prompt) {
      return (await generateText({ model: language, prompt, ...retries })).text;
    },
    async stream(prompt, onText) {
      // It tells of errors in its parts, and prints them too unless it is given somewhere else to put them.
      const result = streamText({ model: language, prompt, onError: () => undefined, ...retries });
      for await (const part of result.fullStream) {
        if (part.type === "text-delta") onText(part.text);
        if (part.type === "error") throw part.error;
        if (part.type === "finish") return part.totalUsage.outputTokens;
      }
      return undefined;
    },
    async callTool(prompt) {
      const tools = { [TOOL.name]: tool({ description: TOOL.description, inputSchema: jsonSchema<{ city: string }>(TOOL.parameters) }) };
      const [call] = (await generateText({ model: language, prompt, tools, ...retries })).toolCalls;
      return { name: call?.toolName ?? "", input: call?.input };
    },
    async askJson(prompt) {
      return (await generateText({ model: language, prompt, output: Output.object({ schema: jsonSchema(PLACE_SCHEMA) }), ...retries })).output;
    },
    ...(embedding && { embed: async (values: string[]) => (await embedMany({ model: embedding, values, ...retries })).embeddings }),
    ...(image && { draw: async (prompt: string) => (await generateImage({ model: image, prompt, ...retries })).image.base64 }),
    ...(speech && { speak: async (text: string) => Buffer.from((await generateSpeech({ model: speech, text, ...retries })).audio.uint8Array) }),
    ...(transcription && { transcribe: async (audio: Buffer) => (await transcribe({ model: transcription, audio, ...retries })).text }),
  };
}

const typedError: Connection["typedError"] = (error) => {
  const last = RetryError.isInstance(error) ? error.lastError : error;
  return APICallError.isInstance(last) ? { status: last.statusCode, message: last.message } : undefined;
};
