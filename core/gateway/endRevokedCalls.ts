import type { Clock } from "../clock";
import { CodedError } from "../errors/codedError";
import type { FrontDoor } from "./frontDoor";

/** As much of a collection as is watched. */
interface Watched<T> {
  watch(listener: (change: { readonly id: string; readonly row?: T }) => void): () => void;
}

export interface RevocableRecords {
  readonly keys: Watched<{ readonly status: string }>;
  readonly users: Watched<{ readonly active: boolean }>;
  readonly clients: Watched<{ readonly active: boolean }>;
}

/** How often running calls are held against the expiry of their keys. */
const LOOK_MS = 1_000;

/**
 * A key that is revoked or expires and an owner who is deactivated end their running calls too (docs/rules.md K3, K4): what was
 * produced is charged like any call whose caller left.
 * @returns ends the watch
 */
export function endRevokedCalls(records: RevocableRecords, door: Pick<FrontDoor, "endCalls">, clock: Clock): () => void {
  const ownerChanged = ({ id, row }: { readonly id: string; readonly row?: { readonly active: boolean } }) => {
    if (row?.active !== true) door.endCalls(({ owner }) => owner?.id === id, new CodedError("account_disabled"));
  };
  const ends = [
    records.keys.watch(({ id, row }) => {
      if (row?.status !== "active") door.endCalls(({ apiKey }) => apiKey?.id === id, new CodedError("invalid_api_key"));
    }),
    records.users.watch(ownerChanged),
    records.clients.watch(ownerChanged),
  ];
  const look = setInterval(() => {
    const now = clock();
    door.endCalls(({ apiKey }) => apiKey?.expiresAt !== undefined && apiKey.expiresAt <= now, new CodedError("invalid_api_key"));
  }, LOOK_MS);
  look.unref();
  return () => {
    clearInterval(look);
    ends.forEach((end) => end());
  };
}
