import type { LumenProcess } from "./lumenProcess";

/** A page as a browser without script gets it. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Of a redirect. */
  readonly location: string | undefined;
}

/** A browser without script: keeps cookies, sends forms with their token. */
export class PageVisitor {
  private readonly cookies = new Map<string, string>();

  constructor(readonly url: string) {}

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<PageAnswer> {
    return this.send("GET", path, undefined, headers);
  }

  /** As htmx asks: the answer is a part of a page. */
  async swap(path: string, fields?: FormFields): Promise<PageAnswer> {
    const headers = { "hx-request": "true" };
    return fields ? this.post(path, fields, headers) : this.get(path, headers);
  }

  /** Posts a form with the token of the page that shows it. */
  async post(path: string, fields: FormFields = {}, headers: Readonly<Record<string, string>> = {}): Promise<PageAnswer> {
    const body = new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, one])));
    if (!body.has("_csrf")) body.set("_csrf", await this.csrfToken());
    return this.send("POST", path, body, headers);
  }

  /** Posts a form that asks first, and then, as it stands there, the form of the question. @throws Error where nothing was asked */
  async postAndConfirm(path: string, fields: FormFields = {}): Promise<PageAnswer> {
    const { html } = await this.post(path, fields);
    const [, question = ""] = /<main\b([\s\S]*)<\/main>/.exec(html) ?? [];
    const hidden = Object.fromEntries([...question.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name = "", value = ""]) => [name, value]));
    const [, action] = /<form method="post" action="([^"]*)"/.exec(question) ?? [];
    if (action !== path || hidden["confirmed"] !== "1") throw new Error(`${path} asked nothing`);
    return this.post(action, hidden);
  }

  async csrfToken(): Promise<string> {
    const { html } = await this.get("/help");
    return /name="csrf-token" content="([^"]*)"/.exec(html)?.[1] ?? "";
  }

  cookie(name: string): string | undefined {
    return this.cookies.get(name);
  }

  setCookie(name: string, value: string): void {
    this.cookies.set(name, value);
  }

  cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  private async send(method: string, path: string, body: URLSearchParams | undefined, headers: Readonly<Record<string, string>>): Promise<PageAnswer> {
    const answer = await fetch(new URL(path, this.url), {
      method, redirect: "manual", ...(body ? { body } : {}),
      headers: { accept: "text/html", ...(this.cookies.size > 0 ? { cookie: this.cookieHeader() } : {}), ...headers },
    });
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    return { status: answer.status, headers: answer.headers, html: await answer.text(), location: answer.headers.get("location") ?? undefined };
  }

  private keep(line: string): void {
    const [pair = ""] = line.split(";", 1);
    const at = pair.indexOf("=");
    const value = pair.slice(at + 1);
    if (value === "" || /max-age=0\b/i.test(line)) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), value);
  }
}

type FormFields = Readonly<Record<string, string | string[]>>;

/** Makes the user where they are not there yet, and signs them in by a link. */
export async function signedIn(lumen: LumenProcess, email: string): Promise<PageVisitor> {
  const visitor = new PageVisitor(lumen.url);
  const { path } = await signInPath(lumen, email);
  const { status } = await visitor.post(path, { _csrf: await visitor.csrfToken() });
  if (status !== 303) throw new Error(`signing in as ${email} was answered with ${status}`);
  return visitor;
}

/** A one-time address that signs a person in. */
export async function signInPath(lumen: LumenProcess, email: string): Promise<{ path: string }> {
  await lumen.cli("user", "create", email);
  return lumen.json<{ path: string }>("user", "link", email);
}
