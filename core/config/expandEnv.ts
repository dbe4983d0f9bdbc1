/** A value with its variables put in, or what is wrong with it. */
export type Expanded = { readonly text: string } | { readonly problem: string };

const VARIABLE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const REFERENCE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

/**
 * Puts environment variables into one value: `${NAME}`, and `${NAME:-default}` where it is unset or empty; `$${` is a
 * plain `${`. It works on a value that YAML has read already: whatever the variable holds, it stays this one value.
 */
export function expandEnv(source: string, env: Readonly<Record<string, string | undefined>>): Expanded {
  const problems: string[] = [];
  const text = source.replace(VARIABLE, (whole: string, inside: string | undefined, end: string | undefined) => {
    if (inside === undefined) return "${";
    const reference = end === "}" ? REFERENCE.exec(inside) : null;
    if (!reference) {
      problems.push(`"${whole}" is no variable: write \${NAME} or \${NAME:-default}, or $\${ for the two characters themselves.`);
      return "";
    }
    const [, name = "", fallback] = reference;
    const value = env[name];
    if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
    if (value === undefined) problems.push(`The environment variable ${name} is not set. Set it, or write \${${name}:-default}.`);
    return value ?? "";
  });
  return problems.length > 0 ? { problem: problems.join(" ") } : { text };
}
