import type { Session } from "../api.ts";
import type { Place } from "../router.ts";
import { Icon } from "../ui/icon.tsx";
import { Menu, MenuAction, MenuChoice } from "../ui/menu.tsx";
import { chooseLanguage, LANGUAGE_NAMES, LANGUAGES, language } from "../words/language.ts";
import { shellWords } from "../words/shell-words.ts";
import { chooseTheme, THEMES, theme } from "./theme.ts";

/** The bar over every view: where one is, where else one can go, and who is signed in. */
export function Header({ session, place }: { session: Session; place: Place }) {
  const words = shellWords();
  return (
    <header class="bar shell-bar">
      <a class="brand" href="/">
        <img src="/icon.svg" alt="" width={20} height={20} />
        Deskreel
      </a>
      <nav class="tabs" aria-label={words.mainMenu}>
        {tabsFor(session).map(({ view, href, text }) => (
          <a key={view} href={href} aria-current={currentOf(place, view)}>
            {text}
          </a>
        ))}
      </nav>
      <span class="spacer" />
      <UserMenu session={session} />
    </header>
  );
}

interface Tab {
  view: Place["view"];
  href: string;
  text: string;
}

/** Only what the person may see; the server checks all the same. */
function tabsFor({ mayReadCoverage, maySeeLive, mayReadAudit, mayAdminister }: Session): Tab[] {
  const words = shellWords();
  const coverage: Tab = { view: "coverage", href: "/coverage", text: words.coverage };
  const live: Tab = { view: "live", href: "/live", text: words.live };
  const audit: Tab = { view: "audit", href: "/audit", text: words.audit };
  const accounts: Tab = { view: "accounts", href: "/accounts", text: words.accounts };
  return [
    { view: "list", href: "/", text: words.interactions },
    ...(mayReadCoverage ? [coverage] : []),
    ...(maySeeLive ? [live] : []),
    ...(mayReadAudit ? [audit] : []),
    ...(mayAdminister ? [accounts] : []),
  ];
}

/** A player belongs to the interactions without being their page. */
function currentOf(place: Place, view: Place["view"]): "page" | "true" | undefined {
  if (place.view === view) return "page";
  return place.view === "player" && view === "list" ? "true" : undefined;
}

function UserMenu({ session }: { session: Session }) {
  const words = shellWords();
  const name = session.hasAccount ? session.name : words.user[session.role];
  return (
    <Menu
      label={words.userMenu(name)}
      face={
        <>
          <Icon name="person" />
          {name}
        </>
      }
    >
      <MenuChoice
        label={words.theme}
        options={THEMES}
        textOf={(value) => words.themes[value]}
        chosen={theme.value}
        onChoose={chooseTheme}
      />
      <MenuChoice
        label={words.language}
        options={LANGUAGES}
        textOf={(value) => LANGUAGE_NAMES[value]}
        chosen={language.value}
        onChoose={chooseLanguage}
      />
      {session.hasAccount && (
        <MenuAction onAct={() => location.assign("/password")}>{words.changePassword}</MenuAction>
      )}
      <MenuAction onAct={signOut}>{words.signOut}</MenuAction>
    </Menu>
  );
}

/** As a form, so that the browser follows to the sign-in page. */
function signOut(): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/sign-out";
  document.body.append(form);
  form.submit();
}
