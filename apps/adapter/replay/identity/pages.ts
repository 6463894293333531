import type { PageTexts } from "./page-texts.ts";

export interface SignInPage {
  /** Why it is shown. */
  reason: string;
  /** Something was shown, and was not good. */
  isRefused: boolean;
  /** The path and query to show after signing in. */
  next: string;
  /** What was given before. */
  name: string;
  /** A token was tried. */
  isToken: boolean;
  /**
   * Have the browser ask again at once: a link in a mail or chat is a cross-site request, and such a one does not carry
   * a SameSite=Strict cookie although the person may well have it; the page's own reload does.
   */
  reload: boolean;
}

export const SIGN_IN_SCRIPT_PATH = "/sign-in.js";
/**
 * A link to a moment ends in `#t=`, which no browser tells the server; a form's address that has it hands it on to where
 * the answer redirects. Without it signing in works all the same.
 */
export const SIGN_IN_SCRIPT = `for (const form of document.forms) form.action += location.hash;\n`;

/** The page for people without a session. */
export function renderSignInPage(
  texts: PageTexts,
  { reason, isRefused, next, name, isToken, reload }: SignInPage,
): string {
  const action = `/sign-in?next=${escapeHtml(encodeURIComponent(next))}`;
  const card = `<p class="sign-in-reason${isRefused ? " refused" : ""}" role="alert">${escapeHtml(reason)}</p>
<form method="post" action="${action}">
<label for="name">${texts.name}</label>
<input id="name" name="name" value="${escapeHtml(name)}" required autofocus autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="320">
<label for="password">${texts.password}</label>
<input id="password" name="password" type="password" required autocomplete="current-password" maxlength="1024">
<button type="submit" class="primary">${texts.signIn}</button>
</form>
<details${isToken ? " open" : ""}>
<summary>${texts.orToken}</summary>
<p>${texts.tokenHelp}</p>
<form method="post" action="${action}">
<label for="token">${texts.token}</label>
<input id="token" name="token" type="password" required autocomplete="off" spellcheck="false" maxlength="1024">
<button type="submit">${texts.orToken}</button>
</form>
</details>`;
  return renderPage(texts, texts.signIn, card, { reload, script: SIGN_IN_SCRIPT_PATH });
}

/** Where people change their own password. @param fault - why it was not changed; null: it was not tried. */
export function renderPasswordPage(
  texts: PageTexts,
  { name, mustChange, fault }: { name: string; mustChange: boolean; fault: string | null },
): string {
  const reason = fault ?? (mustChange ? texts.mustChange : null);
  const card = `<h2>${texts.changePassword}</h2>
${reason === null ? "" : `<p class="sign-in-reason refused" role="alert">${escapeHtml(reason)}</p>`}
<form method="post" action="/password">
<input type="text" name="username" value="${escapeHtml(name)}" autocomplete="username" readonly hidden>
<label for="current">${texts.current}</label>
<input id="current" name="current" type="password" required autofocus autocomplete="current-password" maxlength="1024">
<label for="password">${texts.wanted}</label>
<input id="password" name="password" type="password" required autocomplete="new-password" aria-describedby="rules" maxlength="1024">
<label for="repeat">${texts.repeat}</label>
<input id="repeat" name="repeat" type="password" required autocomplete="new-password" maxlength="1024">
<p id="rules">${texts.rules}</p>
<button type="submit" class="primary">${texts.changePassword}</button>
</form>
${mustChange ? `<form method="post" action="/sign-out"><button type="submit">${texts.signOut}</button></form>` : backLink(texts)}`;
  return renderPage(texts, texts.changePassword, card);
}

/** For people who have a token and no account. */
export function renderNoPasswordPage(texts: PageTexts): string {
  const card = `<p class="sign-in-reason">${texts.noPassword}</p>\n${backLink(texts)}`;
  return renderPage(texts, texts.changePassword, card);
}

function backLink(texts: PageTexts): string {
  return `<p><a href="/">${texts.back}</a></p>`;
}

function renderPage(
  { lang }: PageTexts,
  title: string,
  card: string,
  more: { reload?: boolean; script?: string } = {},
): string {
  const script = more.script === undefined ? "" : `<script src="${more.script}" defer></script>\n`;
  const refresh = more.reload === true ? '<meta http-equiv="refresh" content="0">' : "";
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh}<title>${title} · Deskreel</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/main.css">
${script}</head>
<body class="sign-in">
<main class="sign-in-card">
<h1><img src="/icon.svg" alt="" width="28" height="28">Deskreel</h1>
${card}
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
