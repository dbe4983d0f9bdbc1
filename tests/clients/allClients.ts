import { aiSdkChat, aiSdkCompatible, aiSdkResponses } from "./aiSdkClients";
import { anthropic } from "./anthropicClient";
import { langchainChat, langchainResponses } from "./langchainClients";
import type { MatrixClient } from "./matrixClient";
import { openaiChat, openaiResponses } from "./openaiClient";

/** The rows of the tables in docs/clients.md. */
export const CLIENTS: readonly MatrixClient[] = [
  openaiChat, openaiResponses, aiSdkChat, aiSdkResponses, aiSdkCompatible, langchainChat, langchainResponses, anthropic,
];
