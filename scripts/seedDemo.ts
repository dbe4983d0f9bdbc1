import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { openKeyMaterial } from "../core/adapters/keys/openKeyMaterial";
import { faultLine } from "../core/config/fault";
import { loadConfig } from "../core/config/loadConfig";
import { projectRoot, readEnvironment } from "../core/environment";
import { makeSignInLink } from "../core/services/signIn/signInLink";
import { openLowdbStore } from "../core/stores/lowdb/openLowdbStore";
import { addressOf, demoClock, seedInstitution, type Seeded } from "./demo/seedInstitution";

export interface DemoFolder {
  readonly seeded: Seeded;
  readonly configFile: string;
  /** Paths that sign in once: the administrator, and a member who manages clients. */
  readonly links: readonly { readonly email: string; readonly path: string }[];
}

export interface DemoFolderOptions {
  readonly folder: string;
  readonly pepper?: string;
  readonly now?: number;
  readonly days?: number;
}

const SIGN_IN = ["Ada Lindqvist", "Marisol Ortega"];

/** The configuration that the demonstration goes with. */
export const demoConfigFile = (): string => path.join(projectRoot(), "scripts/demo/config.yaml");

/** @throws when the folder holds anything: a demonstration is never mixed into real books */
export async function seedFolder(options: DemoFolderOptions): Promise<DemoFolder> {
  const { folder, now = Date.now() } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty: name another folder with LUMEN_DATA, or remove it`);
  const configFile = demoConfigFile();
  const { snapshot, faults } = await loadConfig(configFile, process.env, { themesFolder: path.join(projectRoot(), "themes") });
  if (!snapshot) throw new Error(faults.map(faultLine).join("\n"));
  const clock = demoClock();
  const keys = await openKeyMaterial({ secretsFolder: `${folder}.secrets`, ...(options.pepper === undefined ? {} : { pepper: options.pepper }) });
  const store = await openLowdbStore({ folder, now: clock });
  try {
    const seeded = await seedInstitution({ store, keys, clock, snapshot }, { now, ...(options.days === undefined ? {} : { days: options.days }) });
    const links = [];
    for (const name of SIGN_IN) {
      const user = await store.users.find("email", addressOf(name));
      if (user) links.push({ email: user.email, path: `/sign-in/link/${await makeSignInLink({ store, clock }, user)}` });
    }
    return { seeded, configFile, links };
  } finally {
    await keys.close();
    await store.close();
  }
}

/** `npm run demo:seed`: a data folder of its own, never the one of a real service. */
async function main(): Promise<void> {
  const root = projectRoot();
  const env = { ...process.env, LUMEN_DATA: process.env["LUMEN_DATA"] ?? path.join(root, "data-demo") };
  const { dataFolder, pepper } = readEnvironment(env);
  const { seeded, configFile, links } = await seedFolder({ folder: dataFolder, ...(pepper === undefined ? {} : { pepper }) });
  const base = `http://127.0.0.1:${process.env["PORT"] ?? "8080"}`;
  const short = (file: string) => (path.relative(process.cwd(), file).startsWith("..") ? file : path.relative(process.cwd(), file));
  console.log(`${short(dataFolder)} holds ${seeded.users} people, ${seeded.clients} clients, ${seeded.keys} keys and ${seeded.calls} calls, all invented.`);
  console.log(`\nStart with\n\n  LUMEN_CONFIG=${short(configFile)} LUMEN_DATA=${short(dataFolder)} npm start\n\nand sign in, once with each link within a day:\n`);
  for (const { email, path: link } of links) console.log(`  ${email}\n    ${base}${link}`);
  console.log("\nOther people: `lumen user list` and `lumen user link EMAIL`, with the same two variables.");
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
