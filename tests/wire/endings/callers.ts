import { CHAT } from "../support/wireBench";
import type { CallerPart, Ending, EndingSection } from "./ending";
import type { FaultyServer } from "./faultyServer";

const halfAndWait = async (server: FaultyServer): Promise<void> => {
  await server.head();
  await server.half();
  await server.mayGoOn;
  await server.rest();
};
/** As soon as the answer, or of one that is not streamed the request, is where it is to be. */
const inTheMiddle = ({ client, streamed, arrived }: CallerPart): Promise<void> => (streamed ? client.saw("word") : arrived);
const leaves = async (part: CallerPart): Promise<"left"> => {
  part.client.leave();
  return "left";
};

const upload = ({ bench, key, streamed }: CallerPart, length: number): Parameters<CallerPart["client"]["send"]>[0] =>
  bench.request({ key: key.key, headers: [["content-length", String(length)]], body: JSON.stringify({ ...CHAT, stream: streamed }) });

/** Sends the request, and the caller's doing in the middle of the answer. */
const during = (act: (part: CallerPart) => Promise<void | "left">): Pick<Ending, "server" | "caller"> => ({
  server: halfAndWait,
  caller: async (part) => {
    await inTheMiddle(part);
    return act(part);
  },
});

export const CALLERS: EndingSection = {
  title: "The caller",
  endings: [
    { what: "It leaves before the server has answered", by: "C3", server: () => undefined, caller: async (part) => {
      await part.arrived;
      return leaves(part);
    },
      both: ["the server's connection is closed", "499, aborted, input charged by estimate"] },
    { what: "It leaves after the first text", by: "C3", ...during(leaves),
      streamed: ["the server's connection is closed", "499, aborted, input and output charged by estimate"],
      whole: ["the server's connection is closed", "499, aborted, input charged by estimate"] },
    { what: "It resets the connection after the first text", by: "C3", ...during(async ({ client }) => {
      client.reset();
      return "left";
    }),
      streamed: ["the server's connection is closed", "499, aborted, input and output charged by estimate"],
      whole: ["the server's connection is closed", "499, aborted, input charged by estimate"] },
    { what: "It leaves after the finish reason", by: "C3", server: async (server) => {
      await server.head();
      await server.half();
      await server.respond.finish();
      await server.mayGoOn;
    }, caller: async (part) => {
      await part.client.saw('"finish_reason":"stop"');
      return leaves(part);
    },
      streamed: ["the server's connection is closed", "200, input and output charged by estimate"] },
    { what: "It closes its half of the connection, which is as good as leaving", by: "W29", ...during(async ({ client }) => {
      client.halfClose();
      return "left";
    }),
      streamed: ["the server's connection is closed", "499, aborted, input and output charged by estimate"],
      whole: ["the server's connection is closed", "499, aborted, input charged by estimate"] },
    { what: "It stops reading for a while", by: "W30", server: async (server) => {
      await server.head();
      if (server.streamed) for (let at = 0; at < 64; at++) await server.respond.delta("x".repeat(65_536));
      await server.half();
      await server.rest();
    }, caller: async ({ client, arrived }) => {
      client.pause();
      await arrived;
      client.resume();
    },
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"] },
    { what: "It stops reading, and leaves", by: "W30", server: async (server) => {
      await server.head();
      while (!server.respond.isClosed) await server.respond.delta("x".repeat(65_536));
    }, caller: async (part) => {
      await part.client.saw("xxx");
      part.client.pause();
      return leaves(part);
    },
      streamed: ["the server's connection is closed", "499, aborted, input and output charged by estimate"] },
    { what: "Its upload breaks off", by: "C3", sendsItself: true, caller: async (part) => {
      await part.client.send(upload(part, 100_000));
      return leaves(part);
    },
      both: ["the server never hears of it", "no entry"] },
    { what: "Its upload takes too long", by: "W12", sendsItself: true, caller: async (part) => part.client.send(upload(part, 100_000)),
      whole: ["408 `request_timeout`", "no entry"] },
    { what: "Its key is revoked in the middle", by: "W43", ownKey: {}, ...during(async ({ bench, key }) => {
      await bench.command("key.revoke", { id: key.id });
    }),
      streamed: ["200: text, cut off", "499, aborted, input and output charged by estimate"],
      whole: ["401 `invalid_api_key`", "499, aborted, input charged by estimate"] },
    { what: "Its owner is deactivated in the middle", by: "W43", ownKey: {}, ...during(async ({ bench, key }) => {
      await bench.command("client.deactivate", { name: key.client });
    }),
      streamed: ["200: text, cut off", "499, aborted, input and output charged by estimate"],
      whole: ["403 `account_disabled`", "499, aborted, input charged by estimate"] },
    { what: "Its coins end in the middle", by: "W28", ownKey: { coinCap: "0.0006" }, server: async (server) => {
      await server.head();
      while (!server.respond.isClosed) {
        await server.respond.delta("word word word word ");
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
      streamed: ["200: text, finish reason `length`, `[DONE]`", "200, stopped, input and output charged by estimate"] },
    { what: "Its coins do not cover the call", by: "W9", ownKey: { coinCap: "0.000001" },
      both: ["429 `insufficient_quota`", "no entry"] },
  ],
};
