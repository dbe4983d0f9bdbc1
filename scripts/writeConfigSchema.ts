import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { configJsonSchemaText } from "../core/config/jsonSchema";
import { withKeyTables } from "../core/config/keyTableMarkdown";
import { projectRoot } from "../core/environment";

/** Writes config.schema.json and the tables of docs/configuration.md anew, from the schema that reads config.yaml. */
function main(root = projectRoot()): void {
  writeFileSync(path.join(root, "config.schema.json"), configJsonSchemaText());
  const document = path.join(root, "docs", "configuration.md");
  writeFileSync(document, withKeyTables(readFileSync(document, "utf8")));
  console.log("config.schema.json and docs/configuration.md are as the schema says");
}

if (require.main === module) main();
