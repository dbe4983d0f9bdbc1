import { expect } from "chai";
import { createChatPasses, type CallerFacts } from "./chatPasses";

describe("passes of the chat", () => {
  const here: CallerFacts = { requestId: "r1", remoteAddress: "127.0.0.1", localAddress: "127.0.0.1", isForwarded: false };
  let now = 1_000;
  const passes = createChatPasses(() => now);
  const issue = () => passes.issue("ada", () => undefined);

  it("are good once, and tell which request used them", () => {
    const used: string[] = [];
    const pass = passes.issue("ada", (id) => used.push(id));
    expect(passes.use(pass, here)).to.deep.equal({ ownerId: "ada" });
    expect(passes.use(pass, here)).to.equal(undefined);
    expect(used).to.deep.equal(["r1"]);
  });

  for (const [what, caller] of Object.entries<CallerFacts | undefined>({
    "from elsewhere": { ...here, remoteAddress: "192.0.2.1" },
    "from an address that only begins like ours": { ...here, remoteAddress: "127.0.0.1.example" },
    "behind a proxy on this machine": { ...here, isForwarded: true },
    "from a connection that is gone": { ...here, remoteAddress: undefined },
    "from nowhere": undefined,
  })) {
    it(`are not good ${what}, and spent by the trial`, () => {
      const pass = issue();
      expect(passes.use(pass, caller)).to.equal(undefined);
      expect(passes.use(pass, here)).to.equal(undefined);
    });
  }

  for (const remoteAddress of ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.7"]) {
    it(`are good from ${remoteAddress} on the machine that listens at 10.0.0.7`, () => {
      expect(passes.use(issue(), { ...here, remoteAddress, localAddress: "10.0.0.7" })).to.deep.equal({ ownerId: "ada" });
    });
  }

  it("end half a minute after they were made", () => {
    const pass = issue();
    now += 30_000;
    expect(passes.use(pass, here)).to.equal(undefined);
  });
});
