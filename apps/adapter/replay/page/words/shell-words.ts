import { catalogue } from "./language.ts";

/** The frame around every view. */
export const shellWords = catalogue(
  {
    mainMenu: "Main menu",
    interactions: "Interactions",
    skip: "Skip to the content",
    user: { viewer: "Viewer", supervisor: "Supervisor", admin: "Administrator", agent: "Agent" },
    userMenu: (name: string) => `${name}: account and settings`,
    theme: "Appearance",
    themes: { system: "As the system", light: "Light", dark: "Dark" },
    language: "Language",
    changePassword: "Change password",
    signOut: "Sign out",
    nothingHere: "There is nothing here",
    allInteractions: "All interactions",
    unreachable: "Deskreel could not be reached",
    tryAgain: "Try again",
  },
  {
    mainMenu: "Hauptmenü",
    interactions: "Interaktionen",
    skip: "Zum Inhalt springen",
    user: { viewer: "Betrachter", supervisor: "Teamleitung", admin: "Administrator", agent: "Agent" },
    userMenu: (name: string) => `${name}: Konto und Einstellungen`,
    theme: "Darstellung",
    themes: { system: "Wie das System", light: "Hell", dark: "Dunkel" },
    language: "Sprache",
    changePassword: "Passwort ändern",
    signOut: "Abmelden",
    nothingHere: "Hier ist nichts",
    allInteractions: "Alle Interaktionen",
    unreachable: "Deskreel ist nicht erreichbar",
    tryAgain: "Erneut versuchen",
  },
);
