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

/**
 * A key that is revoked and an owner who is deactivated end their running calls too (docs/rules.md K3, K4): what was
 * produced is charged like any call whose caller left.
 * @returns ends the watch
 */
export function endRevokedCalls(records: RevocableRecords, door: FrontDoor): () => void {
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
  return () => ends.forEach((end) => end());
}
