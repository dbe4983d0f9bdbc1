import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { projectRoot } from "../../core/environment";
import { ENDINGS } from "./endings/endings";

/** What needs a clock, a process of its own or a restart is held where that is at hand, by a test of the same number. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  W72: "core/adapters/upstream/endpointHealth.test.ts",
  W73: "core/adapters/upstream/failover.test.ts",
  W74: "core/adapters/upstream/slotQueue.test.ts",
  W78: "tests/gateway/endpointStatus.test.ts",
  W86: "tests/gateway/drain.test.ts",
  W99: "tests/gateway/connections.test.ts",
};

describe("the wire: every clause has a row", () => {
  const folder = path.join(projectRoot(), "tests/wire");
  const titles = readdirSync(folder).filter((file) => file.endsWith(".test.ts")).map((file) => readFileSync(path.join(folder, file), "utf8")).join("\n");
  const held = new Set([...titles.matchAll(/["`](W\d+(?:, W\d+)*)[:,]/g)].flatMap((match) => (match[1] ?? "").split(", ")));
  for (const { endings } of ENDINGS) for (const { by } of endings) held.add(by);
  const clauses = [...readFileSync(path.join(projectRoot(), "docs/wire.md"), "utf8").matchAll(/^\*\*(W\d+)\./gm)].map((match) => match[1] ?? "");

  for (const clause of clauses) {
    const file = ELSEWHERE[clause];
    if (file === undefined) it(`${clause} has one`, () => expect(held).to.include(clause));
    else it(`${clause} has one in ${file}`, () => expect(readFileSync(path.join(projectRoot(), file), "utf8")).to.match(new RegExp(`["\`]${clause}[:,]`)));
  }

  it("no row holds a clause that docs/wire.md does not have", () => {
    expect([...held].filter((name) => name.startsWith("W") && !clauses.includes(name))).to.deep.equal([]);
  });
});
