import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { demoConfigFile, seedFolder } from "../../scripts/seedDemo";
import { openLowdbStore } from "../../core/stores/lowdb/openLowdbStore";
import { startLumenProcess, type LumenProcess } from "./lumenProcess";

/** Who visits the demonstration's pages in tests. */
export const PERSONAS = {
  admin: "ada.lindqvist@northlake.example",
  /** Of the client `genome-annotator`; has keys, consents, conversations. */
  manager: "marisol.ortega@northlake.example",
  /** Of another client. */
  otherManager: "henrik.aalto@northlake.example",
  /** Manages nothing. */
  member: "ben.carlisle@northlake.example",
  /** Signs in for the first time: no budget of their own, no keys, no calls. */
  newcomer: "nobody.yet@northlake.example",
} as const;

export type Persona = keyof typeof PERSONAS;

/** What paths with parameters are filled with: things of the manager, and of the client that they manage. */
export interface SeededWorld {
  readonly clientId: string;
  readonly clientKeyId: string;
  readonly managerId: string;
  readonly managerKeyId: string;
  /** Known once the manager has signed in. */
  managerSessionId: string;
  readonly memberId: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly questionId: string;
}

export interface SeededLumen {
  readonly lumen: LumenProcess;
  readonly world: SeededWorld;
  remove(): Promise<void>;
}

/** A gateway over the demonstration's data, fewer days of it. */
export async function startSeededLumen(days = 10): Promise<SeededLumen> {
  const folder = await mkdtemp(path.join(tmpdir(), "lumen-seeded-"));
  const remove = async () => {
    for (const each of [folder, `${folder}.secrets`]) await rm(each, { recursive: true, force: true });
  };
  try {
    await seedFolder({ folder, days });
    const world = await worldOf(folder);
    const lumen = await startLumenProcess({ config: await readFile(demoConfigFile(), "utf8"), env: { LUMEN_DATA: folder } });
    return { lumen, world, remove: async () => {
      await lumen.remove();
      await remove();
    } };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function worldOf(folder: string): Promise<SeededWorld> {
  const store = await openLowdbStore({ folder });
  try {
    const [manager, member, client] = await Promise.all([store.users.find("email", PERSONAS.manager), store.users.find("email", PERSONAS.member), store.clients.find("name", "genome-annotator")]);
    const idOf = (row: { readonly id: string } | undefined) => row?.id ?? "";
    const keyOf = async (ownerId: string) => idOf((await store.keys.list({ index: "ownerId", value: ownerId })).rows.find(({ status }) => status === "active"));
    const conversation = (await store.conversations.list({ index: "ownerId", value: idOf(manager) })).rows.at(-1);
    const said = await store.messages.read(idOf(conversation));
    return {
      clientId: idOf(client), clientKeyId: await keyOf(idOf(client)), managerId: idOf(manager), managerKeyId: await keyOf(idOf(manager)), memberId: idOf(member), managerSessionId: "",
      conversationId: idOf(conversation), questionId: said[0]?.message.id ?? "", messageId: said[1]?.message.id ?? "",
    };
  } finally {
    await store.close();
  }
}
