import { saveUpload } from "../../../core/services/chat/saveUpload";
import { done, type Outcome } from "../../../core/services/outcome";
import type { MemberVisit } from "../visit";

/** Ids of the files of a message: those uploaded before, and those that came with the form. */
export async function sentFiles(visit: MemberVisit): Promise<Outcome<readonly string[]>> {
  const ids = [...visit.form.all("upload")];
  for (const { name, bytes } of visit.files) {
    const saved = await saveUpload(visit.deps, { ownerId: visit.user.id, name, bytes });
    if (!saved.ok) return saved;
    ids.push(saved.value.id);
  }
  return done(ids);
}
