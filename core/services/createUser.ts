import type { User } from "../domain/owner";
import { StoreConflict } from "../errors/storeErrors";
import { uuidv7 } from "../ids";
import type { Store } from "../stores/types";
import { audit, type AuditDeps } from "./audit";
import { done, refused, type Outcome } from "./outcome";

export interface CreateUserDeps extends AuditDeps {
  readonly store: Pick<Store, "users" | "auditLog">;
}

export interface NewUser {
  readonly email: string;
  /** Default: the part of the address before the `@`. */
  readonly name?: string;
  readonly by: string;
}

const LONGEST_ADDRESS = 254;
const LONGEST_NAME = 200;

/** A person, known before their first sign-in; addresses are kept in lower case (docs/rules.md G3). */
export async function createUser(deps: CreateUserDeps, { email, name, by }: NewUser): Promise<Outcome<User>> {
  const address = normaliseEmail(email);
  if (address === undefined) return refused(`'${email.slice(0, 80)}' is no e-mail address.`, "email");
  const label = name?.trim() || address.slice(0, address.indexOf("@"));
  if (label.length > LONGEST_NAME) return refused(`A name has at most ${LONGEST_NAME} characters.`, "name");
  const taken = refused(`There is already a user with the address ${address}.`, "email");
  if (await deps.store.users.find("email", address)) return taken;
  const now = deps.clock();
  const user: User = { id: uuidv7(now), kind: "user", email: address, name: label, claims: {}, active: true, createdAt: now };
  try {
    const stored = await deps.store.users.put(user);
    await audit(deps, by, "user.create", user.id, { email: address });
    return done(stored);
  } catch (error) {
    if (error instanceof StoreConflict) return taken;
    throw error;
  }
}

/** @returns the address in lower case, or undefined where it is none: one `@` with text on both sides, no blanks. */
export function normaliseEmail(text: string): string | undefined {
  const address = text.trim().toLowerCase();
  const at = address.indexOf("@");
  const blank = [...address].some((char) => char <= " " || char === "\u007f");
  if (at < 1 || at !== address.lastIndexOf("@") || at === address.length - 1) return undefined;
  return blank || address.length > LONGEST_ADDRESS ? undefined : address;
}
