import type { ChatAttachment, ChatMessage } from "../../domain/chatMessage";
import type { Conversation } from "../../domain/conversation";
import type { CatalogModel } from "../../domain/modelCatalog";
import { done, refused, type Outcome } from "../outcome";
import { readUpload } from "./uploadFile";
import type { ChatDeps } from "./types";

export interface BodyRequest {
  readonly conversation: Conversation;
  /** The active branch, the question last. */
  readonly branch: readonly ChatMessage[];
  /** Images that are still where they were uploaded, by id. */
  readonly imagePlace: (id: string) => string;
  readonly model: CatalogModel | undefined;
}

type Body = Readonly<Record<string, unknown>>;

/** The body of the call: the system prompt and the active branch alone, whole. What does not fit the model is refused, never cut. */
export async function upstreamBody(deps: ChatDeps, request: BodyRequest): Promise<Outcome<Body>> {
  const { conversation, branch, model } = request;
  const takesImages = model?.inputModalities.includes("image") ?? false;
  const question = branch.at(-1);
  if (model && !takesImages && question?.attachments?.some(({ kind }) => kind === "image")) {
    return refused(`${model.name} takes no images. Remove the image, or choose a model that takes them.`, "file");
  }
  const messages: Body[] = conversation.systemPrompt ? [{ role: "system", content: conversation.systemPrompt }] : [];
  for (const message of branch) {
    if (message.role === "user") messages.push({ role: "user", content: await contentOf(deps, message, takesImages, request.imagePlace) });
    else if (message.text !== "") messages.push({ role: "assistant", content: message.text });
  }
  const body = {
    model: conversation.model, messages, stream: true, ...(conversation.temperature === undefined ? {} : { temperature: conversation.temperature }),
  };
  const tokens = model?.contextWindow === undefined ? 0 : deps.chat.countInput(body);
  if (model?.contextWindow !== undefined && tokens > model.contextWindow) {
    const number = (count: number) => count.toLocaleString("en-US");
    return refused(`This conversation has about ${number(tokens)} tokens; ${model.name} takes ${number(model.contextWindow)}. Start a new conversation, or choose a model with a larger context.`, "text");
  }
  return done(body);
}

async function contentOf(deps: ChatDeps, message: ChatMessage, takesImages: boolean, imagePlace: (id: string) => string): Promise<unknown> {
  const attachments = message.attachments ?? [];
  const texts = attachments.filter(({ kind }) => kind !== "image" || !takesImages).map(textOf);
  const text = [...texts, message.text].filter(Boolean).join("\n\n");
  if (!takesImages || texts.length === attachments.length) return text;
  const parts: Body[] = text === "" ? [] : [{ type: "text", text }];
  for (const image of attachments) {
    if (image.kind !== "image") continue;
    const file = await readUpload(deps, imagePlace(image.id), image.id);
    if (file) parts.push({ type: "image_url", image_url: { url: `data:${image.type};base64,${file.bytes.toString("base64")}` } });
  }
  return parts;
}

function textOf({ name, kind, text }: ChatAttachment): string {
  return kind === "image" ? `[An image was attached here: ${name}]` : `Attached file: ${name}\n\n${text ?? ""}`;
}
