import { readFile } from "node:fs/promises";
import { openContents } from "../../core/stores/lowdb";
import { openDatabaseTarget } from "../../core/stores/postgres/contents/fillDatabase";
import { copyContents } from "../../core/stores/shared/copyContents";
import type { Store } from "../../core/stores/types";
import { demoConfigFile, seedFolder } from "../../scripts/seedDemo";
import { prepareLumen, type LumenProcess } from "./lumenProcess";
import { withStoreOf } from "./storeOf";

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
  const lumen = await prepareLumen({ config: await readFile(demoConfigFile(), "utf8") });
  try {
    await seedStoreOf(lumen, days);
    const world = await withStoreOf(lumen, worldOf);
    await lumen.start();
    return { lumen, world, remove: () => lumen.remove() };
  } catch (error) {
    await lumen.remove();
    throw error;
  }
}

/** Many small settlements are sooner made in a folder and copied than made in a database. */
async function seedStoreOf({ env }: LumenProcess, days: number): Promise<void> {
  const { LUMEN_DATA: folder = "", LUMEN_STORE_URL: url } = env;
  await seedFolder({ folder, days });
  if (url) await copyContents(await openContents(folder), await openDatabaseTarget(url));
}

async function worldOf(store: Store): Promise<SeededWorld> {
  const [manager, member, client] = await Promise.all([store.users.find("email", PERSONAS.manager), store.users.find("email", PERSONAS.member), store.clients.find("name", "genome-annotator")]);
  const idOf = (row: { readonly id: string } | undefined) => row?.id ?? "";
  const keyOf = async (ownerId: string) => idOf((await store.keys.list({ index: "ownerId", value: ownerId })).rows.find(({ status }) => status === "active"));
  const conversation = (await store.conversations.list({ index: "ownerId", value: idOf(manager) })).rows.at(-1);
  const said = await store.messages.read(idOf(conversation));
  return {
    clientId: idOf(client), clientKeyId: await keyOf(idOf(client)), managerId: idOf(manager), managerKeyId: await keyOf(idOf(manager)), memberId: idOf(member), managerSessionId: "",
    conversationId: idOf(conversation), questionId: said[0]?.message.id ?? "", messageId: said[1]?.message.id ?? "",
  };
}
