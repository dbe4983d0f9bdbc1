import { expect } from "chai";
import { answerWell, type Handler, type ReceivedRequest } from "../../support/fakeUpstream";
import type { WireAnswer } from "./answerReader";
import { errorOf, type CallSpec, type WireBench } from "./wireBench";

type Matches = string | RegExp | undefined;

/** One row of a table: what is sent, and what has to come of it. */
export interface WireRow {
  readonly send?: CallSpec | (() => CallSpec);
  /** What the upstream does; default: it answers well. */
  readonly upstream?: Handler;
  readonly status?: number;
  /** The error's code; null for an error without one. */
  readonly code?: string | null;
  /** By lower-case name; undefined: must not be there. */
  readonly headers?: Readonly<Record<string, Matches>>;
  /** Of an error: what its message holds. */
  readonly message?: RegExp;
  /** The whole body, or what it holds. */
  readonly body?: string | Buffer | RegExp;
  /** What arrives upstream. `nothing`: the call never gets there. */
  readonly arrives?: "nothing" | ArrivedRow;
}

export interface ArrivedRow {
  readonly path?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, Matches>>;
}

/** A table: title (with its clause) → row. */
export type WireTable = Readonly<Record<string, WireRow>>;

/** Makes a test of each row. */
export function runRows(bench: WireBench, table: WireTable): void {
  for (const [title, row] of Object.entries(table)) it(title, () => runRow(bench, row));
}

async function runRow(bench: WireBench, row: WireRow): Promise<void> {
  const { upstream } = bench;
  const before = upstream.requests.length;
  if (row.upstream) upstream.always(row.upstream);
  else upstream.always(answerWell());
  const answer = await bench.call(typeof row.send === "function" ? row.send() : row.send);
  checkAnswer(answer, row);
  const arrived = upstream.requests.slice(before);
  if (row.arrives === "nothing") expect(arrived).to.have.length(0);
  else if (row.arrives) checkArrived(arrived[0], row.arrives);
}

function checkAnswer(answer: WireAnswer, row: WireRow): void {
  const text = answer.body.toString("utf8");
  const { status = 200 } = row;
  expect(answer.status, text).to.equal(status);
  expect(answer.whole, "the answer is whole").to.equal(true);
  expect(answer.headers["x-request-id"]).to.match(UUID_V7);
  if (status >= 400) {
    const error = errorOf(answer);
    if (row.code !== undefined) expect(error.code).to.equal(row.code);
    if (row.message) expect(error.message).to.match(row.message);
  }
  checkHeaders(answer.headers, row.headers);
  if (row.body instanceof RegExp) expect(text).to.match(row.body);
  else if (Buffer.isBuffer(row.body)) expect(answer.body.equals(row.body), `${show(answer.body)} is ${show(row.body)}`).to.equal(true);
  else if (row.body !== undefined) expect(text).to.equal(row.body);
}

function checkArrived(request: ReceivedRequest | undefined, row: ArrivedRow): void {
  if (request === undefined) throw new Error("nothing arrived upstream");
  if (row.path !== undefined) expect(request.path).to.equal(row.path);
  if (row.body !== undefined) expect(request.body.toString("latin1")).to.equal(Buffer.from(row.body as string).toString("latin1"));
  checkHeaders(request.headers, row.headers);
}

function checkHeaders(headers: Readonly<Record<string, string | undefined>>, wanted: Readonly<Record<string, Matches>> = {}): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (value instanceof RegExp) expect(headers[name], name).to.match(value);
    else expect(headers[name], name).to.equal(value);
  }
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const show = (bytes: Buffer): string => JSON.stringify(bytes.toString("latin1").slice(0, 500));
