import type { MemberVisit, Reply } from "../visit";
import { dialogReply } from "./dialogReply";

/** What is asked before something is done that is hard to take back. */
export interface Question {
  readonly title: string;
  /** What follows from a yes. */
  readonly text: string;
  /** Of the button that says yes. */
  readonly label: string;
}

const ANSWER = "confirmed";

/**
 * A form that asks carries `{{> dialogs/asks question}}`: a script asks in a dialog and sends `confirmed` along. A browser without
 * script gets the question as a page of its own, whose form sends the same fields again.
 * @returns the question; undefined: it was answered with yes
 */
export function askFirst(visit: MemberVisit, question: Question, back: string): Reply | undefined {
  if (visit.form.has(ANSWER)) return undefined;
  const fields = visit.form.entries().filter(([name]) => name !== "_csrf").map(([name, value]) => ({ name, value }));
  return dialogReply(visit, { title: question.title, content: "dialogs/confirm", back, model: { ...question, action: visit.path, fields, answer: ANSWER } });
}
