import type { GroupRule } from "./configSnapshot";
import type { Claims } from "./owner";

/** The claim whose value is an e-mail address, compared in lower case (docs/rules.md G3). */
const ADDRESS_FIELD = "email";

/** A claim's value as text; identity providers send numbers and booleans for what a file writes as text. */
function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/**
 * Does one rule match the claims of a sign-in (G1)? `equals` wants the whole text. `contains` wants a part of a text, or,
 * where the claim is a list, one whole element of it. A claim that is not there matches nothing, nor does an empty `contains`.
 */
export function matchesRule(rule: GroupRule, claims: Claims): boolean {
  if (!Object.hasOwn(claims, rule.field)) return false;
  const claim = claims[rule.field];
  const fold = (text: string): string => (rule.field === ADDRESS_FIELD ? text.toLowerCase() : text);
  const wanted = fold(rule.value);
  if (rule.test === "contains" && Array.isArray(claim)) {
    return claim.some((element: unknown) => {
      const text = asText(element);
      return text !== undefined && wanted !== "" && fold(text) === wanted;
    });
  }
  const text = asText(claim);
  if (text === undefined) return false;
  return rule.test === "equals" ? fold(text) === wanted : wanted !== "" && fold(text).includes(wanted);
}

/** All rules of a group must match (G1). A group without rules is joined by being listed, never by its claims. */
export function matchesRules(rules: readonly GroupRule[], claims: Claims): boolean {
  return rules.length > 0 && rules.every((rule) => matchesRule(rule, claims));
}
