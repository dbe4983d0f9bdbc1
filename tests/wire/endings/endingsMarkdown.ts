import type { Ending, EndingSection, Outcome } from "./ending";
import { ENDINGS } from "./endings";

export const ENDINGS_PAGE = "docs/endings.md";

const INTRODUCTION = `# How calls end

Each way for a call to go wrong that is known, and the one thing that comes of it. This page is printed from the table that the tests run
against a gateway, a model server and a caller on raw sockets (\`tests/wire/endings\`): it says what happens, not what should.
Change the table, then run \`npm run docs:endings\`.

The third column is what the caller gets: the status and the error code ([errors.md](errors.md)), or of a stream its kinds of events in their order. The
last one is the call's entry in the ledger: its status, its flags, and what was charged.

| words | meaning |
|---|---|
| \`error …\` inside a stream | an event \`data: {"error": {…}}\` with this code, or with the server's own |
| the whole answer | as the server gave it |
| cut off | the caller sees that the connection ended too early |
| of the server's own words | status, message, type and code are the server's, in the gateway's shape ([W11](wire.md#errors)) |
| free | an entry that charges nothing |
| no entry | the call never reached a server |
| by estimate | tokens that the server did not report are counted from the text ([C2](rules.md#c-charges)) |
| failed, aborted, stopped | the flags of the entry: the server broke off, the caller left, the coins ended |

By names the clause of [wire.md](wire.md) or the rule of [rules.md](rules.md) behind it.
`;

/** The page, as it has to stand in docs/. */
export function endingsMarkdown(): string {
  return [INTRODUCTION, ...ENDINGS.map(sectionOf)].join("\n");
}

function sectionOf({ title, endings }: EndingSection): string {
  return `## ${title}\n\n| what happens | call | on the wire | in the ledger | by |\n|---|---|---|---|---|\n${endings.flatMap(rowsOf).join("\n")}\n`;
}

function rowsOf({ what, by, both, streamed, whole }: Ending): string[] {
  const row = (first: string, call: string, [wire, ledger]: Outcome) => `| ${first} | ${call} | ${wire} | ${ledger} | ${by} |`;
  if (both) return [row(what, "any", both)];
  return [...(streamed ? [row(what, "streamed", streamed)] : []), ...(whole ? [row(streamed ? "" : what, "not streamed", whole)] : [])];
}
