import { readFileSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "../../core/environment";

const START = /^exec node (?<args>(?:--\S+ )*)dist\/server\.js$/;

/** The options that `npm start` gives to Node. */
export function startNodeArgs(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(path.join(projectRoot(), "package.json"), "utf8")) as { scripts: { start: string } };
  const args = START.exec(scripts.start)?.groups?.["args"];
  if (args === undefined) throw new Error(`the start script of package.json is not \`exec node … dist/server.js\`: ${scripts.start}`);
  return args.split(" ").filter((arg) => arg !== "");
}
