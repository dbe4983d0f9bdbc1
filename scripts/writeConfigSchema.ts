import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { configJsonSchemaText } from "../core/config/jsonSchema";
import { withKeyTables } from "../core/config/keyTableMarkdown";
import { projectRoot } from "../core/environment";

/** Writes config.schema.json and the tables of both pages of settings anew, from the schema that reads config.yaml. */
function main(root = projectRoot()): void {
  writeFileSync(path.join(root, "config.schema.json"), configJsonSchemaText());
  for (const file of ["docs/configuration.md", "docs/help/configuration.md"]) {
    const document = path.join(root, file);
    writeFileSync(document, withKeyTables(readFileSync(document, "utf8")));
  }
  console.log("config.schema.json, docs/configuration.md and docs/help/configuration.md are as the schema says");
}

if (require.main === module) main();
