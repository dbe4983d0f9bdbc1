import { ownerLabel, type Owner } from "../../domain/owner";
import type { AffectedOwners } from "./types";

/** How many are named of each kind. */
export const NAMED = 50;
const ENOUGH = 4_000;

/** Counts owners and keeps the first names in alphabetical order, however many come. */
export class Affected {
  private users = 0;
  private clients = 0;
  private userNames: string[] = [];
  private clientNames: string[] = [];

  add(owner: Owner): void {
    if (owner.kind === "user") {
      this.users++;
      this.userNames = keep(this.userNames, [ownerLabel(owner)]);
    } else {
      this.clients++;
      this.clientNames = keep(this.clientNames, [ownerLabel(owner)]);
    }
  }

  /** Owners that were counted elsewhere and are none of those here. */
  addAll(others: AffectedOwners): void {
    this.users += others.users;
    this.clients += others.clients;
    this.userNames = keep(this.userNames, others.userNames);
    this.clientNames = keep(this.clientNames, others.clientNames);
  }

  get owners(): AffectedOwners {
    return { users: this.users, clients: this.clients, userNames: first(this.userNames), clientNames: first(this.clientNames) };
  }
}

/** Grows in place, and is cut back to what can still be named once it grew long. */
function keep(names: string[], more: readonly string[]): string[] {
  for (const name of more) names.push(name);
  return names.length > ENOUGH ? first(names) : names;
}

function first(names: readonly string[]): string[] {
  return [...names].sort().slice(0, NAMED);
}
