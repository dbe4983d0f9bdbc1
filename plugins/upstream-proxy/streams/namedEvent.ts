/** An event with a name, as responses and messages have them; its `type` says the name once more. */
export function namedEvent(json: { readonly type: string } & Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(`event: ${json.type}\ndata: ${JSON.stringify(json)}\n\n`);
}
