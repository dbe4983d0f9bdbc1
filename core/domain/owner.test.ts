import { expect } from "chai";
import { isClientName, ownerLabel } from "./owner";
import { client, user } from "./testing/snapshots";

describe("owners", () => {
  const names: readonly [string, boolean][] = [
    ["research-bot", true],
    ["a", true],
    ["0", true],
    ["a.b_c-9", true],
    ["a".repeat(64), true],
    ["a".repeat(65), false],
    ["", false],
    ["default", false],
    ["default2", true],
    ["Research", false],
    ["-bot", false],
    [".bot", false],
    ["_bot", false],
    ["my bot", false],
    ["bot\n", false],
    ["bücher", false],
    ["a/b", false],
    ["__proto__", false],
  ];
  for (const [name, good] of names) {
    it(`P5: ${JSON.stringify(name.slice(0, 12))} (${String(name.length)}) is ${good ? "a" : "no"} client name`, () => {
      expect(isClientName(name)).to.equal(good);
    });
  }

  it("P5: people are called by their address, clients by their name", () => {
    expect([user("ann@example.edu"), client("bot")].map(ownerLabel)).to.deep.equal(["ann@example.edu", "bot"]);
  });
});
