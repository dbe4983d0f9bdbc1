import { randomBytes } from "node:crypto";
import { constants, copyFile, link, mkdir, open, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { StartRefused } from "../../errors/startError";

const FILE_SHAPE = /^[0-9a-f]{64}$/;
const SHORTEST_OVERRIDE = 16;
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/**
 * The pepper: from `LUMEN_PEPPER`, else from `<secretsFolder>/pepper`, which is made at the first start (32 random bytes,
 * hex, mode 0600, in a folder of mode 0700). It lives beside the data, so that a stolen backup of the data proves no key.
 */
export async function loadPepper(secretsFolder: string, override?: string): Promise<string> {
  if (override !== undefined) {
    const pepper = override.trim();
    if (pepper.length >= SHORTEST_OVERRIDE) return pepper;
    throw new StartRefused([`LUMEN_PEPPER is shorter than ${SHORTEST_OVERRIDE} characters: use 32 random bytes as hex.`]);
  }
  const file = path.join(secretsFolder, "pepper");
  const found = await readPepper(file);
  if (found !== undefined) return found;
  await makePepper(file).catch((error: NodeJS.ErrnoException) => {
    throw new StartRefused([`${file}: cannot be made (${error.code ?? error.message}).`]);
  });
  const made = await readPepper(file);
  if (made !== undefined) return made;
  throw new StartRefused([`${file}: was removed while it was being made. Start again.`]);
}

async function readPepper(file: string): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new StartRefused([`${file}: cannot be read (${error.code ?? error.message}).`]);
  });
  if (text === undefined) return undefined;
  const pepper = text.trim();
  if (FILE_SHAPE.test(pepper)) return pepper;
  throw new StartRefused([
    `${file}: is damaged (64 hex digits are expected). Bring it back from a backup; ` +
      "or remove it, and each key is checked once with argon2 at its next use.",
  ]);
}

/**
 * Written whole under a name of its own and then linked to the real one: a link never replaces a file, so of two processes
 * that start at once one wins and both read the same pepper, and no crash leaves a half-written one.
 */
async function makePepper(file: string): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(`${randomBytes(32).toString("hex")}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publish(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(folder);
}

/** Some network folders know no links: there the copy at least replaces nothing. */
async function publish(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await copyFile(draft, file, constants.COPYFILE_EXCL);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
