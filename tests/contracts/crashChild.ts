// A process of its own that uses a data folder until it is killed: `node crashChild.js <folder> <what>`. It says what was
// acknowledged, one line each, on standard output; what is on that pipe survives the kill.
import { writeSync } from "node:fs";
import { openLowdbStore } from "../../core/stores/lowdb";
import { coins, holdOf, limited, settlementOf, T0, usage } from "./samples";

const say = (line: string): void => void writeSync(1, `${line}\n`);

async function run(folder: string, prefix: string): Promise<void> {
  const store = await openLowdbStore({ folder, segmentBytes: 50_000, checkpointEvery: 300, progressEveryMs: 0 });
  const terms = limited(1_000_000);
  say("open");
  const lane = async (number: number): Promise<void> => {
    for (let call = 0; ; call += 1) {
      const id = `${prefix}-${number}-${call}`;
      const outcome = await store.ledger.hold(holdOf(id, coins(1), terms), T0);
      if (!outcome.ok) throw new Error("refused");
      if (call % 10 === 9) {
        store.ledger.progress(id, { usage: usage(1, 1), costNano: 3n });
        await outcome.durable;
        say(`held ${id}`);
        continue;
      }
      await store.ledger.settle(settlementOf(id, 7n));
      say(`settled ${id}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, number) => lane(number)));
}

if (require.main === module) void run(process.argv[2] ?? "", process.argv[3] ?? "");
