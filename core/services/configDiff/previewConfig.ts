import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { Owner } from "../../domain/owner";
import type { Store } from "../../stores/types";
import { allRows } from "../allRows";
import type { Candidate, ParseCandidate } from "../pageDeps";
import { diffConfig } from "./diffConfig";
import type { ConfigDiff } from "./types";

export interface PreviewDeps {
  readonly store: Pick<Store, "users" | "clients">;
  readonly config: { get(): ConfigSnapshot };
  readonly parseCandidate: ParseCandidate;
}

/** A fault of a candidate with the text of its line; secrets in it are hidden. */
export interface CandidateFault {
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly text: string;
}

/** What a text would do as config.yaml; it puts nothing in force. */
export interface ConfigPreview {
  readonly file: string;
  readonly valid: boolean;
  /** What is in force, and what the candidate would be. */
  readonly revision: { readonly before: string; readonly after: string | null };
  readonly faults: readonly CandidateFault[];
  /** Keys that differ and take a restart (docs/rules.md R3). */
  readonly restart: readonly string[];
  readonly diff: ConfigDiff | null;
}

export async function previewConfig(deps: PreviewDeps, text: string, file: string): Promise<ConfigPreview> {
  const before = deps.config.get();
  const candidate = await deps.parseCandidate(text, file);
  const { snapshot } = candidate;
  const diff = snapshot ? await diffConfig(before, snapshot, everyOwner(deps)) : null;
  return {
    file,
    valid: snapshot !== undefined,
    revision: { before: before.revision, after: snapshot?.revision ?? null },
    faults: candidateFaults(candidate),
    restart: candidate.restartKeys,
    // What variables of the environment hold is never shown, wherever the candidate put it.
    diff: masked(diff, candidate.mask) as ConfigDiff | null,
  };
}

async function* everyOwner({ store }: PreviewDeps): AsyncGenerator<Owner> {
  yield* allRows(store.users);
  yield* allRows(store.clients);
}

export function candidateFaults({ faults, lines, mask }: Candidate): readonly CandidateFault[] {
  return faults.map(({ severity, at, message }) => ({ severity, file: at.file, line: at.line, column: at.column, message: mask(message), text: lines.get(at.line) ?? "" }));
}

function masked(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((one) => masked(one, mask));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, masked(one, mask)]));
}
