import { expect, test } from "vitest";
import { parseBusctl, parseQwinsta } from "./session-reading.ts";

test.each([
  ["in use", "b true\nb false\n", { isDisconnected: false, isLocked: false }],
  ["locked", "b true\nb true\n", { isDisconnected: false, isLocked: true }],
  ["behind another user's", "b false\nb false\n", { isDisconnected: true, isLocked: false }],
  ["that is not there", "", null],
  ["of something else", 's "yes"\n', null],
])("logind's session %s", (_, text, reading) => {
  expect(parseBusctl(text)).toEqual(reading);
});

// As Microsoft documents it, and as German and French Windows write it.
test.each([
  [
    "at the console",
    ` SESSIONNAME       USERNAME                 ID  STATE   TYPE        DEVICE
 services                                    0  Disc
>console           ann                       1  Active
 rdp-tcp                                 65536  Listen
`,
    false,
  ],
  [
    "by RDP",
    ` SESSIONNAME       USERNAME                 ID  STATE   TYPE        DEVICE
 services                                    0  Disc
                   bob                       1  Disc
>rdp-tcp#5         ann                       2  Active
`,
    false,
  ],
  [
    "disconnected",
    ` SESSIONNAME       USERNAME                 ID  STATE   TYPE        DEVICE
 services                                    0  Disc
>                  ann                       2  Disc
 console                                     3  Conn
`,
    true,
  ],
  [
    "disconnected, in German",
    ` SITZUNGSNAME      BENUTZERNAME             ID  STATUS  TYP         GERÄT
 services                                    0  Getr.
>                  ann                       2  Getr.
 console                                     3  Verb.
`,
    true,
  ],
  [
    "by Citrix, in French",
    ` SESSION           UTILISATEUR              ID  ÉTAT    TYPE        PÉRIPHÉRIQUE\r
 services                                    0  Déco\r
>ica-tcp#3         ann                       4  Actif\r
`,
    false,
  ],
])("qwinsta's session %s", (_, text, isDisconnected) => {
  expect(parseQwinsta(text)).toEqual({ isDisconnected });
});

test.each(["", "No session exists for *\r\n", " services      0  Disc\n"])(
  "qwinsta without our session: %j",
  (text) => {
    expect(parseQwinsta(text)).toBeNull();
  },
);
