import { expect } from "chai";
import { faultLine } from "../config/fault";
import { readYaml } from "./yamlSource";

describe("reading one of the host's files", () => {
  const read = (text: string, env: NodeJS.ProcessEnv = {}) => readYaml(text, "gateway.config.yml", env);
  const lines = (text: string, env: NodeJS.ProcessEnv = {}) => read(text, env).faults.map(faultLine);

  it("fills in variables, with the type that the text has in YAML", () => {
    const text = "port: ${PORT}\nname: \"${NAME}\"\non: ${ON}\nurl: http://${HOST:-127.0.0.1}:${PORT}/\nempty: ${EMPTY:-}\n";
    expect(read(text, { PORT: "8080", NAME: "8080", ON: "true" }).value).to.deep.equal({ port: 8080, name: "8080", on: true, url: "http://127.0.0.1:8080/", empty: null });
  });

  it("takes a variable for a value, whatever it holds: it brings no YAML of its own", () => {
    expect(read("a: ${EVIL}\n", { EVIL: "1\nb: 2" }).value).to.deep.equal({ a: "1\nb: 2" });
    expect(read("a: ${EVIL}\n", { EVIL: "[1, 2]" }).value).to.deep.equal({ a: "[1, 2]" });
    expect(read("a: ${A}\n", { A: "${B}", B: "x" }).value).to.deep.equal({ a: "${B}" });
  });

  it("names every variable that is not set and has no default, with its line: the host would write null", () => {
    expect(lines("http:\n  port: ${PORT}\n  hostname: ${HOSTNAME_OF_MINE}\n")).to.deep.equal([
      "gateway.config.yml:2:9: The environment variable PORT is not set. Set it, or write ${PORT:-default}.",
      "gateway.config.yml:3:13: The environment variable HOSTNAME_OF_MINE is not set. Set it, or write ${HOSTNAME_OF_MINE:-default}.",
    ]);
    expect(read("a: ${X}\n").value).to.equal(undefined);
  });

  it("leaves the templates of the host's log policy alone", () => {
    expect(read("message: ${req.method} ${req.url}\n").value).to.deep.equal({ message: "${req.method} ${req.url}" });
  });

  it("names the place of broken YAML", () => {
    for (const [text, place] of [["a: [1, 2\nb: 3\n", /^gateway\.config\.yml:\d+:\d+: /], ["a: 1\na: 2\n", /^gateway\.config\.yml:2:1: .*unique/], ["\tb: 1\n", /^gateway\.config\.yml:1:/]] as const) {
      const { value, faults } = read(text);
      expect(value, text).to.equal(undefined);
      expect(faults.map(faultLine)[0], text).to.match(place);
    }
  });

  it("finds the way from a path to a line, as far as the path goes", () => {
    const source = read("pipelines:\n  inference:\n    policies:\n      - a:\n      - b:\n          - action:\n              x: 1\n");
    const place = (...path: (string | number)[]) => faultLine(source.fault(path, "m"));
    expect(place("pipelines", "inference")).to.equal("gateway.config.yml:2:3: m");
    expect(place("pipelines", "inference", "policies", 1, "b")).to.equal("gateway.config.yml:5:9: m");
    expect(place("pipelines", "inference", "policies", 1, "b", 0, "action", "x")).to.equal("gateway.config.yml:7:15: m");
    expect(place("pipelines", "gone", "policies")).to.equal("gateway.config.yml:1:1: m");
    expect(place()).to.equal("gateway.config.yml:1:1: m");
  });

  it("reads an empty file as nothing", () => {
    expect(read("")).to.deep.include({ faults: [], value: null });
  });
});
