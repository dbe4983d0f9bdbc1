import { expect } from "chai";
import { mock } from "node:test";
import type { CodedError } from "../errors/codedError";
import { endRevokedCalls, type RevocableRecords } from "./endRevokedCalls";
import type { Exchange } from "./exchange";

const START = 1_700_000_000_000;

describe("endRevokedCalls", () => {
  afterEach(() => mock.timers.reset());

  it("K3: ends the running calls of a key in the second after its expiry, and no others", () => {
    mock.timers.enable({ apis: ["setInterval"] });
    const silent = { watch: () => () => undefined };
    const records: RevocableRecords = { keys: silent, users: silent, clients: silent };
    const running = [{ apiKey: { id: "short", expiresAt: START + 1_500 } }, { apiKey: { id: "long", expiresAt: START + 60_000 } }, { apiKey: { id: "free" } }, {}] as unknown as Exchange[];
    const ended: string[] = [];
    let now = START;
    const stop = endRevokedCalls(records, {
      endCalls: (which: (exchange: Exchange) => boolean, { code }: CodedError) => {
        for (const { apiKey } of running.filter(which)) ended.push(`${apiKey?.id} ${code}`);
      },
    }, () => now);
    now += 1_000;
    mock.timers.tick(1_000);
    expect(ended).to.deep.equal([]);
    now += 1_000;
    mock.timers.tick(1_000);
    expect(ended).to.deep.equal(["short invalid_api_key"]);
    stop();
    now += 60_000;
    mock.timers.tick(60_000);
    expect(ended).to.have.length(1);
  });
});
