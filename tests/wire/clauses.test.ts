import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { projectRoot } from "../../core/environment";
import { ENDINGS } from "./endings/endings";

/** Clauses that came with a part of their own are held by its tests. */
const LAST_OF_THE_SUITE = 43;

describe("the wire: every clause has a row", () => {
  const folder = path.join(projectRoot(), "tests/wire");
  const titles = readdirSync(folder).filter((file) => file.endsWith(".test.ts")).map((file) => readFileSync(path.join(folder, file), "utf8")).join("\n");
  const held = new Set([...titles.matchAll(/["`](W\d+(?:, W\d+)*)[:,]/g)].flatMap((match) => (match[1] ?? "").split(", ")));
  for (const { endings } of ENDINGS) for (const { by } of endings) held.add(by);
  const clauses = [...readFileSync(path.join(projectRoot(), "docs/wire.md"), "utf8").matchAll(/^\*\*(W\d+)\./gm)].map((match) => match[1] ?? "");

  for (const clause of clauses.filter((name) => Number(name.slice(1)) <= LAST_OF_THE_SUITE)) {
    it(`${clause} has one`, () => expect(held).to.include(clause));
  }

  it("no row holds a clause that docs/wire.md does not have", () => {
    expect([...held].filter((name) => name.startsWith("W") && !clauses.includes(name))).to.deep.equal([]);
  });
});
