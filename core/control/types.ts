import type { KeyMaterial } from "../adapters/keys/types";
import type { PasswordHashes } from "../adapters/passwords/types";
import type { Clock } from "../clock";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { ParseCandidate } from "../services/pageDeps";
import type { Store } from "../stores/types";

/** What the commands work on: a running gateway's services, or a store that the command line opened itself. */
export interface ControlDeps {
  readonly store: Store;
  readonly keys: KeyMaterial;
  readonly passwords: PasswordHashes;
  readonly config: { get(): ConfigSnapshot };
  readonly clock: Clock;
  /** Reads a text as the server reads its file, with its variables. */
  readonly parseCandidate: ParseCandidate;
}

/** JSON in, JSON out: a command does the same in-process and over the socket. */
export type CommandResult =
  | { readonly ok: true; readonly value: unknown; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** @throws InvalidInput when the input is not what the command takes */
export type Command = (deps: ControlDeps, input: CommandInput) => Promise<CommandResult>;

/** The members of the JSON object that a command was given. */
export type CommandInput = Readonly<Record<string, unknown>>;

/** By name, with what they work on put in. */
export interface Commands {
  /** Never rejects for bad input or a refusal; rejects when machinery is broken. */
  run(name: string, input: unknown): Promise<CommandResult>;
}

/** Who did it, in the audit log. */
export const CLI_ACTOR = "cli";
