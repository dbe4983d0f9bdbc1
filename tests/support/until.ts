import { setTimeout as pause } from "node:timers/promises";

/** Often enough for a test, and seldom enough to leave the machine to what is tested. */
const LOOK_MS = 20;

/** For what nobody tells: looks again and again until it is so. The time limit of the test ends it otherwise. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(LOOK_MS);
}
