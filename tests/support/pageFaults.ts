import type { PageAnswer } from "./pageVisitor";

const TAGS = /<[a-z][^\s>/]*(?:\s+(?:"[^"]*"|'[^']*'|[^"'>])*)?>/gi;

const HEADERS: readonly (readonly [string, RegExp])[] = [
  ["content-type", /^text\/html; charset=utf-8$/],
  ["cache-control", /^no-store$/],
  ["x-content-type-options", /^nosniff$/],
  ["referrer-policy", /^same-origin$/],
  ["permissions-policy", /camera=\(\)/],
  ["cross-origin-opener-policy", /^same-origin$/],
];

/** What each whole page has to have, whoever it is for: headers, one h1, a title, a language, nothing inline. */
export function pageFaults({ headers, html }: Pick<PageAnswer, "headers" | "html">): string[] {
  const faults: string[] = [];
  for (const [name, pattern] of HEADERS) {
    const value = headers.get(name) ?? "";
    if (!pattern.test(value)) faults.push(`${name} is "${value}"`);
  }
  const policy = headers.get("content-security-policy") ?? "";
  for (const wanted of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    if (!policy.includes(wanted)) faults.push(`the policy says nothing of ${wanted}`);
  }
  if (/unsafe|https?:|\*/.test(policy)) faults.push(`the policy is wide: ${policy}`);
  return [...faults, ...htmlFaults(html)];
}

function htmlFaults(html: string): string[] {
  const faults: string[] = [];
  const tags = html.match(TAGS) ?? [];
  const count = (name: string) => tags.filter((tag) => new RegExp(`^<${name}[\\s>]`, "i").test(tag)).length;
  if (count("h1") !== 1) faults.push(`${count("h1")} h1`);
  if (count("main") !== 1) faults.push(`${count("main")} main`);
  if (!/<title>[^<]*\S[^<]*<\/title>/.test(html)) faults.push("no title");
  if (!/<html[^>]* lang="[a-z]{2}"/.test(html)) faults.push("no language");
  for (const tag of tags) {
    // Only the names of attributes count: what is between quotes is text.
    const bare = tag.replace(/"[^"]*"|'[^']*'/g, "\"\"");
    if (/^<style/i.test(tag)) faults.push("a style element");
    if (/\sstyle\s*=/i.test(bare)) faults.push(`a style attribute: ${tag}`);
    if (/\son[a-z]+\s*=/i.test(bare)) faults.push(`a handler: ${tag}`);
    if (/^<script/i.test(tag) && !/\ssrc="\/assets\//.test(tag)) faults.push(`a script in the page: ${tag}`);
    if (/^<(img|script|link|iframe|source|video|audio)\s[^>]*(src|href)="(https?:)?\/\//i.test(tag)) faults.push(`loads from elsewhere: ${tag}`);
    if (/(href|src|action)="\s*javascript:/i.test(tag)) faults.push(`a script address: ${tag}`);
  }
  const ids = tags.flatMap((tag) => /\sid="([^"]+)"/.exec(tag)?.[1] ?? []);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) faults.push(`ids given twice: ${twice.join(", ")}`);
  if (/\{\{|\[object Object\]|>undefined<|>NaN</.test(html)) faults.push("a hole in the template");
  const forms = html.match(/<form[\s\S]*?<\/form>/g) ?? [];
  for (const form of forms) if (/^<form[^>]*method="post"/i.test(form) && !/name="_csrf"/.test(form)) faults.push(`a form without its token: ${form.slice(0, 80)}`);
  return faults;
}
