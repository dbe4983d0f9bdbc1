import type { AuditQuestion } from "../../../../core/services/auditLog/listAudit";

/** What can be filtered for, by kind; an action is added here when a use case writes a new one. */
export const ACTIONS: readonly (readonly [string, string])[] = [
  ["user.", "Users"], ["client.", "Clients"], ["key.", "API keys"], ["coins.", "Coins"], ["consent.", "Consent"], ["session.", "Sign-ins"], ["password.", "Passwords"],
];

export interface AskedAudit {
  readonly question: AuditQuestion;
  /** The fields as they were typed, to fill the form again. */
  readonly fields: { readonly actor: string; readonly subject: string; readonly action: string; readonly since: string; readonly until: string };
}

const DAY_MS = 86_400_000;

/** Reads the filter of the audit log from an address; what cannot be read is as if it were not there. */
export function askedAudit(query: URLSearchParams): AskedAudit {
  const text = (name: string) => (query.get(name) ?? "").trim().slice(0, 254);
  const fields = { actor: text("actor"), subject: text("subject"), action: text("action"), since: text("since"), until: text("until") };
  const since = dayStart(fields.since);
  const until = dayStart(fields.until);
  const cursor = query.get("cursor") ?? "";
  return {
    fields,
    question: {
      ...(fields.actor === "" ? {} : { actor: fields.actor }),
      ...(fields.subject === "" ? {} : { subject: fields.subject }),
      ...(fields.action === "" ? {} : { action: fields.action }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until: until + DAY_MS }),
      ...(/^\d{1,15}$/.test(cursor) ? { cursor } : {}),
    },
  };
}

/** The beginning of a day, UTC. */
function dayStart(text: string): number | undefined {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
