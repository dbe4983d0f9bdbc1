#!/usr/bin/env node
"use strict";
const path = require("node:path");
const built = path.join(__dirname, "..", "dist", "bin", "lumen.js");

let lumen;
try {
  lumen = require(built);
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND" || !error.message.includes(built)) throw error;
  console.error("Lumen is not built yet: run `npm run build` first.");
  process.exit(1);
}
void lumen.main(process.argv);
