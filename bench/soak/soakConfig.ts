import { writeFile, rename } from "node:fs/promises";
import { stringify } from "yaml";
import type { FleetMember } from "./upstreamFleet";

/** Each model has three servers of the five; the last of the five comes and goes with the configuration. */
export const FLEET = 5;
export const SERVERS_OF: Readonly<Record<string, readonly number[]>> = { "soak-a": [0, 1, 2], "soak-b": [1, 2, 3] };
const COMES_AND_GOES = 4;
export const MODELS: readonly string[] = Object.keys(SERVERS_OF);
/** Each set holds a server of every model. */
export const ANCHOR_SETS: readonly (readonly number[])[] = [[1, COMES_AND_GOES], [2, COMES_AND_GOES], [0, 3, COMES_AND_GOES]];

export const CLIENTS: readonly string[] = ["soak-one", "soak-two", "soak-three"];
/** Has coins for some calls only. */
export const POOR_CLIENT = "soak-poor";

const BROKEN = "version: 2\nmodels: [{nmae: broken}]\n";

/** Every fourth of the revisions is a broken file, which must leave the one before it in force. */
export function soakRevision(members: readonly FleetMember[], revision: number): string {
  return revision % 4 === 3 ? BROKEN : soakConfig(members, revision);
}

/**
 * The configuration number `revision`: weights, a description and one server change each time.
 * @param places calls that each server takes at once; 0 = no limit
 */
export function soakConfig(members: readonly FleetMember[], revision: number, places = 0): string {
  const endpointOf = (index: number) => ({
    url: members[index]!.url, model: "soak-upstream", api_key: "upstream-key", weight: 1 + ((index + revision) % 3), max_concurrency: places,
    health: { interval_seconds: 2, timeout_seconds: 2 }, timeouts: { headers_seconds: 2, idle_seconds: 30 },
  });
  const pool = (max: string) => ({ max, refresh: 1, model_access: { default: "whitelist" } });
  return stringify({
    version: 2,
    demo: { enabled: false },
    rate_limiting: { limit: ["100000 per minute"], concurrent: 500 },
    defaults: { models: { access: "whitelist" } },
    clients: { default: pool("1000000"), [POOR_CLIENT]: pool("0.01") },
    models: Object.entries(SERVERS_OF).map(([name, servers], at) => ({
      name, description: `revision ${revision}`, input_cost_per_million: "0.5", output_cost_per_million: "1.5",
      capabilities: ["chat", "completions", "embeddings", "responses", "messages"], context_window: 8192, max_output_tokens: 1024,
      endpoints: (at === 0 && revision % 2 === 1 ? [...servers, COMES_AND_GOES] : servers).map(endpointOf),
    })),
  });
}

/** The pipelines with another ping time; the rest is as shipped. */
export function soakPipelines(shipped: string, revision: number): string {
  return shipped.replace("- upstream-proxy:\n", `- upstream-proxy:\n          - action: {ping_seconds: ${10 + (revision % 5)}}\n`);
}

/** As an editor saves: aside, then in its place, every other time; the others write into the file. */
export async function saveFile(file: string, text: string, revision: number): Promise<void> {
  if (revision % 2 === 0) return writeFile(file, text);
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
