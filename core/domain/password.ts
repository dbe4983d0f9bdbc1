/** In characters, as people count them. */
export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 200;

/** The commonest of those that are long enough, without their digits at the end and in lower case. */
const COMMONEST = new Set([
  "passwordpassword", "password", "passwort", "qwertyuiop", "qwertyuiopasdf", "qwertzuiop", "qwertyqwerty", "qwerty", "asdfghjkl", "asdfghjklzxcvbnm", "iloveyou", "iloveyouiloveyou",
  "letmeinletmein", "letmein", "welcome", "welcomewelcome", "administrator", "administrador", "admin", "adminadmin", "adminadminadmin", "changeme", "changemenow", "changemechangeme",
  "abcdefghijkl", "abcdefghijklm", "abcdefghijklmn", "abcdefghijklmnopqrstuvwxyz", "correcthorsebatterystaple", "correct horse battery staple", "1q2w3e4r5t6y", "1q2w3e4r5t6y7u",
  "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "zaq12wsxcde3", "q1w2e3r4t5y6", "p@ssw0rd", "passw0rd", "trustno1trustno1", "football", "baseball", "superman", "sunshine", "princess", "monkeymonkey", "dragondragon",
]);

/** One text however it was typed: a letter with its accent is the same in one code point or two. */
export function normalisePassword(text: string): string {
  return text.normalize("NFKC");
}

/**
 * Why a person may not choose this password: one sentence, or undefined where they may. Length counts, and no rule of what
 * must be in it; only what is tried first is refused.
 */
export function faultOfPassword(text: string): string | undefined {
  const password = normalisePassword(text);
  const { length } = [...password];
  if (length < SHORTEST_PASSWORD) return `Use at least ${SHORTEST_PASSWORD} characters.`;
  if (length > LONGEST_PASSWORD) return `Use at most ${LONGEST_PASSWORD} characters.`;
  return isCommon(password.toLowerCase()) ? "This password is one of the first that others would try. Choose another." : undefined;
}

function isCommon(password: string): boolean {
  const stem = password.replace(/[\d!?.*#$]+$/u, "");
  return new Set(password).size <= 2 || /^\d*$/u.test(stem) || COMMONEST.has(stem) || COMMONEST.has(password);
}
