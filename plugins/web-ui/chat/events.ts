import { isSessionOver } from "../../../core/domain/session";
import { NotFound, type MemberVisit, type Reply } from "../visit";
import { mustOpen } from "./chatPage";
import { streamHtml, streamOver } from "./streamHtml";

/** The stream of one answer, as HTML. Whoever leaves can come back; the answer goes on. */
export async function events(visit: MemberVisit): Promise<Reply> {
  const { conversation, tree } = await mustOpen(visit);
  const id = visit.params["message"] ?? "";
  const message = tree.get(id);
  if (message?.role !== "assistant") throw new NotFound();
  const { jobs } = visit.deps.chat;
  const followed = message.status === "running" && !jobs.find(id) ? await jobs.follow(conversation, id) : undefined;
  // Nothing waits between the look at the job and the subscription: no piece is lost and none comes twice.
  const job = jobs.find(id) ?? followed;
  if (job?.message.status === "running") streamHtml(visit.res, job, { mayHear: () => isStillSignedIn(visit), watch: (look) => watchSignIn(visit, look) });
  else streamOver(visit.res, id);
  return { kind: "own" };
}

/** A browser that was signed out elsewhere, or whose person was deactivated, hears no more. */
async function isStillSignedIn({ deps, session }: MemberVisit): Promise<boolean> {
  const [held, user] = await Promise.all([deps.store.sessions.get(session.id), deps.store.users.get(session.userId)]);
  return held !== undefined && !isSessionOver(held, deps.clock()) && user?.active === true;
}

/** Signed out elsewhere, or deactivated: looked at the moment it is written. @returns ends the watch */
function watchSignIn({ deps: { store }, session }: MemberVisit, look: () => void): () => void {
  const ends = [
    store.sessions.watch(({ id }) => void (id === session.id && look())),
    store.users.watch(({ id }) => void (id === session.userId && look())),
  ];
  return () => ends.forEach((end) => end());
}
