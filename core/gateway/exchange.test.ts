import { expect } from "chai";
import type { IncomingMessage, ServerResponse } from "node:http";
import { attachExchange, Exchange, exchangeSlot, findExchange } from "./exchange";
import { TEST_OWNER } from "./testing/testServices";
import { policySnapshot } from "./testing/snapshots";

describe("an exchange", () => {
  const make = () => new Exchange("id", {} as IncomingMessage, {} as ServerResponse, undefined, policySnapshot(), 5);

  it("says which policy is missing where a policy asks for what nobody left", () => {
    const exchange = make();
    expect(() => exchange.getOwner()).to.throw("this exchange has no owner: lumen-key-auth must stand before this policy");
    for (const [get, policy] of [
      [() => exchange.getModel(), "model-access"], [() => exchange.getDecision(), "model-access"],
      [() => exchange.getBody(), "model-access"], [() => exchange.getMeter(), "coin-metering"],
    ] as const) {
      expect(get).to.throw(`${policy} must stand before this policy`);
    }
    exchange.owner = TEST_OWNER;
    expect(exchange.getOwner()).to.equal(TEST_OWNER);
  });

  it("keeps what plugins leave in slots of their own: two slots of one name are two", () => {
    const [badge, other] = [exchangeSlot<number>("my/badge"), exchangeSlot<number>("my/badge")];
    const exchange = make();
    expect(exchange.find(badge)).to.equal(undefined);
    exchange.set(badge, 7);
    expect([exchange.find(badge), exchange.find(other), make().find(badge)]).to.deep.equal([7, undefined, undefined]);
  });

  it("ends once, and tells everybody, those who come late too", () => {
    const exchange = make();
    const told: string[] = [];
    exchange.onEnd((ended) => told.push(`first ${ended.id}`));
    exchange.onEnd(() => told.push("second"));
    exchange.end();
    exchange.end();
    exchange.onEnd(() => told.push("late"));
    expect(told).to.deep.equal(["first id", "second", "late"]);
  });

  it("tells the others where one of them throws as the request ends", () => {
    const exchange = make();
    let told = false;
    exchange.onEnd(() => {
      throw new Error("a plugin's fault");
    });
    exchange.onEnd(() => (told = true));
    const faults: unknown[] = [];
    exchange.end((error) => faults.push(error));
    expect(faults.map(String)).to.deep.equal(["Error: a plugin's fault"]);
    expect(told).to.equal(true);
  });

  it("is found on its own request alone", () => {
    const exchange = make();
    const req = {} as IncomingMessage;
    attachExchange(req, exchange);
    expect(findExchange(req)).to.equal(exchange);
    expect(findExchange({} as IncomingMessage)).to.equal(undefined);
  });
});
