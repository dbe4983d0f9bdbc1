const LONGEST_QUOTE = 400;
const LONGEST_ANSWER_WORDS = 100_000;

const SAMPLES: readonly { readonly asked: RegExp; readonly sample: string }[] = [
  {
    asked: /\b(code|python|program|script|function)\b/i,
    sample: [
      "Since you mention code, here is some:",
      "",
      "```python",
      "def greet(name: str) -> str:",
      '    """Say hello."""',
      '    return f"Hello, {name}!"',
      "",
      'print(greet("world"))',
      "```",
    ].join("\n"),
  },
  {
    asked: /\b(table|compare|comparison|list)\b/i,
    sample: [
      "And a table, to show how one looks:",
      "",
      "| Part | What it does |",
      "|---|---|",
      "| Gateway | checks the key, holds the coins, passes the call on |",
      "| Model server | writes the answer |",
      "| Ledger | keeps what it cost |",
    ].join("\n"),
  },
  {
    asked: /\b(math|formula|equation|integral)\b/i,
    sample: "A little mathematics: $e^{i\\pi} + 1 = 0$, and on a line of its own\n\n$$\\int_0^1 x^2 \\, dx = \\frac{1}{3}$$",
  },
];

function quote(question: string): string {
  const characters = question.trim();
  const short = characters.length > LONGEST_QUOTE ? `${characters.slice(0, LONGEST_QUOTE).replace(/[\ud800-\udbff]$/, "")} …` : characters;
  return short.split(/\r\n|\r|\n/).map((line) => `> ${line}`).join("\n");
}

/** The demo model's answer, in Markdown: the same question always has the same one. */
export function demoAnswer(question: string, turn: number): string {
  const parts = [
    turn > 1 ? `This is turn ${turn} of our conversation. You wrote:` : "Hello! You wrote:",
    question.trim() === "" ? "> *(nothing)*" : quote(question),
    "I am a **demo model**: a small stand-in that does not think, so that you can try everything around a model " +
      "before you connect a real one.",
    ...SAMPLES.filter(({ asked }) => asked.test(question)).map(({ sample }) => sample),
    "What you see is real all the same:",
    "- the answer is *streamed* to you word by word,\n" +
      "- its tokens are counted, and paid for like those of any other model,\n" +
      "- and the same question always gets the same answer.",
    "Add a model of your own to `config.yaml`, and it will appear beside me.",
  ];
  return parts.join("\n\n");
}

/** An answer of exactly so many words, for tests and benchmarks. */
export function demoWordsAnswer(words: number): string {
  const count = Math.min(Math.max(words, 0), LONGEST_ANSWER_WORDS);
  return Array.from({ length: count }, (_, at) => `word${at % 10}`).join(" ");
}
