import type { MemberVisit, Reply } from "../visit";

/** Nothing to see: the initials below it show. A broken picture would show in their place. */
const EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';

/** A person's picture. One that nobody has and one of nobody are the same empty one: the address tells nothing. */
export async function showAvatar({ deps, snapshot, params }: MemberVisit): Promise<Reply> {
  const user = snapshot.sections.branding.gravatar ? await deps.store.users.get(params["id"] ?? "") : undefined;
  const picture = user && (await deps.avatars.find(user.email));
  const headers = { "cache-control": `private, max-age=${picture ? 3_600 : 300}` };
  return picture ? { kind: "file", ...picture, headers } : { kind: "file", type: "image/svg+xml", body: EMPTY, headers };
}
