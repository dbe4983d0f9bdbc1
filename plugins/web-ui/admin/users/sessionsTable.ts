import type { SignInMethod } from "../../../../core/domain/session";
import type { SessionLine } from "../../../../core/services/signIn/listSessions";
import { tableView, type TableDefinition } from "../../tables/tableView";
import type { MemberVisit } from "../../visit";

const METHODS: Readonly<Record<SignInMethod, string>> = { oidc: "Identity provider", password: "Password", link: "Link", development: "Development" };

const TABLE: TableDefinition<SessionLine> = {
  id: "sessions",
  caption: "Sessions",
  sort: "",
  empty: "Not signed in anywhere.",
  columns: [
    { key: "device", label: "Browser", cell: ({ device }) => ({ kind: "text", text: device }) },
    { key: "method", label: "Signed in by", cell: ({ method }) => ({ kind: "text", text: METHODS[method] }) },
    { key: "since", label: "Since", cell: ({ createdAt }) => ({ kind: "time", value: createdAt }) },
    { key: "seen", label: "Last seen", cell: ({ lastSeenAt }) => ({ kind: "time", value: lastSeenAt }) },
    { key: "address", label: "From", cell: ({ address }) => ({ kind: "code", text: address }) },
  ],
};

/** Where somebody is signed in; the use case orders them. */
export function sessionsTable(sessions: readonly SessionLine[], visit: MemberVisit): object {
  return tableView(TABLE, sessions, new URLSearchParams(), visit.path);
}
