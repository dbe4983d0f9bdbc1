import { accessSection } from "../access/accessSection";
import { keysSection } from "../keys/keysSection";
import { page, type MemberVisit, type Reply } from "../visit";

/** Who one is, what one has and used, one's keys and models. */
export async function showProfile(visit: MemberVisit): Promise<Reply> {
  const { user } = visit;
  const [keys, access] = await Promise.all([keysSection(visit, user, "/profile"), accessSection(visit, user, "/profile")]);
  return page("profile/show", "Profile", { keys, access });
}
