/** What kind of picture this is, by its first bytes; undefined: none that browsers are given. SVG is none: it may hold script. */
export function pictureType(body: Buffer): string | undefined {
  const starts = (text: string, at = 0) => body.subarray(at, at + text.length).toString("latin1") === text;
  if (starts("\x89PNG\r\n\x1a\n")) return "image/png";
  if (starts("\xff\xd8\xff")) return "image/jpeg";
  if (starts("GIF87a") || starts("GIF89a")) return "image/gif";
  if (starts("RIFF") && starts("WEBP", 8)) return "image/webp";
  return undefined;
}
