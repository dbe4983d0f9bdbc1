import { expect } from "chai";
import type { Connection, MatrixClient, Target } from "./matrixClient";
import { promptForError, SAID, type ErrorStatus } from "./modelServer";

/** One side of the comparison: the model server itself, or the gateway in front of it. */
export interface Side {
  readonly target: Target;
  /** The statuses and messages that belong to the errors that are called up. */
  readonly errors: Readonly<Record<401 | ErrorStatus, { readonly status: number; readonly message: RegExp }>>;
}

/** The columns of the grid in docs/clients.md. */
export const CELLS = ["chat", "stream", "usage", "tools", "schema", "embeddings", "images", "speech", "transcription", "401", "404", "429", "500", "cut"] as const;
export type Cell = (typeof CELLS)[number];

const PATHS = { chat: "/v1/chat/completions", responses: "/v1/responses", messages: "/v1/messages" } as const;
const MEDIA_PATHS: Partial<Record<Cell, string>> = {
  embeddings: "/v1/embeddings", images: "/v1/images/generations", speech: "/v1/audio/speech", transcription: "/v1/audio/transcriptions",
};

/** The API path that a cell goes to. */
export const pathOf = (client: MatrixClient, cell: Cell): string => MEDIA_PATHS[cell] ?? PATHS[client.protocol];

const CALLS = { embeddings: "embed", images: "draw", speech: "speak", transcription: "transcribe" } as const;

/** False where the client has no such call. */
export function isOffered(client: MatrixClient, cell: Cell): boolean {
  if (!(cell in CALLS)) return true;
  return client.connect({ baseUrl: "http://127.0.0.1:1/v1", apiKey: "x", model: "x" })[CALLS[cell as keyof typeof CALLS]] !== undefined;
}

/** Makes the call of one cell. @throws an assertion that says what was not as it has to be */
export async function runCell(client: MatrixClient, cell: Cell, side: Side): Promise<void> {
  const target = { ...side.target, maxRetries: 0 };
  const connection = client.connect(target);
  if (cell === "401") return expectError(client.connect({ ...target, apiKey: "sk_wrong" }), "greet", side.errors[401]);
  if (cell === "404" || cell === "429" || cell === "500") return expectError(connection, promptForError(Number(cell) as ErrorStatus), side.errors[Number(cell) as ErrorStatus]);
  await EXPECTATIONS[cell](connection);
}

const EXPECTATIONS: Readonly<Record<Exclude<Cell, "401" | `${ErrorStatus}`>, (connection: Connection) => Promise<void>>> = {
  async chat(connection) {
    expect(await connection.say("greet")).to.equal(SAID.text);
  },
  async stream(connection) {
    const pieces: string[] = [];
    await connection.stream("greet", (text) => text !== "" && pieces.push(text));
    expect(pieces.join("")).to.equal(SAID.text);
    expect(pieces.length).to.be.greaterThan(2);
  },
  async usage(connection) {
    expect(await connection.stream("greet", () => undefined, true)).to.equal(SAID.outputTokens);
  },
  async tools(connection) {
    expect(await connection.callTool("weather")).to.deep.equal(SAID.tool);
  },
  async schema(connection) {
    expect(await connection.askJson("place")).to.deep.equal(SAID.place);
  },
  async embeddings(connection) {
    expect(await connection.embed?.(["one", "two"])).to.deep.equal([SAID.embedding, SAID.embedding]);
  },
  async images(connection) {
    expect(await connection.draw?.("a house")).to.equal(SAID.picture);
  },
  async speech(connection) {
    expect(String(await connection.speak?.("Say this"))).to.equal(SAID.sound);
  },
  async transcription(connection) {
    expect(await connection.transcribe?.(WAV)).to.equal(SAID.transcript);
  },
  async cut(connection) {
    let text = "";
    const isWhole = await connection.stream("cut", (piece) => (text += piece)).then(() => true, () => false);
    expect(SAID.text.startsWith(text) && text !== "", `what came before the cut: ${text}`).to.equal(true);
    expect(isWhole, "a stream that was cut looked whole").to.equal(false);
  },
};

async function expectError(connection: Connection, prompt: string, expected: { readonly status: number; readonly message: RegExp }): Promise<void> {
  const thrown = await connection.say(prompt).then((text) => `it answered: ${text}`, (error: unknown) => error);
  const error = connection.typedError(thrown);
  expect(error, `no error of the client's own: ${String(thrown)}`).to.not.equal(undefined);
  expect(error?.status).to.equal(expected.status);
  expect(error?.message).to.match(expected.message);
}

/** A second of silence: 8,000 samples of 8 bits. */
const WAV = wavOf(Buffer.alloc(8_000, 128), 8_000);

function wavOf(samples: Buffer, rate: number): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}
