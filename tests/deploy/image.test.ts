import { expect } from "chai";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { projectRoot, readEnvironment } from "../../core/environment";
import { importsOf, sourceFiles } from "../support/importLines";
import { startNodeArgs } from "../support/startNodeArgs";
import { contextFilter, environmentOf, execForm, parseDockerfile } from "./dockerfile";
import { installImage, type ImageTree } from "./imageTree";

const root = projectRoot();
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const stages = parseDockerfile(read("Dockerfile"));
const image = stages.at(-1)!;
const inContext = contextFilter(read(".dockerignore"));
const env = environmentOf(image);
const only = (name: string) => {
  const found = image.instructions.filter((instruction) => instruction.name === name);
  expect(found, name).to.have.length(1);
  return found[0]!;
};

describe("the image", () => {
  describe("as the Dockerfile says it", () => {
    it("stands on one Node in all of its stages, one that package.json allows", () => {
      const bases = new Set(stages.map(({ from }) => from));
      const [, major] = /^node:(\d+)-[a-z]+-slim$/.exec([...bases].join()) ?? [];
      const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
      const [, least] = /^>=(\d+)\./.exec(engines.node) ?? [];
      expect(Number(major)).to.be.at.least(Number(least));
    });

    it("runs nothing through a shell", () => {
      const commands = stages.flatMap(({ instructions }) => instructions).filter(({ name }) => ["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"].includes(name));
      expect(commands.length).to.be.greaterThan(5);
      for (const command of commands) expect(execForm(command)[0]).not.to.match(/^(ba)?sh$/);
    });

    it("lets no script of a package run", () => {
      const installs = stages.flatMap(({ instructions }) => instructions).filter(({ name }) => name === "RUN").map(execForm).filter(([program, verb]) => program === "npm" && verb === "ci");
      expect(installs).to.have.length(2);
      for (const words of installs) expect(words).to.include("--ignore-scripts");
    });

    it("sets variables alone that the code or the files of the host read", () => {
      const known = new Set(["NODE_ENV", ...[...`${read("core/environment.ts")}${read("gateway.config.yml")}`.matchAll(/env\["(\w+)"\]|\$\{(\w+)/g)].map((match) => match[1] ?? match[2])]);
      expect(Object.keys(env).filter((name) => !known.has(name))).to.deep.equal([]);
    });

    it("exposes the port that it sets, which is the default", () => {
      expect(only("EXPOSE").text).to.equal(env["PORT"]);
      expect(read("gateway.config.yml")).to.contain(`\${PORT:-${env["PORT"]}}`);
    });

    it("keeps data, secrets and uploads in its volume, and reads its configuration from a folder outside", () => {
      const environment = readEnvironment(env);
      const volume = only("VOLUME").text;
      for (const folder of [environment.dataFolder, environment.secretsFolder, environment.spoolFolder]) expect(path.dirname(folder)).to.equal(volume);
      expect(environment.configFile).to.equal("/etc/lumen/config.yaml");
      const made = image.instructions.filter(({ name }) => name === "RUN").map(execForm).find((words) => words.at(-1) === volume);
      expect(made, "the volume has to belong to the user of the process").to.include.members(["0700", "node"]);
    });

    it("runs as a user that is not root, by its number, and is stopped by the signal that the server hears", () => {
      expect(only("USER").text).to.match(/^[1-9]\d*:[1-9]\d*$/);
      expect(image.instructions.findLastIndex(({ name }) => ["RUN", "COPY"].includes(name))).to.be.below(image.instructions.indexOf(only("USER")));
      expect(read("server.ts")).to.contain(`process.once("${only("STOPSIGNAL").text}"`);
    });
  });

  describe("as .dockerignore feeds it", () => {
    const context = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => !/^(node_modules|dist|\.git)\//.test(file) && inContext(file));

    it("holds no configuration, no data, no secret and no test", () => {
      for (const file of ["config.yaml", ".env", "deploy/.env", "data/users.json", "data.secrets/pepper", "data-demo/users.json", ".git/config", "dist/server.js", "node_modules/x/index.js", "core/ids.test.ts", "core/gateway/testing/testServices.ts", "x.pem"]) {
        expect(inContext(file), file).to.equal(false);
      }
      expect(context.filter((file) => /\.ts$/.test(file) && read(file).includes("PRIVATE KEY"))).to.deep.equal([]);
    });

    it("holds every file that a file in it imports, so that it compiles", () => {
      const sources = sourceFiles(root).filter(inContext);
      expect(sources).to.include("server.ts");
      const missing = sources.flatMap((file) => importsOf(root, file).filter(({ from }) => from.startsWith(".")).map(({ from }) => path.posix.join(path.posix.dirname(file), from).replace(/\.js$/, "")))
        .filter((target) => ![`${target}.ts`, `${target}/index.ts`].some((file) => existsSync(path.join(root, file)) && inContext(file)));
      expect(missing).to.deep.equal([]);
    });

    it("loses nothing on the way into the image that is not compiled and that the program reads", () => {
      const copied = image.instructions.filter(({ name }) => name === "COPY").flatMap(({ text }) => text.split(/\s+/).slice(0, -1)).map((from) => from.replace(/^\/app\//, ""));
      const needed = context.filter((file) => /\.\w+$/.test(file) && !/\.(ts|tmpl)$|^(plugins|core)\/.*\.md$|^(tsconfig|package-lock)\.json$/.test(file));
      expect(needed.filter((file) => !copied.some((from) => file === from || file.startsWith(`${from}/`)))).to.deep.equal([]);
      expect(needed.some((file) => file.endsWith(".sql"))).to.equal(true);
    });
  });

  describe("taken step by step, without Docker", function () {
    this.timeout(300_000);
    let tree: ImageTree;

    before(async () => {
      tree = await installImage(root, image, inContext);
    });
    after(() => tree.remove());

    it("starts on a tree that it cannot write to, answers a chat, is healthy, and stops with 0", async () => {
      const running = await tree.start();
      const health = execForm(only("HEALTHCHECK"));
      expect(await tree.run(health, { PORT: running.port })).to.include({ code: 0 });

      const lumen = execForm(only("ENTRYPOINT"));
      expect(lumen).to.deep.equal(["node", ...startNodeArgs(), "/app/bin/lumen.js"]);
      await tree.run([...lumen, "client", "create", "bot"]);
      const made = await tree.run([...lumen, "key", "create", "--client", "bot", "--name", "first", "--json"]);
      const { key } = JSON.parse(made.stdout) as { key: string };
      const address = `http://127.0.0.1:${running.port}`;
      const answer = await fetch(`${address}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "dummy", messages: [{ role: "user", content: "Hello" }] }),
      });
      expect(answer.status).to.equal(200);
      await answer.arrayBuffer();
      for (const page of ["/sign-in", "/help/configuration"]) expect((await fetch(`${address}${page}`)).status, page).to.equal(200);

      expect(await running.stop()).to.equal(0);
      expect(await tree.run(health, { PORT: running.port })).to.include({ code: 1 });
      expect(await tree.written()).to.deep.equal([]);
    });
  });
});
