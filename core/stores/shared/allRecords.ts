import type { ApiKey } from "../../domain/apiKey";
import type { Consent } from "../../domain/consent";
import type { Conversation } from "../../domain/conversation";
import type { Client, User } from "../../domain/owner";
import type { Credential, Session, SignInLink } from "../../domain/session";
import type { Records, Store } from "../types";
import type { CollectionName } from "./events";

type OpenRecords = <T extends { readonly id: string }>(name: CollectionName) => Records<T>;

/** Every collection of the port, each opened by the engine. */
export function allRecords(open: OpenRecords): Pick<Store, CollectionName> {
  return {
    users: open<User>("users"),
    clients: open<Client>("clients"),
    keys: open<ApiKey>("keys"),
    consents: open<Consent>("consents"),
    sessions: open<Session>("sessions"),
    credentials: open<Credential>("credentials"),
    signInLinks: open<SignInLink>("signInLinks"),
    conversations: open<Conversation>("conversations"),
  };
}
