import { openConversation, type OpenConversation } from "../../../core/services/chat/openConversation";
import { questions } from "../dialogs/questions";
import { NotFound, type MemberVisit } from "../visit";
import { composerOf, type ComposerState } from "./composer";
import { messagesOf } from "./messages";
import type { ChatPageModel, ConversationModel, SettingsModel } from "./models";
import { sidebarOf } from "./sidebar";

/** @throws NotFound for a conversation that is not this person's */
export async function mustOpen(visit: MemberVisit): Promise<OpenConversation> {
  const open = await openConversation(visit.deps, visit.user.id, visit.params["id"] ?? "");
  if (!open) throw new NotFound();
  return open;
}

/** The whole page of a conversation, or of a new one. */
export async function chatPage(visit: MemberVisit, open: OpenConversation | undefined, state: ComposerState & { readonly settingsProblem?: string } = {}): Promise<ChatPageModel> {
  const sidebar = await sidebarOf(visit, open?.conversation.id);
  if (!open) return { sidebar, messages: [], composer: await composerOf(visit, undefined, state), settings: state.settings ?? { systemPrompt: "", temperature: "" } };
  return {
    sidebar,
    conversation: conversationModel(open),
    ...messagesOf(visit, open),
    composer: await composerOf(visit, open, state),
    settings: settingsModel(open, state.settingsProblem),
  };
}

function conversationModel({ conversation }: OpenConversation): ConversationModel {
  const href = `/chat/${conversation.id}`;
  return {
    id: conversation.id, title: conversation.title, href, renameAction: `${href}/rename`, deleteAction: `${href}/delete`, asksToDelete: questions.deleteConversation(conversation.title),
    exportMarkdownHref: `${href}/export.md`, exportJsonHref: `${href}/export.json`,
  };
}

function settingsModel({ conversation }: OpenConversation, problem: string | undefined): SettingsModel {
  return {
    action: `/chat/${conversation.id}/settings`, systemPrompt: conversation.systemPrompt ?? "", temperature: conversation.temperature?.toString() ?? "",
    ...(problem === undefined ? {} : { problem }),
  };
}
