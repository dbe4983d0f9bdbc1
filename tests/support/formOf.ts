/** A form as a client of the web platform sends it, fields in their order. */
export async function formOf(fields: Readonly<Record<string, string | Blob>>): Promise<{ readonly body: Buffer; readonly contentType: string }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value as string);
  const made = new Response(form);
  return { body: Buffer.from(await made.arrayBuffer()), contentType: made.headers.get("content-type") ?? "" };
}
