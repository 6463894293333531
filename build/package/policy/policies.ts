import type { DesktopConfig } from "#shared/runtime/config-schema.ts";

/** A text in the languages of the templates. */
export interface Texts {
  en: string;
  de: string;
}

/** What is shown of a policy, and what it writes when it is set. */
export type Policy = { name: Texts; explain: Texts } & (
  | { kind: "text"; label: Texts }
  /** 1 when it is enabled, 0 when it is disabled. */
  | { kind: "yes-no" }
  | { kind: "choice"; label: Texts; choices: Readonly<Record<string, Texts>> }
  /** Texts in a section of the configuration, a key below. */
  | { kind: "section"; labels: Readonly<Record<string, Texts>> }
);

/**
 * A policy for each key of the desktop's configuration, as Group Policy and Intune show it; one that is missing here does
 * not compile. docs/CONFIG.md says more about each.
 */
export const POLICIES: Readonly<Record<keyof DesktopConfig, Policy>> = {
  serverUrl: {
    kind: "text",
    name: { en: "Recorder", de: "Recorder" },
    label: { en: "Address:", de: "Adresse:" },
    explain: {
      en: "The recorder's desktop channel, such as wss://recorder.contoso.com:7400/v1/agent.",
      de: "Der Desktop-Kanal des Recorders, etwa wss://recorder.contoso.com:7400/v1/agent.",
    },
  },
  allowPlainHttp: {
    kind: "yes-no",
    name: { en: "Allow an unencrypted recorder", de: "Unverschlüsselten Recorder erlauben" },
    explain: {
      en: "Enabled: the recorder's address may begin with ws://, for networks that are protected otherwise. Disabled: another machine's must begin with wss://.",
      de: "Aktiviert: Die Adresse des Recorders darf mit ws:// beginnen, für Netze, die anders geschützt sind. Deaktiviert: Die eines anderen Rechners muss mit wss:// beginnen.",
    },
  },
  caFile: {
    kind: "text",
    name: { en: "Further certificate authorities", de: "Weitere Zertifizierungsstellen" },
    label: { en: "PEM file:", de: "PEM-Datei:" },
    explain: {
      en: "A PEM file of authorities that are trusted beside those of Windows.",
      de: "Eine PEM-Datei mit Zertifizierungsstellen, denen neben denen von Windows vertraut wird.",
    },
  },
  proxy: {
    kind: "text",
    name: { en: "Proxy", de: "Proxy" },
    label: { en: "Proxy:", de: "Proxy:" },
    explain: {
      en: "system: as Windows says. direct: none. Otherwise a URL: http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.",
      de: "system: wie in Windows eingestellt. direct: keiner. Sonst eine URL: http://HOST:PORT, https://HOST:PORT oder socks5://HOST:PORT.",
    },
  },
  proxyCredentials: {
    kind: "section",
    name: { en: "Sign-in at the proxy", de: "Anmeldung am Proxy" },
    labels: {
      username: { en: "User name:", de: "Benutzername:" },
      password: { en: "Password:", de: "Kennwort:" },
    },
    explain: {
      en: "For a proxy that wants Basic sign-in, or a SOCKS server that wants a password. Whoever can read the policy can read it.",
      de: "Für einen Proxy, der eine Basic-Anmeldung, oder einen SOCKS-Server, der ein Kennwort verlangt. Wer die Richtlinie lesen kann, kann es lesen.",
    },
  },
  enrollmentToken: {
    kind: "text",
    name: { en: "Enrolment token", de: "Registrierungstoken" },
    label: { en: "Token:", de: "Token:" },
    explain: {
      en: "What an app enrols at the recorder with, once. Whoever can read the policy can read it.",
      de: "Womit sich eine App einmalig beim Recorder registriert. Wer die Richtlinie lesen kann, kann es lesen.",
    },
  },
  agent: {
    kind: "text",
    name: { en: "Agent", de: "Agent" },
    label: { en: "Agent:", de: "Agent:" },
    explain: {
      en: "Whose desktop this is, for all users of the machine. Not configured: the signed-in user's principal name.",
      de: "Wessen Desktop dies ist, für alle Benutzer des Rechners. Nicht konfiguriert: der Prinzipalname des angemeldeten Benutzers.",
    },
  },
  device: {
    kind: "text",
    name: { en: "Device name", de: "Gerätename" },
    label: { en: "Name:", de: "Name:" },
    explain: {
      en: "What the recorder calls this machine. Not configured: its host name.",
      de: "Wie der Recorder diesen Rechner nennt. Nicht konfiguriert: sein Hostname.",
    },
  },
  dataDir: {
    kind: "text",
    name: { en: "Data folder", de: "Datenordner" },
    label: { en: "Folder:", de: "Ordner:" },
    explain: {
      en: "Where the app keeps its data and log. It must be one of the user's own; not configured: %APPDATA%\\Deskreel.",
      de: "Wo die App ihre Daten und ihr Protokoll hat. Er muss dem Benutzer gehören; nicht konfiguriert: %APPDATA%\\Deskreel.",
    },
  },
  notice: {
    kind: "choice",
    name: { en: "Notice of a recording", de: "Hinweis auf eine Aufzeichnung" },
    label: { en: "Notice:", de: "Hinweis:" },
    choices: {
      none: { en: "None", de: "Keiner" },
      start: { en: "When a recording begins", de: "Wenn eine Aufzeichnung beginnt" },
    },
    explain: {
      en: "Whether agents are told by a notification that a recording begins.",
      de: "Ob Agenten durch eine Benachrichtigung erfahren, dass eine Aufzeichnung beginnt.",
    },
  },
  autostart: {
    kind: "yes-no",
    name: { en: "Start with the session", de: "Mit der Sitzung starten" },
    explain: {
      en: "For machines without the installer, whose scheduled task starts the app. Enabled: a login item for each user. Disabled: none.",
      de: "Für Rechner ohne den Installer, dessen geplante Aufgabe die App startet. Aktiviert: ein Autostart-Eintrag für jeden Benutzer. Deaktiviert: keiner.",
    },
  },
  noticeUrl: {
    kind: "text",
    name: { en: "Page about recordings", de: "Seite über Aufzeichnungen" },
    label: { en: "https address:", de: "https-Adresse:" },
    explain: {
      en: "A page about recordings, which the tray's menu opens. Not configured: no such entry.",
      de: "Eine Seite über Aufzeichnungen, die das Menü im Infobereich öffnet. Nicht konfiguriert: kein solcher Eintrag.",
    },
  },
};

/** What holds for all of them. */
export const WHAT_HOLDS_OTHERWISE: Texts = {
  en: "A policy wins over what was given to the installer, and over the user's file. Not configured: these hold.",
  de: "Eine Richtlinie geht dem vor, was dem Installer mitgegeben wurde, und der Datei des Benutzers. Nicht konfiguriert: Diese gelten.",
};

export const CATEGORY: Texts = { en: "Deskreel", de: "Deskreel" };
export const SUPPORTED: Texts = {
  en: "Deskreel on Windows 10 and later, 64 bit",
  de: "Deskreel unter Windows 10 und neuer, 64 Bit",
};
