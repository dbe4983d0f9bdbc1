import type { Question } from "./askFirst";

/** The questions, each in one place: for the attribute that a script reads, and for the page without script. */
export const questions = {
  withdrawConsent: (model: string): Question => ({
    title: `Withdraw the consent for ${model}?`, text: "It cannot be used until somebody accepts the notice again.", label: "Withdraw",
  }),
  deactivateClient: (name: string): Question => ({
    title: `Deactivate ${name}?`, text: "Its keys stop working at once and running calls end. Nothing is deleted.", label: "Deactivate",
  }),
  removeManager: (name: string, client: string): Question => ({
    title: `Remove ${name} from the managers of ${client}?`, text: "They lose sight of this client and its keys.", label: "Remove",
  }),
  deactivateUser: (email: string): Question => ({
    title: `Deactivate ${email}?`, text: "They are signed out everywhere, and their keys stop working.", label: "Deactivate",
  }),
  resetPassword: (email: string): Question => ({
    title: `Reset the password of ${email}?`, text: "They are signed out everywhere, and sign in with a password that you give them.", label: "Reset",
  }),
  signOutUser: (email: string): Question => ({
    title: `Sign ${email} out everywhere?`, text: "Their API keys go on working.", label: "Sign out",
  }),
  signOutEverywhere: (): Question => ({
    title: "Sign out everywhere?", text: "On every device, this one too. API keys go on working.", label: "Sign out everywhere",
  }),
  deleteConversation: (title: string): Question => ({
    title: `Delete “${title}”?`, text: "Its messages and files cannot be brought back.", label: "Delete",
  }),
};
