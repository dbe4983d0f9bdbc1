import { z } from "zod";
import type { RateWindow } from "../../domain/configSnapshot";
import { coins, decimal, flag, leaf, poolMax, text, whole, word } from "./leaf";
import { filled, list, optional, preset, section } from "./section";

const UNITS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 };
const WINDOW = /^(\d+)\s*(?:per|\/)\s*(?:(\d+)\s*)?(second|minute|hour|day)s?$/i;
const EXAMPLE = "This must be a rate such as \"300 per minute\": a number per second, minute, hour or day.";

/** One text may hold several windows, with `;` or `,` between them. */
const windows = () =>
  leaf<readonly RateWindow[]>({ label: "rate", json: { type: "string", examples: ["300 per minute", "30/minute"] } }, (source) => {
    const found: RateWindow[] = [];
    for (const part of source.split(/[;,]/)) {
      const [, limit, times = "1", unit = ""] = WINDOW.exec(part.trim()) ?? [];
      const window = { limit: Number(limit), seconds: Number(times) * (UNITS[unit.toLowerCase()] ?? 0), text: part.trim() };
      if (!Number.isSafeInteger(window.limit) || window.limit < 1 || window.seconds < 1) return { problem: EXAMPLE };
      found.push(window);
    }
    return { value: found };
  });

export const rateLimiting = section({
  limit: optional(z.union([windows(), list(windows())]), "Requests per owner, over all keys and routes: one rate, or a list of which all hold.", { presetText: "none" }),
  concurrent: preset(whole({ least: 0 }), "0", "Running requests per owner, 0 = no limit."),
});

export const coinRules = section({
  free_models_when_exhausted: preset(flag(), "false", "Models that cost nothing go on when the coins are used up."),
  minimum_output_tokens: preset(whole({ least: 1 }), "256", "An answer is not cut below this to fit the balance."),
  default_output_tokens: preset(whole({ least: 1 }), "4096", "Output limit where neither the request nor the model sets one."),
  low_balance_percent: preset(decimal("percent", { least: 0, most: 100 }), "10", "Below this part of the pool the chat warns."),
});

export const consent = section({
  renew_on_change: preset(flag(), "true", "Ask again when the text of a notice changes."),
});

/** The pool of a layer (P1, P2). */
export const pool = {
  max: optional(poolMax(), "Where refilling stops; -2 = unlimited, 0 = blocked."),
  refresh: optional(coins(), "Coins added per hour.", { presetText: "0" }),
  starting: optional(coins(), "Coins at the beginning.", { presetText: "max" }),
} as const;

/** Words of access: those of both versions of the file (A5). */
export const accessWord = () =>
  word(["whitelist", "blacklist", "graylist"], { allowed: "whitelist", blocked: "blacklist", needs_ack: "graylist" });

export const defaults = section({
  models: filled(
    section({
      access: preset(accessWord(), "blacklist", "What holds for a model that no layer says anything about."),
      ack_message: optional(text("Markdown"), "Notice of models that need consent and have none of their own."),
    }),
    "The last word on models.",
  ),
  tokens: optional(section(pool), "The pool of owners that no other layer gives one."),
});
