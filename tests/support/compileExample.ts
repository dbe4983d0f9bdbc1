import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { projectRoot } from "../../core/environment";

/** A plugin out of a page, compiled into `dist/` as if it stood under `plugins/`. */
export interface CompiledExample {
  /** What the compiler says against it. */
  readonly faults: readonly string[];
  load(file: string): unknown;
  remove(): void;
}

const NAME = "example-of-the-docs";

/** Compiles files that are nowhere on the disk with the project's own settings. @param files by name, with their text */
export function compileExample(files: Readonly<Record<string, string>>): CompiledExample {
  const root = projectRoot();
  const folder = path.join(root, "plugins", NAME);
  const out = path.join(root, "dist/plugins", NAME);
  const texts = new Map(Object.entries(files).map(([name, text]) => [path.join(folder, name), text]));
  const options = { ...settingsOf(root), incremental: false, tsBuildInfoFile: undefined };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    directoryExists: (name) => name === folder || ts.sys.directoryExists(name),
    fileExists: (name) => texts.has(name) || disk.fileExists(name),
    readFile: (name) => texts.get(name) ?? disk.readFile(name),
    getSourceFile: (name, target, ...more) => {
      const text = texts.get(name);
      return text === undefined ? disk.getSourceFile(name, target, ...more) : ts.createSourceFile(name, text, target);
    },
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  const own = [...texts.keys()].flatMap((name) => program.getSourceFile(name) ?? []);
  const faults = own.flatMap((source) => [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]);
  mkdirSync(out, { recursive: true });
  for (const source of own) program.emit(source, (name, text) => writeFileSync(name, text));
  return {
    faults: faults.map(({ file, messageText }) => `${path.basename(file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`),
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as the host loads a plugin
    load: (file) => require(path.join(out, file)) as unknown,
    remove: () => rmSync(out, { recursive: true, force: true }),
  };
}

function settingsOf(root: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), (name) => ts.sys.readFile(name)) as { config: object };
  return ts.parseJsonConfigFileContent({ ...config, include: [], files: ["server.ts"] }, ts.sys, root).options;
}
