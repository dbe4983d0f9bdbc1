/** One word for a POSIX shell, whatever is in it. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * A call for a shell.
 * @param authorization the header with the key, as the shell is to read it: one word
 * @param body none: GET
 */
export function curlCall(address: string, authorization: string, body?: object): string {
  const words = [`curl ${shellWord(address)}`, `-H ${authorization}`];
  if (body) words.push(`-H ${shellWord("Content-Type: application/json")}`, `-d ${shellWord(JSON.stringify(body))}`);
  return words.join(" \\\n  ");
}

/** The body of a first chat with a model. */
export const helloChat = (model: string): object => ({ model, messages: [{ role: "user", content: "Hello" }] });
