import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "../../../core/environment";
import { STATUS_TONES } from "./modelStatus";

describe("the dot of a model's status", () => {
  it("has the colour of its badge; a quiet one is grey", () => {
    const css = readFileSync(path.join(projectRoot(), "public/css/60-chat.css"), "utf8");
    for (const [status, tone] of Object.entries(STATUS_TONES)) {
      const [, colour = "quiet"] = new RegExp(`\\.status-${status} \\{ background: var\\(--(\\w+)\\); \\}`).exec(css) ?? [];
      expect(colour, status).to.equal(tone);
    }
  });
});
