import type { Clock } from "../clock";
import { uuidv7 } from "../ids";
import type { Store } from "../stores/types";

export interface AuditDeps {
  readonly store: Pick<Store, "auditLog">;
  readonly clock: Clock;
  /** Where the person sits who asks for the change; pages hand it over, the command line has none. */
  readonly address?: string;
}

/**
 * Writes down who did what to whom. Called after the change is durable, so that the log never tells of what did not happen.
 * @param actor a user's id, `cli` or `system`
 */
export async function audit(
  deps: AuditDeps,
  actor: string,
  action: string,
  subject: string,
  details: Readonly<Record<string, string>> = {},
): Promise<void> {
  const at = deps.clock();
  const { address } = deps;
  const whole = address === undefined ? details : { ...details, address };
  await deps.store.auditLog.append({ id: uuidv7(at), at, actor, action, subject, details: whole });
}
