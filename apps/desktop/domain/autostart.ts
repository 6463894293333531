/** What a computer does about starting the app with the session. */
export interface AutostartFacts {
  /** `desktop.autostart`; null = as the installer, or whoever else, has it. */
  wanted: boolean | null;
  /** A working tree is nothing that starts with a session. */
  isPackaged: boolean;
  /** Node's name of the operating system. */
  platform: string;
  program: string;
  args: readonly string[];
}

export type AutostartStep =
  | { kind: "leave" }
  /** The file is to be exactly this; null = not to be there. */
  | { kind: "entry-file"; content: string | null }
  | { kind: "login-item"; openAtLogin: boolean; program: string; args: readonly string[] };

export function chooseAutostart(facts: AutostartFacts): AutostartStep {
  const { wanted, isPackaged, platform, program, args } = facts;
  if (wanted === null || !isPackaged) return { kind: "leave" };
  if (platform !== "linux") return { kind: "login-item", openAtLogin: wanted, program, args };
  return { kind: "entry-file", content: wanted ? desktopEntry([program, ...args]) : null };
}

function desktopEntry(command: readonly string[]): string {
  return `[Desktop Entry]
Type=Application
Name=Deskreel
Comment=Records the screen during calls
Exec=${command.map(quoteArgument).join(" ")}
Terminal=false
NoDisplay=true
X-GNOME-Autostart-enabled=true
`;
}

/** The Desktop Entry Specification quotes twice: an argument of `Exec`, and then the value of a key. */
function quoteArgument(argument: string): string {
  const quoted = `"${argument.replace(/["`$\\]/g, "\\$&").replaceAll("%", "%%")}"`;
  return quoted.replaceAll("\\", "\\\\");
}
