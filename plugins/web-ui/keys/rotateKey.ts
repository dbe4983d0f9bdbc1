import { rotateApiKey } from "../../../core/services/rotateApiKey";
import { dialogReply } from "../dialogs/dialogReply";
import { ownerPageOf, pageQuery } from "../ownerPages";
import { bad, redirect, type MemberVisit, type Reply } from "../visit";
import { curlLine } from "./curlLine";
import { findKey } from "./findKey";
import { keysTable } from "./keysSection";

const HOUR_MS = 3_600_000;
const OVERLAPS: readonly { readonly value: string; readonly label: string; readonly ms: number; readonly selected?: boolean }[] = [
  { value: "1h", label: "1 hour", ms: HOUR_MS },
  { value: "24h", label: "24 hours", ms: 24 * HOUR_MS, selected: true },
  { value: "7d", label: "7 days", ms: 7 * 24 * HOUR_MS },
];

/** Asks how long the old key shall stay good; warns of one of an earlier rotation that would end now (docs/rules.md K5). */
export async function askRotate(visit: MemberVisit): Promise<Reply> {
  const { owner, base } = await ownerPageOf(visit);
  const { id, name, hint, former } = await findKey(visit, owner);
  const ending = former && former.goodUntil > visit.deps.clock() ? former : undefined;
  return dialogReply(visit, { title: `Rotate ${name}`, content: "keys/rotate", model: { base, id, hint, ending, overlaps: OVERLAPS }, back: base });
}

/** K5: shows the second key, this once. */
export async function rotateKey(visit: MemberVisit): Promise<Reply> {
  const { owner, base } = await ownerPageOf(visit);
  const { id } = await findKey(visit, owner);
  const overlapMs = OVERLAPS.find(({ value }) => value === visit.form.text("overlap"))?.ms ?? 24 * HOUR_MS;
  const rotated = await rotateApiKey(visit.deps, { keyId: id, ownerId: owner.id, overlapMs, by: visit.user.id });
  if (!rotated.ok) return redirect(base, bad(rotated.message));
  const { apiKey, secret } = rotated.value;
  const curl = await curlLine(visit, owner, apiKey, secret);
  const table = visit.isSwap ? await keysTable(visit, owner, base, pageQuery(visit)) : undefined;
  return dialogReply(visit, { title: `${apiKey.name} has a new key`, content: "keys/saved", model: { base, secret, curl, table, former: apiKey.former }, back: base });
}
