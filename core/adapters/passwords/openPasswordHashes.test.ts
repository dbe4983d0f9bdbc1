import { expect } from "chai";
import { openPasswordHashes } from "./openPasswordHashes";
import type { PasswordHashes } from "./types";

describe("password hashes", () => {
  let passwords: PasswordHashes;
  beforeEach(() => (passwords = openPasswordHashes()));
  afterEach(() => passwords.close());

  it("are argon2id, each with a salt of its own", async () => {
    const [one, two] = [await passwords.hash("violet stapler"), await passwords.hash("violet stapler")];
    expect(one).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/).and.to.not.equal(two);
    expect(await passwords.matches(one, "violet stapler")).to.equal(true);
    expect(await passwords.matches(one, "violet Stapler")).to.equal(false);
  });

  it("match nothing where there is none, after the same work", async () => {
    const hash = await passwords.hash("violet stapler");
    await passwords.matches(undefined, "warm");
    const duration = async (of: string | undefined) => {
      const times = [];
      for (let round = 0; round < 3; round++) {
        const from = performance.now();
        expect(await passwords.matches(of, "wrong")).to.equal(false);
        times.push(performance.now() - from);
      }
      return Math.min(...times);
    };
    const [known, unknown] = [await duration(hash), await duration(undefined)];
    expect(unknown / known).to.be.within(0.3, 3);
  });

  it("take only so many at once, and say so", async () => {
    const narrow = openPasswordHashes(2);
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => narrow.hash("x")));
    await narrow.close();
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).to.have.length(3);
    expect((refused[0]?.reason as { code: string }).code).to.equal("overloaded");
  });
});
