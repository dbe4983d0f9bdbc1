import { Option, type Command } from "commander";
import type { ExplainedReason, Explanation } from "../../core/services/explainAccess";
import { branch, leaf, ownerOf, perform, withOwner } from "../leaf";
import { table } from "../output";

export function addRightCommands(program: Command): void {
  const consent = branch(program, "consent", "one-time consent to the notice of a model");
  withOwner(leaf(consent, "record", "record consent to the notice in force", ["consent record --client research-bot --model llama3"]))
    .requiredOption("--model <name>", "the model")
    .action(async ({ model }: { model: string }, command: Command) => {
      await perform<unknown>(command, "consent.record", { ...ownerOf(command), model }, () => `Consent for ${model} is recorded.`);
    });
  withOwner(leaf(consent, "withdraw", "withdraw consent; the model asks for it again", ["consent withdraw --client research-bot --model llama3"]))
    .requiredOption("--model <name>", "the model")
    .action(async ({ model }: { model: string }, command: Command) => {
      await perform<unknown>(command, "consent.withdraw", { ...ownerOf(command), model }, () => `Consent for ${model} is withdrawn.`);
    });

  withOwner(leaf(program, "explain", "why an owner may or may not use a model, with the deciding line of the file", [
    "explain --user ana@example.edu --model llama3",
    "explain --client research-bot --model llama3 --key 4fXk02LmQa9Z",
  ]))
    .requiredOption("--model <name>", "the model")
    .option("--key <id>", "as a call with this key would be decided")
    .addOption(new Option("--via <path>", "the way of the call").choices(["api", "chat"]).default("api"))
    .action(async ({ model, key, via }: { model: string; key?: string; via: string }, command: Command) => {
      await perform<Explanation>(command, "explain", { ...ownerOf(command), model, key, via }, showExplanation);
    });
}

function showExplanation({ summary, reasons, decidedBy }: Explanation): string {
  const isDeciding = (reason: ExplainedReason) =>
    reason.stage === decidedBy.stage && reason.layer === decidedBy.layer && reason.line === decidedBy.line;
  const rows = table(reasons, [
    { title: "ASKED", of: ({ layer }) => layer },
    { title: "FOR", of: ({ stage }) => stage },
    { title: "SAID", of: ({ said }) => said ?? "nothing" },
    { title: "WHERE", of: ({ file, line }) => (file === null ? "-" : `${file}:${line ?? 0}`) },
    { title: "", of: (reason) => (isDeciding(reason) ? "<- decides" : "") },
  ], "");
  return `${summary}\n\n${rows}`;
}
