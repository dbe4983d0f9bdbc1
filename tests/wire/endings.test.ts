import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { startHttps, type TestServer } from "../../core/adapters/upstream/testServers";
import { projectRoot } from "../../core/environment";
import type { Ending, Outcome } from "./endings/ending";
import { ENDINGS } from "./endings/endings";
import { ENDINGS_PAGE, endingsMarkdown } from "./endings/endingsMarkdown";
import { observe } from "./endings/observe";
import { wireBench } from "./support/wireBench";

const hasty = { timeouts: { headers_seconds: 0.4, idle_seconds: 0.4 } };
const rates = { input_cost_per_million: "0.5", output_cost_per_million: "1.0" };

describe("the wire: how calls end", () => {
  let untrusted: TestServer;
  before(async () => (untrusted = await startHttps((_request, response) => response.end("{}"))));
  after(() => untrusted.close());
  const bench = wireBench({
    preload: ["shortPatience"],
    config: ({ url }) => ({
      models: [
        { name: "hasty", ...rates, endpoints: [{ url, ...hasty, api_key: "hasty" }] },
        { name: "pair", ...rates, endpoints: [{ url, ...hasty, api_key: "one" }, { url, ...hasty, api_key: "other" }] },
        { name: "untrusted", ...rates, endpoints: [{ url: `${untrusted.url}/v1` }] },
      ],
    }),
  });

  for (const { title, endings } of ENDINGS) {
    describe(title, () => {
      for (const ending of endings) {
        for (const [kind, streamed, expected] of kindsOf(ending)) {
          it(`${ending.by}: ${ending.what} (${kind})`, async () => expect(await observe(bench, ending, streamed)).to.deep.equal(expected));
        }
      }
    });
  }

  it("docs/endings.md is what this table says (npm run docs:endings)", () => {
    expect(readFileSync(path.join(projectRoot(), ENDINGS_PAGE), "utf8")).to.equal(endingsMarkdown());
  });
});

function kindsOf({ both, streamed = both, whole = both }: Ending): readonly [kind: string, streamed: boolean, expected: Outcome][] {
  return [...(streamed ? [["streamed", true, streamed] as [string, boolean, Outcome]] : []), ...(whole ? [["not streamed", false, whole] as [string, boolean, Outcome]] : [])];
}
