/** Why somebody sees the sign-in page. */
export type SignInReason = "not-signed-in" | "wrong-token";

const EXPLANATIONS: Record<SignInReason, string> = {
  "not-signed-in": "You are not signed in, or your session is over.",
  "wrong-token": "This token is not valid here. It may be from another server, cut off, or replaced since.",
};

/**
 * The page for people without a session.
 *
 * @param next - the path and query to show after signing in.
 * @param reload - have the browser ask again at once: a link in a mail or chat is a cross-site request, and such a one
 *   does not carry a SameSite=Strict cookie although the person may well have it; the page's own reload does.
 */
export function renderSignInPage(reason: SignInReason, next: string, reload: boolean): string {
  const refresh = reload ? '<meta http-equiv="refresh" content="0">' : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh}<title>Sign in · Deskreel</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/main.css">
</head>
<body class="sign-in">
<main class="sign-in-card">
<h1><img src="/icon.svg" alt="" width="28" height="28">Deskreel</h1>
<p class="sign-in-reason ${reason}" role="alert">${EXPLANATIONS[reason]}</p>
<p>Open the link that Deskreel printed when it started (it ends in <code>?token=…</code>), or paste the token.
An administrator finds it as <code>viewer</code> in the adapter’s tokens file.</p>
<form method="post" action="/sign-in?next=${escapeHtml(encodeURIComponent(next))}">
<label for="token">Token</label>
<input id="token" name="token" type="password" required autofocus autocomplete="off" spellcheck="false">
<button type="submit" class="primary">Sign in</button>
</form>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
