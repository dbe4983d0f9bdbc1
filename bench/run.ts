import { holdContest } from "./contest";
import { startContestant, startDummyUpstream, type Contestant } from "./contestants";
import { proveBooks, provePolicies, type Proof } from "./lumen/proofs";
import { startLoadGenerator } from "./load/loadGenerator";
import { readOptions, type BenchOptions } from "./options";
import { figures, machine, proofLines, ratios } from "./report";

/** `npm run bench`: the same small chat call through every server, side by side (docs/performance.md). */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  console.log(`${machine()}\n${options.connections} connections, ${options.rounds} rounds of ${options.seconds} s\n`);
  const proofs = await bench(options);
  if (proofs.length > 0) console.log(`\n${proofLines(proofs)}`);
  if (proofs.some(({ holds }) => !holds)) process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<readonly Proof[]> {
  const upstream = await startDummyUpstream();
  const load = startLoadGenerator();
  const contestants: Contestant[] = [];
  try {
    for (const name of options.only) contestants.push(await startContestant(name, upstream, options));
    const proofs: Proof[] = [];
    for (const contestant of contestants) proofs.push(...(await policiesOf(contestant)));
    const results = await holdContest(contestants, load, options, (line) => console.error(line));
    console.log(`${figures(results)}\n${ratios(results)}`);
    for (const { lumen, answered } of contestants) {
      if (lumen) proofs.push(...proveBooks(await lumen.stopAndReadBooks(), answered));
    }
    return proofs;
  } finally {
    load.close();
    for (const { server, lumen } of contestants) {
      await server.stop();
      lumen?.dispose();
    }
    await upstream.stop();
  }
}

async function policiesOf(contestant: Contestant): Promise<readonly Proof[]> {
  if (!contestant.lumen) return [];
  const proofs = await provePolicies(contestant.lumen);
  // The one good call among them.
  contestant.answered += 1;
  return proofs;
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
