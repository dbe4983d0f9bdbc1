import { ownerLabel, type Owner } from "../../../core/domain/owner";
import { findOwner } from "../../../core/services/findOwner";
import { NotFound, type MemberVisit } from "../visit";

/** In the address: everybody's usage, for administrators. */
export const EVERYONE = "everyone";

/**
 * Whose usage is asked for: the visitor's own, a client's that they manage, and for administrators anybody's or everybody's,
 * which is undefined. By id, e-mail address or name of the client.
 * @throws NotFound for anybody else's
 */
export async function usageOwner(visit: MemberVisit): Promise<Owner | undefined> {
  const asked = (visit.query.get("owner") ?? "").trim();
  if (asked === "" || asked === visit.user.id || asked.toLowerCase() === visit.user.email) return visit.user;
  if (asked === EVERYONE && visit.isAdmin) return undefined;
  const { store } = visit.deps;
  const owner = (await findOwner(visit.deps, asked)) ?? (await store.users.find("email", asked.toLowerCase())) ?? (await store.clients.find("name", asked));
  if (owner && (visit.isAdmin || (owner.kind === "client" && owner.managers.includes(visit.user.id)))) return owner;
  throw new NotFound();
}

export interface OwnerChoice {
  readonly value: string;
  readonly label: string;
}

const SUGGESTED = 200;

/** Whom the visitor may choose; none where that is nobody but themselves. Of many owners the first ones: any can be typed. */
export async function ownerChoices({ deps, user, isAdmin }: MemberVisit): Promise<readonly OwnerChoice[]> {
  const { store, managers } = deps;
  const own: OwnerChoice = { value: user.email, label: "Your own" };
  const choice = (owner: Owner): OwnerChoice => ({ value: ownerLabel(owner), label: owner.kind === "client" ? "Client" : owner.name });
  if (isAdmin) {
    const [clients, users] = await Promise.all([store.clients.list({ limit: SUGGESTED }), store.users.list({ limit: SUGGESTED })]);
    return [{ value: EVERYONE, label: "Everyone" }, own, ...clients.rows.map(choice), ...users.rows.filter(({ id }) => id !== user.id).map(choice)];
  }
  const managed = await Promise.all(managers.clientsOf(user.id).slice(0, SUGGESTED).map((id) => store.clients.get(id)));
  return managed.length > 0 ? [own, ...managed.filter((client) => client !== undefined).map(choice)] : [];
}
