/** A conversation of the demonstration: questions and made-up answers by turns. */
export interface DemoConversation {
  readonly title: string;
  readonly model: string;
  /** First parts of addresses, with the days since it was held. */
  readonly by: readonly (readonly [string, number])[];
  readonly turns: readonly { readonly question: string; readonly answer: string; readonly reasoning?: string }[];
  readonly systemPrompt?: string;
}

const GROUPING = `Yes. Read the file once and count by two columns:

\`\`\`python
import pandas as pd

reads = pd.read_csv("reads.csv")
table = (
    reads.groupby(["sample", "gene"])
    .size()
    .unstack(fill_value=0)
)
table.to_csv("counts.csv")
\`\`\`

\`unstack\` makes one column per gene; \`fill_value=0\` writes a zero where a gene was not seen.`;

const PRIMERS = `These are usual ranges; your polymerase's data sheet goes before them.

| property | range | why |
|---|---|---|
| length | 18 to 25 bases | specific, and still quick to bind |
| GC content | 40 to 60 % | stable, without strong hairpins |
| melting temperature | 55 to 65 °C | both primers within 3 °C |
| last base | G or C | holds the 3′ end |

**Check** both primers for dimers before you order.`;

const VARIANCE = `Write the mean as $\\bar{x} = \\frac{1}{n}\\sum_{i=1}^{n} x_i$. The unbiased variance is

$$s^2 = \\frac{1}{n-1}\\sum_{i=1}^{n}(x_i - \\bar{x})^2$$

One degree of freedom is spent on the mean: once $\\bar{x}$ is known, only $n-1$ of the deviations are free.`;

export const CONVERSATIONS: readonly DemoConversation[] = [
  {
    title: "Counting reads per gene", model: "qwen2.5-coder", by: [["marisol.ortega", 0], ["tomasz.wieczorek", 4], ["ada.lindqvist", 1]],
    turns: [
      { question: "I have reads.csv with the columns sample and gene. Can pandas give me a table of counts, genes as columns?", answer: GROUPING },
      { question: "The file has 40 GB. What then?", answer: "Read it in pieces and add the counts up:\n\n```python\ntotal = None\nfor piece in pd.read_csv(\"reads.csv\", chunksize=5_000_000):\n    counts = piece.groupby([\"sample\", \"gene\"]).size()\n    total = counts if total is None else total.add(counts, fill_value=0)\n```\n\nMemory then depends on the number of genes, not on the number of reads." },
    ],
  },
  {
    title: "Primer design, the short version", model: "llama3-70b", by: [["marisol.ortega", 2], ["priya.raghunathan", 9], ["ada.lindqvist", 3]],
    turns: [{ question: "What should I look at when I choose PCR primers? A table, please.", answer: PRIMERS }],
  },
  {
    title: "Why n − 1?", model: "deepseek-r1-32b", by: [["luis.ferreira", 3], ["marisol.ortega", 6], ["ada.lindqvist", 8]],
    turns: [{
      question: "Why does the sample variance divide by n − 1?", answer: VARIANCE,
      reasoning: "The person asks for the reason of Bessel's correction. I can show that the expected sum of squared deviations from the sample mean is (n−1)σ², or speak of degrees of freedom. The second is shorter; I give the formula as well.",
    }],
  },
  {
    title: "A kinder reminder to supervisors", model: "llama3-70b", by: [["hannah.blum", 1], ["ingrid.solheim", 12], ["ada.lindqvist", 15]], systemPrompt: "Write plain English. No flourishes.",
    turns: [
      { question: "Make this friendlier: \"You still have not approved the thesis titles.\"", answer: "> A short reminder: the thesis titles are waiting for your approval. Could you look at them by Friday? Thank you.\n\nIt keeps the date and leaves out the reproach." },
      { question: "Shorter.", answer: "> The thesis titles are waiting for you. Could you approve them by Friday? Thank you." },
    ],
  },
  {
    title: "Recursion, with an example", model: "phi-4-mini", by: [["ben.carlisle", 0], ["noor.haddad", 5], ["mei.zhang", 21]],
    turns: [{ question: "Explain recursion to me like I never programmed.", answer: "Think of a stack of boxes, each inside another. To find the ring you open a box. If there is a box in it, you do *the same thing* with that one. You stop when there is no box any more.\n\n1. **The step**: open this box.\n2. **The same again**: with what is inside.\n3. **The end**: nothing inside.\n\nA function that calls itself does just that." }],
  },
  {
    title: "Outline of the methods chapter", model: "llama3-70b", by: [["noor.haddad", 2], ["marisol.ortega", 16], ["ada.lindqvist", 33]],
    turns: [{ question: "Give me an outline for a methods chapter about interviews.", answer: "1. **Question** — what is to be found out, and why by interviews\n2. **Participants** — who was asked, how they were found, how many\n3. **Guide** — topics, and what was changed after the first two\n4. **Setting** — where, how long, how recorded\n5. **Analysis** — coding, who coded, how disagreements were settled\n6. **Ethics** — consent, names, where the recordings are kept\n7. **Limits**" }],
  },
];
