import type { Request } from "express";
import { PASSWORD_LENGTH_LEAST, type PasswordFault } from "../../domain/password-rules.ts";

/** What the pages say that a server shows by itself, without the replay page. */
export interface PageTexts {
  lang: "en" | "de";
  signIn: string;
  signOut: string;
  name: string;
  password: string;
  orToken: string;
  tokenHelp: string;
  token: string;
  notSignedIn: string;
  wrong: string;
  wrongToken: string;
  tooMany: (seconds: number) => string;
  busy: string;
  changePassword: string;
  mustChange: string;
  current: string;
  wanted: string;
  repeat: string;
  rules: string;
  wrongCurrent: string;
  notRepeated: string;
  noPassword: string;
  back: string;
  weak: Readonly<Record<PasswordFault | "same", string>>;
}

const ENGLISH: PageTexts = {
  lang: "en",
  signIn: "Sign in",
  signOut: "Sign out",
  name: "Name",
  password: "Password",
  orToken: "Sign in with a token",
  tokenHelp:
    "Open the link that Deskreel printed when it started (it ends in <code>?token=…</code>), or paste the token. An administrator finds it in the adapter’s tokens file.",
  token: "Token",
  notSignedIn: "You are not signed in, or your session is over.",
  wrong: "This name and password are not valid here.",
  wrongToken: "This token is not valid here. It may be from another server, cut off, or replaced since.",
  tooMany: (seconds) =>
    `There were too many failed attempts. Try again in ${duration(seconds, "second", "minute")}.`,
  busy: "Too many people are signing in at this moment. Try again.",
  changePassword: "Change your password",
  mustChange: "Somebody else has made this password, so you have to choose your own before you go on.",
  current: "Current password",
  wanted: "New password",
  repeat: "New password again",
  rules: `At least ${PASSWORD_LENGTH_LEAST} characters; a sentence is easier to remember than signs. You are signed out everywhere else.`,
  wrongCurrent: "The current password is not right.",
  notRepeated: "The two new passwords differ.",
  noPassword: "You are signed in with a token, which has no password.",
  back: "Back to the interactions",
  weak: {
    "too-short": `The new password needs at least ${PASSWORD_LENGTH_LEAST} characters.`,
    "too-long": "The new password is too long.",
    "too-alike": "The new password has too few different characters.",
    row: "The new password is a row of neighbouring characters.",
    common: "The new password is one of those that are guessed first.",
    name: "The new password is hardly more than your name.",
    same: "The new password is the one that you have.",
  },
};

const GERMAN: PageTexts = {
  lang: "de",
  signIn: "Anmelden",
  signOut: "Abmelden",
  name: "Name",
  password: "Passwort",
  orToken: "Mit einem Token anmelden",
  tokenHelp:
    "Öffnen Sie den Link, den Deskreel beim Start ausgegeben hat (er endet auf <code>?token=…</code>), oder fügen Sie das Token ein. Eine Administratorin findet es in der Token-Datei des Adapters.",
  token: "Token",
  notSignedIn: "Sie sind nicht angemeldet, oder Ihre Sitzung ist zu Ende.",
  wrong: "Name und Passwort sind hier nicht gültig.",
  wrongToken:
    "Dieses Token ist hier nicht gültig. Es kann von einem anderen Server, unvollständig oder inzwischen ersetzt sein.",
  tooMany: (seconds) =>
    `Es gab zu viele fehlgeschlagene Versuche. Versuchen Sie es in ${duration(seconds, "Sekunde", "Minute", "n")} wieder.`,
  busy: "Gerade melden sich zu viele Personen an. Versuchen Sie es noch einmal.",
  changePassword: "Passwort ändern",
  mustChange: "Dieses Passwort hat jemand anderes vergeben; wählen Sie Ihr eigenes, bevor es weitergeht.",
  current: "Bisheriges Passwort",
  wanted: "Neues Passwort",
  repeat: "Neues Passwort noch einmal",
  rules: `Mindestens ${PASSWORD_LENGTH_LEAST} Zeichen; ein Satz merkt sich leichter als Sonderzeichen. Überall sonst werden Sie abgemeldet.`,
  wrongCurrent: "Das bisherige Passwort stimmt nicht.",
  notRepeated: "Die beiden neuen Passwörter sind verschieden.",
  noPassword: "Sie sind mit einem Token angemeldet, das kein Passwort hat.",
  back: "Zurück zu den Interaktionen",
  weak: {
    "too-short": `Das neue Passwort braucht mindestens ${PASSWORD_LENGTH_LEAST} Zeichen.`,
    "too-long": "Das neue Passwort ist zu lang.",
    "too-alike": "Das neue Passwort hat zu wenige verschiedene Zeichen.",
    row: "Das neue Passwort ist eine Reihe benachbarter Zeichen.",
    common: "Das neue Passwort gehört zu denen, die zuerst geraten werden.",
    name: "Das neue Passwort ist kaum mehr als Ihr Name.",
    same: "Das neue Passwort ist das bisherige.",
  },
};

/** By the browser's languages. */
export function textsFor(request: Request): PageTexts {
  return request.acceptsLanguages("en", "de") === "de" ? GERMAN : ENGLISH;
}

/** @param plural - what is added to a word for more than one. */
function duration(seconds: number, second: string, minute: string, plural = "s"): string {
  const [count, word] = seconds < 60 ? [seconds, second] : [Math.ceil(seconds / 60), minute];
  return `${count} ${word}${count === 1 ? "" : plural}`;
}
