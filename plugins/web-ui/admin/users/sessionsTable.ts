import type { Session, SignInMethod } from "../../../../core/domain/session";
import { tableView, type TableDefinition } from "../../tables/tableView";
import type { MemberVisit } from "../../visit";

const METHODS: Readonly<Record<SignInMethod, string>> = { oidc: "Identity provider", password: "Password", link: "Link", development: "Development" };

const TABLE: TableDefinition<Session> = {
  id: "sessions",
  caption: "Sessions",
  sort: "-seen",
  empty: "Not signed in anywhere.",
  columns: [
    { key: "method", label: "Signed in by", cell: ({ method }) => ({ kind: "text", text: METHODS[method] }) },
    { key: "since", label: "Since", cell: ({ createdAt }) => ({ kind: "time", value: createdAt }) },
    { key: "seen", label: "Last seen", cell: ({ lastSeenAt }) => ({ kind: "time", value: lastSeenAt }) },
    { key: "address", label: "From", cell: ({ address }) => (address === undefined ? { kind: "text", text: "–" } : { kind: "code", text: address }) },
    { key: "agent", label: "Browser", cell: ({ userAgent }) => ({ kind: "text", text: userAgent ?? "–" }) },
  ],
};

/** Where somebody is signed in; the store orders them. */
export function sessionsTable(sessions: readonly Session[], visit: MemberVisit): object {
  return tableView(TABLE, sessions, new URLSearchParams(), visit.path);
}
