import { developmentEmail } from "../../../core/services/signIn/developmentUser";
import { page, type Reply, type Visit } from "../visit";

/** What the page says and keeps after a try that failed. */
export interface SignInForm {
  /** Where to after the sign-in: a path of ours. */
  readonly next: string;
  readonly email?: string;
  readonly fault?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The sign-in page: the ways that are set up, and no others. */
export async function signInPage(visit: Visit, { next, email = "", fault, status = 200, headers }: SignInForm): Promise<Reply> {
  const { institution } = visit.snapshot.sections.branding;
  const hasProvider = visit.snapshot.sections.oauth2 !== undefined;
  const { rows: passwords } = await visit.deps.store.credentials.list({ limit: 1 });
  const development = developmentEmailOf(visit);
  const hasPasswords = passwords.length > 0;
  const model = {
    next, email, fault, hasProvider, hasPasswords, development,
    providerHref: `/sign-in/oidc?next=${encodeURIComponent(next)}`,
    providerName: institution?.name,
    hasBoth: hasProvider && hasPasswords,
    hasNone: !hasProvider && !hasPasswords && development === undefined,
  };
  return page("sign-in/show", "Sign in", model, { status, ...(headers ? { headers } : {}) });
}

/** The development user's address, where this request may become them. */
export function developmentEmailOf({ req, snapshot }: Visit): string | undefined {
  return developmentEmail(snapshot, { peerAddress: req.socket.remoteAddress, host: req.headers.host, headerNames: Object.keys(req.headers) });
}
