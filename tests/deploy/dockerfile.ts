/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  /** In upper case: `COPY`. */
  readonly name: string;
  /** `--from=build` as `from: "build"`. */
  readonly flags: Readonly<Record<string, string>>;
  /** What stands behind the name and the flags. */
  readonly text: string;
}

/** From one FROM to the next. */
export interface Stage {
  readonly name?: string;
  /** The base image, with the defaults of ARG put in. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

const LINE = /^([A-Za-z]+)\s+((?:--[a-z-]+=\S+\s+)*)([\s\S]*)$/;

/** Reads as much of the format as ours uses. @throws Error for a line that it does not understand */
export function parseDockerfile(source: string): Stage[] {
  const lines = source.replace(/^\s*#.*\n/gm, "").replace(/\\\n/g, " ").split("\n").filter((line) => line.trim() !== "");
  const defaults = new Map<string, string>();
  const stages: { name?: string; from: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, word, flagText = "", rest] = LINE.exec(line.trim()) ?? [];
    if (word === undefined || rest === undefined) throw new Error(`not understood: ${line}`);
    const name = word.toUpperCase();
    const text = rest.trim();
    const flags = Object.fromEntries([...flagText.matchAll(/--([a-z-]+)=(\S+)/g)].map(([, flag = "", value = ""]) => [flag, value]));
    if (name === "FROM") {
      const [image = "", , stage] = text.split(/\s+/);
      stages.push({ name: stage, from: image.replace(/\$\{(\w+)\}/g, (_whole, key: string) => defaults.get(key) ?? ""), instructions: [] });
    } else if (stages.length > 0) stages.at(-1)?.instructions.push({ name, flags, text });
    else if (name === "ARG") defaults.set(text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1));
    else throw new Error(`${name} stands before the first FROM`);
  }
  return stages;
}

/** The words of an instruction in exec form. @throws Error for the form that needs a shell */
export function execForm({ name, text }: Instruction): string[] {
  const words: unknown = JSON.parse(text.slice(text.indexOf("[")));
  if (!Array.isArray(words) || !words.every((word) => typeof word === "string")) throw new Error(`${name} is not in exec form: ${text}`);
  return words;
}

/** The variables of the ENV lines of a stage. */
export function environmentOf({ instructions }: Stage): Record<string, string> {
  const pairs = instructions.filter(({ name }) => name === "ENV").flatMap(({ text }) => text.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

/** Whether .dockerignore lets a file through to the builder: the last line that speaks of it, or of a folder above it, decides. */
export function contextFilter(ignoreFile: string): (file: string) => boolean {
  const lines = ignoreFile.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const rules = lines.map((line) => ({ keeps: line.startsWith("!"), pattern: patternOf(line.replace(/^!/, "")) }));
  return (file) => rules.findLast(({ pattern }) => pattern.test(file))?.keeps ?? true;
}

function patternOf(glob: string): RegExp {
  const body = glob.split("**/").map((part) => part.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, "[^/]*")).join("(?:.*/)?");
  return new RegExp(`^${body}(?:/.*)?$`);
}
