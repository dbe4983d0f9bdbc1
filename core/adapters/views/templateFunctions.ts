import Handlebars, { type HelperDelegate } from "handlebars";
import { displayCoins, displayLimit } from "../../domain/coins";
import { renderMarkdown } from "../markdown/renderMarkdown";

const { escapeExpression, SafeString } = Handlebars;
const numbers = new Intl.NumberFormat("en-US");
const dates = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

/** What templates may call beside Handlebars' own. */
export function templateFunctions(assetUrl: (name: string) => string): Record<string, HelperDelegate> {
  return {
    /** `{{asset "lumen.css"}}` */
    asset: (name: string) => assetUrl(name),
    /** What a model wrote, as HTML that is safe to show. */
    markdown: (text: unknown) => new SafeString(typeof text === "string" ? renderMarkdown(text) : ""),
    /** `2.4 MB` */
    bytes: (count: unknown) => (typeof count === "number" ? sizeOf(count) : "–"),
    /** `{{#if (eq a b)}}` */
    eq: (a: unknown, b: unknown) => a === b,
    concat: (...texts: unknown[]) => texts.slice(0, -1).join(""),
    or: (...values: unknown[]) => values.slice(0, -1).some(Boolean),
    /** With separators; a dash where there is nothing. */
    number: (value: unknown) => (typeof value === "number" ? numbers.format(value) : "–"),
    /** Nano-coins as pages show them (docs/rules.md M5). */
    coins: (nano: unknown) => (typeof nano === "bigint" ? displayCoins(nano) : "–"),
    /** An amount that somebody set: `50`, not `50.00`. */
    limit: (nano: unknown) => (typeof nano === "bigint" ? displayLimit(nano) : "–"),
    /** A moment in epoch milliseconds: UTC in the page, put into the reader's own time by a script. 0: never. */
    time: (at: unknown) => timeElement(at, "data-local"),
    /** The same, where the minute counts on any day: `18 Nov 2026, 16:12`. */
    moment: (at: unknown) => timeElement(at, 'data-local="moment"'),
    /** The first letters of two words of a name, for an avatar. */
    initials: (name: unknown) => String(name).split(/[\s._@-]+/u).filter(Boolean).slice(0, 2).map((word) => [...word][0]?.toUpperCase() ?? "").join(""),
    /** A span as people say it: `24 min`. */
    minutes: (ms: unknown) => `${Math.ceil(Number(ms) / 60_000)} min`,
    /** `{{#each (array "a" "b")}}` */
    array: (...values: unknown[]) => values.slice(0, -1),
    plural: (count: unknown, one: string, many: string) => (count === 1 ? one : many),
    /** An e-mail address: where it is too long for its place it breaks after the `@`. */
    breakable: (text: unknown) => new SafeString(typeof text === "string" ? escapeExpression(text).replace("@", "@<wbr>") : ""),
    /** An object as an attribute's JSON: the attribute's escaping is Handlebars' own. */
    json: (value: unknown) => JSON.stringify(value),
  };
}

function timeElement(at: unknown, attribute: string): string | Handlebars.SafeString {
  if (typeof at !== "number" || at === 0) return "–";
  return new SafeString(`<time datetime="${new Date(at).toISOString()}" ${attribute}>${escapeExpression(dates.format(at))} UTC</time>`);
}

function sizeOf(count: number): string {
  if (count < 1_000) return `${count} B`;
  return count < 1_000_000 ? `${Math.round(count / 1_000)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}
