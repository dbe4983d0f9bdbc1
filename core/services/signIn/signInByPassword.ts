import type { User } from "../../domain/owner";
import { normalisePassword } from "../../domain/password";
import { normaliseEmail } from "../createUser";
import type { PasswordDeps } from "./resetPassword";
import type { SignInThrottle, Wait } from "./signInThrottle";

export interface SignInByPasswordDeps extends PasswordDeps {
  readonly signInThrottle: SignInThrottle;
}

export interface PasswordTry {
  readonly email: string;
  readonly password: string;
  /** Where it comes from. */
  readonly address: string;
}

export type PasswordAnswer =
  | { readonly kind: "right"; readonly user: User; readonly mustChange: boolean }
  /** Which of both is wrong is not told, nor whether there is such an account. */
  | { readonly kind: "wrong" }
  | { readonly kind: "inactive" }
  | { readonly kind: "wait"; readonly wait: Wait };

/** Is this the password of a person who may sign in? An unknown address costs as much work as a wrong password. */
export async function signInByPassword(deps: SignInByPasswordDeps, { email, password, address }: PasswordTry): Promise<PasswordAnswer> {
  const wait = await deps.signInThrottle.take(address, email);
  if (wait) return { kind: "wait", wait };
  const known = normaliseEmail(email);
  const user = known === undefined ? undefined : await deps.store.users.find("email", known);
  const credential = user && (await deps.store.credentials.get(user.id));
  const isRight = await deps.passwords.matches(credential?.passwordHash, normalisePassword(password.slice(0, 1_000)));
  if (!user || !credential || !isRight) return { kind: "wrong" };
  await deps.signInThrottle.forget(address, email);
  return user.active ? { kind: "right", user, mustChange: credential.mustChange } : { kind: "inactive" };
}
