import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "../core/environment";
import { CodedError } from "../core/errors/codedError";
import { ERROR_CODES, type ErrorCodeName } from "../core/errors/codes";
import { errorBody } from "../core/gateway/respond";

const read = (...parts: string[]) => readFileSync(path.join(projectRoot(), ...parts), "utf8");
const cellsOf = (line: string) => line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""));

describe("the error codes", () => {
  const documented = read("docs", "errors.md").split("\n").filter((line) => /^\| \d/.test(line)).map(cellsOf);

  it("are documented, each with its status and type, in order of status", () => {
    const rows = documented.map(([status, type, code]) => `${status} ${type} ${code}`);
    const registered = Object.entries(ERROR_CODES).map(([code, { status, type }]) => `${status} ${type} ${code}`);
    expect(rows).to.have.members(registered);
    const statuses = documented.map(([status]) => Number(status));
    expect(statuses).to.deep.equal([...statuses].sort((a, b) => a - b));
  });

  it("are documented with when they come and what to do then", () => {
    for (const row of documented) {
      expect(row, row[2]).to.have.length(5);
      expect(row.every((cell) => cell.length > 2), row[2]).to.equal(true);
    }
  });

  it("have a sentence of their own that says what to do, and a type that fits the status", () => {
    const kinds: Record<number, string> = { 401: "authentication_error", 403: "permission_error" };
    for (const [code, { status, type, message }] of Object.entries(ERROR_CODES)) {
      expect(message, code).to.match(/^[A-Z].*\.$/);
      if (status === 429) expect(type, code).to.be.oneOf(["insufficient_quota", "rate_limit_error"]);
      else expect(type, code).to.equal(kinds[status] ?? (status >= 500 ? "server_error" : "invalid_request_error"));
    }
  });

  it("are sent as one shape", () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCodeName[]) {
      const { error } = JSON.parse(errorBody(new CodedError(code))) as { error: Record<string, unknown> };
      expect(Object.keys(error)).to.deep.equal(["message", "type", "param", "code"]);
      expect(error).to.include({ code, type: ERROR_CODES[code].type, param: null });
    }
  });

  it("that a plugin's README names are there, with the status that it says", () => {
    const wrong: string[] = [];
    for (const plugin of readdirSync(path.join(projectRoot(), "plugins"))) {
      for (const line of read("plugins", plugin, "README.md").split("\n").filter((row) => /^\| \d{3} /.test(row))) {
        const [status, code] = cellsOf(line);
        if (ERROR_CODES[code as ErrorCodeName]?.status !== Number(status)) wrong.push(`${plugin}: ${status} ${code}`);
      }
    }
    expect(wrong).to.deep.equal([]);
  });

  it("that a plugin throws are named in its README", () => {
    const missing: string[] = [];
    for (const plugin of readdirSync(path.join(projectRoot(), "plugins"))) {
      const readme = read("plugins", plugin, "README.md");
      const sources = readdirSync(path.join(projectRoot(), "plugins", plugin)).filter((name) => /\.ts$/.test(name) && !/\.test\.ts$/.test(name));
      for (const source of sources) {
        for (const [, code] of read("plugins", plugin, source).matchAll(/(?:new CodedError|coded)\("([a-z_]+)"/g)) {
          if (!readme.includes(`\`${code}\``)) missing.push(`${plugin}: ${code}`);
        }
      }
    }
    expect(missing).to.deep.equal([]);
  });
});
