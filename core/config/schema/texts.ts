import { textLike, type Leaf } from "./leaf";

/** Texts with a form of their own. Their messages never repeat the value: an address may hold a password. */

export const email = (): Leaf<string> =>
  textLike("e-mail address", EMAIL, "This must be an e-mail address.", (value) => value.toLowerCase());

export const EMAIL = /^[^\s@,<>]+@[^\s@,<>]+$/;

/** A page of the world: what people click on. */
export const webAddress = (): Leaf<string> =>
  textLike("address", /^https?:\/\/[^\s/]/i, "This must be an address that begins with https:// or http://.");

/** A link of the footer: also a path of this server or a mail address. */
export const linkAddress = (): Leaf<string> =>
  textLike("address", /^(https?:\/\/[^\s/]|mailto:[^\s@]+@|\/(?!\/))/i, "This must begin with https://, http://, mailto: or /.");

/** The address of this server, or the base of another: without a slash at its end. */
export const baseAddress = (): Leaf<string> =>
  textLike("address", /^https?:\/\/[^\s/?#]+[^\s?#]*$/i, "This must be an address that begins with https:// or http://, without ? or #.", trimSlashes);

export const endpointAddress = (): Leaf<string> =>
  textLike("address", /^(demo:|https?:\/\/[^\s/?#]+[^\s?#]*)$/i, 'This must be the base address of a model server, such as http://gpu1:8000/v1, or "demo:".', trimSlashes);

/** Below a base address, as it stands: nothing in it may lead out of that base or to another server (docs/wire.md W70). */
export const endpointPath = (): Leaf<string> =>
  textLike("path", /^(?:\/(?!\.{1,2}(?:\/|$))[\w\-.~!$&'()*+,;=:@]+)+$/, "This must be a path that begins with /, without `..`, `//`, `?`, `#` and `%`.");

/** What a browser sends as `Origin`: scheme, host and port, nothing behind them. `*` is any. */
export const pageOrigin = (): Leaf<string> =>
  textLike("origin", /^(\*|https?:\/\/[^\s/?#*]+\/?)$/i, "This must be an origin such as https://app.example.edu, without a path, or \"*\" for any.", (value) => trimSlashes(value).toLowerCase());

export const storeAddress = (): Leaf<string> =>
  textLike("address", /^($|postgres(ql)?:\/\/\S)/i, "This must be empty for the embedded store, or begin with postgres://.");

export const themeName = (): Leaf<string> =>
  textLike("name of a theme", /^[A-Za-z0-9][A-Za-z0-9_-]*$/, "This must be the name of a theme: letters, digits, - and _.");

export const headerValue = (): Leaf<string> => textLike("text", /^[\t\x20-\x7e\x80-\xff]*$/, "A header must not hold line breaks or control characters.");

function trimSlashes(value: string): string {
  let end = value.length;
  while (value[end - 1] === "/") end -= 1;
  return value.slice(0, end);
}
