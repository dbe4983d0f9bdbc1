import type { User } from "../../domain/owner";
import { done, refused, type Outcome } from "../../services/outcome";
import { resolveOwner } from "../../services/resolveOwner";
import { setUserActive } from "../../services/setUserActive";
import { resetPassword } from "../../services/signIn/resetPassword";
import { text } from "../commandInput";
import { CLI_ACTOR, type Command, type CommandInput, type ControlDeps } from "../types";

/** Gives a local account a password that the person has to change at the next sign-in. */
export const resetPasswordCommand: Command = async (deps, input) => {
  const user = await namedUser(deps, input);
  if (!user.ok) return user;
  const reset = await resetPassword(deps, user.value, text(input, "password"), CLI_ACTOR);
  return reset.ok ? done({ id: user.value.id, email: user.value.email }) : reset;
};

export function setActiveCommand(active: boolean): Command {
  return async (deps, input) => {
    const user = await namedUser(deps, input);
    if (!user.ok) return user;
    const changed = await setUserActive(deps, { userId: user.value.id, active, by: CLI_ACTOR });
    return changed.ok ? done({ id: changed.value.id, email: changed.value.email, active: changed.value.active }) : changed;
  };
}

async function namedUser(deps: ControlDeps, input: CommandInput): Promise<Outcome<User>> {
  const found = await resolveOwner(deps, { user: text(input, "email") });
  if (!found.ok) return found;
  return found.value.kind === "user" ? done(found.value) : refused("Only people sign in.", "email");
}
