import { BEFORE_THE_ANSWER, IN_THE_HEAD } from "./beforeTheAnswer";
import { CALLERS } from "./callers";
import type { EndingSection } from "./ending";
import { IN_THE_ANSWER } from "./inTheAnswer";
import { REFUSALS, TWO_ENDPOINTS } from "./refusals";

/** Every way for a call to end that is known: the tests of this table run it, and docs/endings.md prints it. */
export const ENDINGS: readonly EndingSection[] = [BEFORE_THE_ANSWER, IN_THE_HEAD, IN_THE_ANSWER, REFUSALS, TWO_ENDPOINTS, CALLERS];
