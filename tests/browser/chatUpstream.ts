import type { Handler } from "../support/fakeUpstream";

export const HOSTILE = [
  '<img src="http://evil.example/a.png" onerror="alert(1)"> <script>alert(2)</script> <style>*{display:none}</style>',
  "![pixel](http://evil.example/b.png) [click](javascript:alert(3)) [data](data:text/html,x)",
  "$\\includegraphics{http://evil.example/c.png}$ $\\href{javascript:alert(4)}{x}$",
].join("\n\n");

/** A long answer as models write them: some 20,000 tokens of prose, code, tables and formulas. */
export const LONG = Array.from({ length: 620 }, (_, at) => {
  if (at % 7 === 3) return `\`\`\`python\n${`x = compute(${at})  # step\n`.repeat(5)}\`\`\``;
  if (at % 11 === 5) return `| a | b |\n|---|---|\n| ${at} | $x_{${at}}$ |`;
  return `Paragraph ${at} with **bold** words, \`code\` and so on, as long as a paragraph of a real answer is, more or less.`;
}).join("\n\n");

/** What the model of the chat's tests says, by what it is asked; `waits` are the streams that say nothing more until they are closed. */
export function chatUpstream(closed: () => void): Handler {
  return async (request, respond) => {
    if (request.method === "GET") return respond.json(200, { object: "list", data: [{ id: "m", object: "model" }] });
    const body = request.json() as { messages?: { content: unknown }[] };
    const asked = JSON.stringify(body.messages?.at(-1)?.content ?? "");
    const text = asked.includes("hostile") ? HOSTILE : asked.includes("long") ? LONG : `You asked: ${asked.slice(0, 200)}. **Bold** and \`code\`.\n\n\`\`\`js\nlet a = 1;\n\`\`\`\n\n$x^2$`;
    await respond.stream();
    if (asked.includes("wait")) {
      await respond.delta("First words. ");
      const watch = setInterval(() => {
        if (!respond.isClosed) return;
        clearInterval(watch);
        closed();
      }, 20);
      return;
    }
    for (const piece of text.match(/[\s\S]{1,400}/g) ?? []) await respond.delta(piece);
    await respond.finish();
    await respond.usage(20, Math.ceil(text.length / 4));
    await respond.done();
  };
}
