import type { Client } from "../../domain/owner";
import { addManager } from "../../services/clients/addManager";
import { removeManager } from "../../services/clients/removeManager";
import { renameClient } from "../../services/clients/renameClient";
import { setClientActive } from "../../services/clients/setClientActive";
import { done, refused, type Outcome } from "../../services/outcome";
import { resolveOwner } from "../../services/resolveOwner";
import { text } from "../commandInput";
import { CLI_ACTOR, type Command, type ControlDeps } from "../types";

/** Does the work for the client of this name, or says that there is none. */
async function withClient(deps: ControlDeps, name: string, work: (client: Client) => Promise<Outcome<unknown>>): Promise<Outcome<unknown>> {
  const found = await resolveOwner(deps, { client: name });
  if (!found.ok) return found;
  return found.value.kind === "client" ? work(found.value) : refused("Only clients have managers.", "name");
}

export const renameClientCommand: Command = (deps, input) =>
  withClient(deps, text(input, "old"), async ({ id, name: from }) => {
    const renamed = await renameClient(deps, deps.config.get(), { id, name: text(input, "new"), by: CLI_ACTOR });
    return renamed.ok ? done({ id, from, name: renamed.value.name }, renamed.warnings) : renamed;
  });

/** K4: off refuses its calls and ends those that run; on again, and it goes on with what it had. */
export function activateClientCommand(active: boolean): Command {
  return (deps, input) =>
    withClient(deps, text(input, "name"), async ({ id }) => {
      const set = await setClientActive(deps, { id, active, by: CLI_ACTOR });
      return set.ok ? done({ id, name: set.value.name, active: set.value.active }) : set;
    });
}

export const addManagerCommand: Command = (deps, input) =>
  withClient(deps, text(input, "name"), async ({ id }) => {
    const added = await addManager(deps, { id, email: text(input, "email"), by: CLI_ACTOR });
    return added.ok ? done({ client: added.value.client.name, email: added.value.user.email }) : added;
  });

export const removeManagerCommand: Command = (deps, input) =>
  withClient(deps, text(input, "name"), async ({ id, name }) => {
    const user = await resolveOwner(deps, { user: text(input, "email") });
    if (!user.ok) return user;
    const removed = await removeManager(deps, { id, userId: user.value.id, by: CLI_ACTOR });
    return removed.ok ? done({ client: name, email: text(input, "email").trim().toLowerCase() }) : removed;
  });
