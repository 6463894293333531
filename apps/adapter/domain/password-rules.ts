export const PASSWORD_LENGTH_LEAST = 12;
/** What is longer costs only time to hash. */
const PASSWORD_LENGTH_MOST = 256;

/** What people choose first where twelve characters are asked for; without digits and signs at the ends. */
const REFUSED = [
  "password",
  "passwort",
  "passphrase",
  "passwordpassword",
  "passwortpasswort",
  "qwertyuiop",
  "qwertzuiop",
  "qwertyuiopasdf",
  "asdfghjkl",
  "letmein",
  "letmeinletmein",
  "administrator",
  "welcome",
  "willkommen",
  "changeme",
  "changemenow",
  "iloveyou",
  "deskreel",
  "deskreeldeskreel",
  "recording",
  "supervisor",
  "correcthorsebatterystaple",
];

/** One way to write a password, however a keyboard or a system composes its letters. */
export function normalPassword(password: string): string {
  return password.normalize("NFKC");
}

/** Why a password is not taken, as the end of "the password …". */
export const PASSWORD_FAULTS = {
  "too-short": `must have at least ${PASSWORD_LENGTH_LEAST} characters`,
  "too-long": `must have at most ${PASSWORD_LENGTH_MOST} characters`,
  "too-alike": "has too few different characters",
  row: "is a row of neighbouring characters",
  common: "is one of those that are guessed first",
  name: "is hardly more than the account's name",
} as const;
export type PasswordFault = keyof typeof PASSWORD_FAULTS;

/**
 * Null: it is taken.
 *
 * @param password - as {@link normalPassword} gives it.
 * @param name - of the account.
 */
export function passwordFault(password: string, name: string): PasswordFault | null {
  const length = Array.from(password).length;
  if (length < PASSWORD_LENGTH_LEAST) return "too-short";
  if (length > PASSWORD_LENGTH_MOST) return "too-long";
  const folded = password.toLowerCase();
  if (new Set(folded).size < 5) return "too-alike";
  if (isRow(folded)) return "row";
  const core = folded.replaceAll(/^\P{L}+|\P{L}+$/gu, "");
  if (REFUSED.includes(core)) return "common";
  const [person = ""] = name.toLowerCase().split("@");
  const rest = core.replace(person, "");
  return person.length > 2 && rest !== core && rest.length < 5 ? "name" : null;
}

/** `123456789012`, `abcdefghijkl` and the like, also backwards. */
function isRow(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  const neighbours = steps.filter((step) => step === 1 || step === -1 || step === -9 || step === 9).length;
  return neighbours >= steps.length - 1;
}
