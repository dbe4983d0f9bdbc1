import type { ApiKey } from "../../../core/domain/apiKey";
import { displayLimit } from "../../../core/domain/coins";

/** One quiet line under a key's name; with `at` a moment follows the text. */
export interface KeyNote {
  readonly text: string;
  readonly at?: number;
}

const NAMED = 3;

/** What a key is narrowed to (docs/rules.md K2). */
export function keyNotes(key: ApiKey, now: number): readonly KeyNote[] {
  const notes: KeyNote[] = [];
  if (key.expiresAt !== undefined) notes.push({ text: key.expiresAt <= now ? "Expired" : "Expires", at: key.expiresAt });
  if (key.models) notes.push({ text: modelsNote(key.models) });
  if (key.coinCapNano !== undefined) notes.push({ text: `At most ${displayLimit(key.coinCapNano)} coins` });
  if (key.former && key.former.goodUntil > now) notes.push({ text: `The old key ${key.former.hint} works until`, at: key.former.goodUntil });
  return notes;
}

function modelsNote(models: readonly string[]): string {
  const named = models.slice(0, NAMED).join(", ");
  return models.length > NAMED ? `Only ${named} and ${models.length - NAMED} more models` : `Only ${named}`;
}
