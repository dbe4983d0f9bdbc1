import path from "node:path";
import type { ConfigFault } from "../../../../core/services/pageDeps";
import { exactPlace } from "../place";
import type { Visit } from "../../visit";

/** What runs, and what was last refused (docs/rules.md R2, R3). */
export function statusModel({ deps }: Visit): object {
  const { stale, faults, revision, loadedAt, refused, restartKeys = [] } = deps.config.status();
  const snapshot = deps.config.get();
  return {
    stale, revision, loadedAt, file: path.basename(snapshot.file), filePath: snapshot.file,
    counts: { models: snapshot.models.size, groups: snapshot.groups.size, users: snapshot.users.byEmail.size, clients: snapshot.clients.byName.size },
    restartKeys,
    warnings: stale ? [] : shownFaults(faults),
    ...(refused ? { refused: { at: refused.at, faults: shownFaults(refused.faults, refused.lines) } } : {}),
  };
}

export function shownFaults(faults: readonly ConfigFault[], lines: ReadonlyMap<number, string> = new Map()): object[] {
  return faults.map(({ severity, at, message }) => ({ isWarning: severity === "warning", place: exactPlace(at), message, text: lines.get(at.line)?.trim() }));
}
