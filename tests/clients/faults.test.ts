import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { CAPABILITIES } from "../../core/config/schema/models";
import { projectRoot } from "../../core/environment";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";
import { CLIENTS } from "./allClients";
import { rowsOf } from "./clientsPage";
import { answerWith, FAULTS, PIECES, type Fault, type Moment } from "./faults";
import { hurryTimers } from "./hurriedTimers";
import { langchainResponses } from "./langchainClients";
import type { MatrixClient } from "./matrixClient";

/** What became of a call. */
interface Outcome {
  readonly text: string;
  readonly ends: "whole" | "error";
  /** Milliseconds from the fault to the end. */
  readonly settledAfter: number;
}

const SHORT_PATIENCE = { timeouts: { headers_seconds: 1, idle_seconds: 1 } };
const SETTLED_WITHIN_MS = 2_000;
const NOBODY = "http://127.0.0.1:1/v1";
const TEXT = PIECES.join("");

/** Each client has a model of its own for each fault: the model server knows by it what to do. */
const modelOf = (client: MatrixClient, fault: Fault) => `${CLIENTS.indexOf(client)}-${FAULTS.indexOf(fault)}`;

/** LangChain over Responses passes over an `error` event as the official schema has it, directly just the same. */
const endsAs = ({ name }: MatrixClient, fault: Fault) => (name === langchainResponses.name && fault.name === "an error event" ? "whole" : fault.ends);

const isSilence = ({ name }: Fault) => name.startsWith("silence");

/** Silences are waited for together; what makes work comes a few at a time, so that little waits for a processor. */
const GROUPS = [FAULTS.filter(isSilence), ...Array.from({ length: FAULTS.length / 4 }, (_, at) => FAULTS.filter((fault) => !isSilence(fault)).slice(4 * at, 4 * at + 4))];

describe("W27: client libraries and a model server that fails", () => {
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let apiKey: string;
  const moments = new Map<string, Moment>();

  before(async () => {
    upstream = await startFakeUpstream();
    upstream.always((request, respond) => {
      const model = String(request.json()["model"]);
      const [client = 0, fault = 0] = model.split("-").map(Number);
      return answerWith(FAULTS[fault]!, CLIENTS[client]!.protocol, respond, moments.get(model)!);
    });
    const models = CLIENTS.flatMap((client) => FAULTS.map((fault) => ({
      name: modelOf(client, fault), capabilities: CAPABILITIES,
      endpoints: [{ url: fault.answer ? upstream.url : NOBODY, ...(isSilence(fault) ? SHORT_PATIENCE : {}), health: { interval_seconds: 3_600 } }],
    })));
    lumen = await startLumenProcess({ config: testConfig({ models }) });
    apiKey = await lumen.newKey("bot");
  });
  after(async () => {
    await lumen.remove();
    await upstream.close();
  });

  async function call(client: MatrixClient, fault: Fault, maxRetries?: number): Promise<Outcome> {
    const model = modelOf(client, fault);
    const connection = client.connect({ baseUrl: `${lumen.url}/v1`, apiKey, model, maxRetries });
    const heard = createGate();
    let struckAt = performance.now();
    moments.set(model, { heard: heard.opened, strike: () => (struckAt = performance.now()) });
    let text = "";
    const hear = (piece: string) => {
      text += piece;
      if (text === TEXT) heard.open();
    };
    const said = fault.streamed ? connection.stream("Hello!", hear) : connection.say("Hello!").then(hear);
    const ends = await said.then(() => "whole" as const, () => "error" as const);
    return { text, ends, settledAfter: performance.now() - struckAt };
  }

  describe("without tries of their own: never hang", () => {
    for (const fault of FAULTS) {
      it(fault.name, async () => {
        const check = async (client: MatrixClient) => {
          const { text, ends, settledAfter } = await call(client, fault, 0);
          const who = client.name;
          expect(settledAfter, `${who}: ms until it was over`).to.be.lessThan(SETTLED_WITHIN_MS);
          expect(ends, who).to.equal(endsAs(client, fault));
          expect(text, who).to.equal(fault.afterText || fault.ends === "whole" ? TEXT : "");
        };
        if (isSilence(fault)) await Promise.all(CLIENTS.map(check));
        else for (const client of CLIENTS) await check(client);
      });
    }
  });

  describe("with as many tries as they make by themselves", () => {
    const page = rowsOf(readFileSync(path.join(projectRoot(), "docs/clients.md"), "utf8"), "When the model server fails");
    /** The request ids that reached the model server, by model: one for each call that the gateway was sent. */
    const ids = new Map<string, string[]>();

    before(async () => {
      const earlier = upstream.requests.length;
      const restoreTimers = hurryTimers();
      try {
        for (const group of GROUPS) await Promise.all(group.flatMap((fault) => CLIENTS.map((client) => call(client, fault))));
      } finally {
        restoreTimers();
      }
      for (const request of upstream.requests.slice(earlier)) {
        const model = String(request.json()["model"]);
        ids.set(model, [...(ids.get(model) ?? []), request.headers["x-request-id"] ?? ""]);
      }
    });

    it("are the columns of the table in docs/clients.md", () => {
      expect(page[0]?.slice(2)).to.deep.equal(CLIENTS.map(({ name }) => name));
      expect(page.slice(1).map(([name, ends]) => [name, ends])).to.deep.equal(FAULTS.map(({ name, ends }) => [name, ends]));
    });

    for (const [index, fault] of FAULTS.entries()) {
      it(`${fault.name}: as often as docs/clients.md says${fault.afterText ? ", and never again after text was delivered" : ""}`, () => {
        const requests = CLIENTS.map((client) => ids.get(modelOf(client, fault)) ?? []);
        const tries = requests.map((all) => new Set(all).size);
        expect(tries.map(String)).to.deep.equal(page[index + 1]?.slice(2));
        if (fault.afterText) expect(tries.every((count) => count === 1)).to.equal(true);
        // The gateway itself asks again only where a kept connection closes without a word, which may have been idle (W33).
        const most = fault.name === "cut before the headers" ? 2 : 1;
        for (const [client, all] of requests.entries()) expect(all.length, CLIENTS[client]?.name).to.be.at.most(most * (tries[client] ?? 0));
      });
    }
  });
});
