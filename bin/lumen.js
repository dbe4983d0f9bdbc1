#!/usr/bin/env node
"use strict";
const { existsSync } = require("node:fs");
const path = require("node:path");
const built = path.join(__dirname, "..", "dist", "bin", "lumen.js");

if (existsSync(built)) {
  void require(built).main(process.argv);
} else {
  console.error("Lumen is not built yet: run `npm run build` first.");
  process.exitCode = 1;
}
