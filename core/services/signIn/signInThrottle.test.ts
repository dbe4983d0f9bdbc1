import { expect } from "chai";
import { createSignInThrottle } from "./signInThrottle";

describe("the throttle of sign-ins", () => {
  it("counts the network of an IPv6 address, however it is written, and IPv4 in IPv6 as IPv4", async () => {
    const throttle = createSignInThrottle();
    for (let round = 0; round < 6; round++) expect(await throttle.take(`2001:db8:0:1::${round + 1}`, "ana@example.edu")).to.equal(undefined);
    expect((await throttle.take("2001:0db8:0:1:9:9:9:9", "ANA@example.edu "))?.seconds).to.be.within(1, 300);
    expect(await throttle.take("2001:db8:0:2::1", "ana@example.edu"), "another network").to.equal(undefined);
    for (let round = 0; round < 6; round++) await throttle.take("192.0.2.1", "bo@example.edu");
    expect(await throttle.take("::ffff:192.0.2.1", "bo@example.edu")).to.not.equal(undefined);
  });

  it("forgets after a right try, and slows a single address that tries many accounts", async () => {
    const throttle = createSignInThrottle();
    for (let round = 0; round < 60; round++) {
      expect(await throttle.take("192.0.2.1", "ana@example.edu")).to.equal(undefined);
      await throttle.forget("192.0.2.1", "ana@example.edu");
    }
    const waits = [];
    for (let account = 0; account < 41; account++) waits.push(await throttle.take("192.0.2.9", `${account}@example.edu`));
    expect(waits.map((wait) => wait !== undefined).indexOf(true)).to.equal(40);
  });

  it("lets a name be used once", async () => {
    const throttle = createSignInThrottle();
    expect([await throttle.useOnce("a"), await throttle.useOnce("a"), await throttle.useOnce("b")]).to.deep.equal([true, false, true]);
  });
});
