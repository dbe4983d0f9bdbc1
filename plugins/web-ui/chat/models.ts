import type { Question } from "../dialogs/askFirst";
import type { NanoCoins } from "../../../core/domain/coins";

/** Views of the chat and what they are given. Views read these and nothing else; `shell` is beside them always. */

/** One model of the picker. */
export interface ModelChoice {
  readonly name: string;
  readonly description?: string;
  readonly inputPerMillionNano: NanoCoins;
  readonly outputPerMillionNano: NanoCoins;
  /** `ok`, `degraded`, `down` or `disabled`. */
  readonly status: string;
  readonly needsConsent: boolean;
  readonly takesImages: boolean;
  readonly contextWindow?: number;
  readonly isChosen: boolean;
}

/** One model that cannot be chosen. */
export interface ClosedModel {
  readonly name: string;
  /** What closed it, in words; where that stands in the file is for admins elsewhere. */
  readonly reason: string;
}

/** `chat/sidebar`: the conversations at the left. */
export interface SidebarModel {
  /** By date: Today, Yesterday, Previous 7 days, Previous 30 days, then months. */
  readonly groups: readonly { readonly label: string; readonly items: readonly SidebarItem[] }[];
  /** Address of the next part of the list (`chat/sidebar-items`), for loading on scroll. */
  readonly nextHref?: string;
  /** What was searched for. */
  readonly query: string;
}

export interface SidebarItem {
  readonly id: string;
  readonly href: string;
  readonly title: string;
  readonly updatedAt: number;
  readonly isCurrent: boolean;
  /** A line of text in which the search found something. */
  readonly excerpt?: string;
}

export interface AttachmentModel {
  readonly id: string;
  readonly name: string;
  readonly kind: "text" | "image" | "pdf";
  readonly bytes: number;
  /** Of images alone: served to their owner. */
  readonly imageHref?: string;
}

/** `chat/message`: one message of the active branch. */
export interface MessageModel {
  readonly id: string;
  readonly conversationId: string;
  readonly isUser: boolean;
  readonly text: string;
  readonly reasoning?: string;
  readonly reasoningSeconds?: number;
  readonly isRunning: boolean;
  readonly isStopped: boolean;
  readonly isFailed: boolean;
  readonly error?: { readonly code: string; readonly message: string };
  /** Consent is what is missing: the model's page asks for it. */
  readonly consentHref?: string;
  readonly attachments: readonly AttachmentModel[];
  readonly model?: string;
  readonly createdAt: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly costNano?: NanoCoins;
  /** The id of its receipt (docs/wire.md W80). */
  readonly requestId?: string;
  readonly tokensPerSecond?: number;
  /** "2 / 3" where there are siblings; the ids are what `branchAction` goes to. */
  readonly branch?: { readonly number: number; readonly count: number; readonly previousAction?: string; readonly nextAction?: string };
  /** POST. Missing where it makes no sense. */
  readonly regenerateAction?: string;
  readonly editAction?: string;
  readonly stopAction?: string;
  /** GET, the event stream of a running answer. */
  readonly eventsHref?: string;
  /** GET, this message alone (`chat/message`). */
  readonly href: string;
}

/** `chat/composer`: the form at the bottom; it is sent as multipart, files by the field `file`, uploads by their ids as `upload`. */
export interface ComposerModel {
  readonly action: string;
  /** What was typed, where a form comes back. */
  readonly text: string;
  readonly problem?: string;
  readonly models: readonly ModelChoice[];
  readonly closedModels: readonly ClosedModel[];
  /** So many that a search among them helps. */
  readonly manyModels: boolean;
  readonly chosenModel: string;
  /** `.txt,.md,…` for the file input. */
  readonly accept: string;
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** Uploaded and not sent yet. */
  readonly uploads: readonly AttachmentModel[];
  /** POST: JSON `{id, name, kind, bytes}` or `{error: {message}}`. */
  readonly uploadAction: string;
  /** Coins end before the next answer, or few are left. */
  readonly lowBalance?: { readonly availableNano: NanoCoins; readonly lastCostNano?: NanoCoins };
}

export interface SettingsModel {
  /** Missing for a new conversation: there they go with its first message. */
  readonly action?: string;
  readonly systemPrompt: string;
  /** Empty: the model's own. */
  readonly temperature: string;
  readonly problem?: string;
}

/** `chat/show`: the whole page. A new conversation has no `conversation` and no messages. */
export interface ChatPageModel {
  readonly sidebar: SidebarModel;
  readonly conversation?: ConversationModel;
  readonly messages: readonly MessageModel[];
  /** Of a long conversation: the part above, and back to its end. */
  readonly earlierHref?: string;
  readonly latestHref?: string;
  readonly composer: ComposerModel;
  readonly settings?: SettingsModel;
}

export interface ConversationModel {
  readonly id: string;
  readonly title: string;
  readonly href: string;
  readonly renameAction: string;
  readonly deleteAction: string;
  readonly asksToDelete: Question;
  readonly exportMarkdownHref: string;
  readonly exportJsonHref: string;
}
