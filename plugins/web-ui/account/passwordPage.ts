import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from "../../../core/domain/password";
import { page, type MemberVisit, type Reply } from "../visit";

export interface PasswordForm {
  readonly next: string;
  /** What is wrong, and the field that it is about. */
  readonly fault?: string;
  readonly field?: string;
}

export function passwordPage(visit: MemberVisit, { next, fault, field = "old" }: PasswordForm): Reply {
  const model = {
    next, email: visit.user.email, shortest: SHORTEST_PASSWORD, longest: LONGEST_PASSWORD, isForced: visit.session.mustChangePassword === true,
    faults: fault === undefined ? {} : { [field]: fault },
  };
  return page("account/password", visit.session.mustChangePassword ? "Choose a password" : "Change the password", model, fault === undefined ? {} : { status: 422 });
}
