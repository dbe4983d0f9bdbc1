import { writeFileSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "../core/environment";
import { ENDINGS_PAGE, endingsMarkdown } from "../tests/wire/endings/endingsMarkdown";

/** Writes docs/endings.md anew, from the table of endings that the tests run. */
if (require.main === module) {
  writeFileSync(path.join(projectRoot(), ENDINGS_PAGE), endingsMarkdown());
  console.log(`${ENDINGS_PAGE} is as the table of endings says`);
}
