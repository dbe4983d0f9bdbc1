import { StoreRefused } from "../../errors/storeErrors";
import type { ContentsTarget, StoreContents } from "./contents";
import { differencesOf, digestOf, DigestSum, type ContentsDigest } from "./contentsDigest";

/**
 * Fills an empty store with all that another one holds, reads it again from there, and lets a gateway start on it only when
 * both hold the same. Interrupted or failed it leaves a target that says so; the next attempt begins anew. Closes both.
 * @throws StoreRefused when the copy is not what was read
 */
export async function copyContents(source: StoreContents, target: ContentsTarget): Promise<ContentsDigest> {
  try {
    const read = new DigestSum();
    for await (const items of source.read()) {
      read.add(items);
      await target.take(items);
    }
    const written = await target.written();
    const [before, after] = [read.result(), await digestOf(written).finally(() => written.close())];
    if (before.sha256 !== after.sha256) {
      throw new StoreRefused(`the copy does not hold what was read, and stays unfinished:\n${differencesOf(before, after).join("\n")}`);
    }
    await target.complete();
    return after;
  } finally {
    await target.close();
    await source.close();
  }
}
