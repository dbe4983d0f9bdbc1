import { previewConfig } from "../../../../core/services/configDiff/previewConfig";
import type { AccessChange, AffectedOwners, ConfigDiff, PoolWords } from "../../../../core/services/configDiff/types";
import { exactPlace } from "../place";
import { page, type MemberVisit, type Reply } from "../../visit";

const ACCESS: Readonly<Record<AccessChange["change"], { readonly text: string; readonly tone: string }>> = {
  lost: { text: "Lost", tone: "bad" },
  consent_needed: { text: "Consent needed", tone: "warn" },
  gained: { text: "Gained", tone: "good" },
  consent_dropped: { text: "No consent any more", tone: "good" },
};

/** What a text would change as config.yaml, and for whom; nothing is put in force. */
export async function tryCandidate(visit: MemberVisit): Promise<Reply> {
  const text = visit.form.raw("text").replaceAll("\r\n", "\n");
  if (text.trim() === "") return page("admin/candidate", "Candidate configuration", { text, missing: true }, { status: 422 });
  const preview = await previewConfig(visit.deps, text, "candidate.yaml");
  const faults = preview.faults.map((fault) => ({ isWarning: fault.severity === "warning", place: exactPlace(fault), message: fault.message, text: fault.text.trim() }));
  const model = { text, valid: preview.valid, revision: preview.revision, restart: preview.restart, faults, ...(preview.diff ? { diff: shownDiff(preview.diff) } : {}) };
  return page("admin/candidate", "Candidate configuration", model, { status: preview.valid ? 200 : 422 });
}

function shownDiff(diff: ConfigDiff): object {
  const { models } = diff;
  return {
    ...diff,
    access: diff.access.map(({ model, change, owners }) => ({ model, ...ACCESS[change], owners: shownOwners(owners) })),
    pools: diff.pools.map(({ before, after, owners }) => ({ before: poolText(before), after: poolText(after), owners: shownOwners(owners) })),
    groups: diff.groups.map(({ name, change, joined, left }) => ({ name, change: change === "members" ? "" : change, joined: shownOwners(joined), left: shownOwners(left) })),
    models: {
      ...models,
      hasAny: Object.values<readonly unknown[]>({ ...models }).some((list) => list.length > 0),
      others: models.others.map(({ model, keys }) => ({ model, keys: keys.join(", ") })),
    },
    hasAdmins: diff.admins.added.length + diff.admins.removed.length > 0,
  };
}

function shownOwners({ users, clients, userNames, clientNames }: AffectedOwners): object | undefined {
  if (users + clients === 0) return undefined;
  return { users, clients, userNames: userNames.join(", "), clientNames: clientNames.join(", "), moreUsers: users - userNames.length, moreClients: clients - clientNames.length };
}

function poolText({ kind, max, refresh, starting }: PoolWords): string {
  if (kind === "limited") return `${max ?? "0"} at most, +${refresh ?? "0"} per hour, ${starting ?? "0"} to start`;
  return { unlimited: "unlimited", blocked: "blocked", none: "not configured" }[kind];
}
