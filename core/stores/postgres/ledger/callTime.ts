import { timeOfUuidV7 } from "../../../ids";

/**
 * When a call was made, by which its entry is found in the partitions of usage: the time in its id, so that every settlement of it
 * meets the same row; its start where the id tells no time.
 */
export function madeAt({ id, startedAt }: { readonly id: string; readonly startedAt: number }): number {
  return timeOfUuidV7(id) ?? startedAt;
}
