import type { Messages } from "./messages.ts";

export const de: Messages = {
  recording: "Aufzeichnung läuft",
  paused: "Aufzeichnung angehalten",
  call: "{state} – Anruf, seit {time} Uhr",
  callFrom: "{state} – Anruf von {customer}, seit {time} Uhr",
  callInQueue: "{state} – Anruf ({queue}), seit {time} Uhr",
  callFromInQueue: "{state} – Anruf von {customer} ({queue}), seit {time} Uhr",
  captureStarting: "wird gestartet",
  figures: "{monitors} · {frames} Bilder/s · {bitrate} kbit/s",
  monitors: { one: "{count} Bildschirm", other: "{count} Bildschirme" },
  reconnecting: "Verbindung zum Aufzeichnungsserver wird wiederhergestellt",
  updateWaits: "Eine Aktualisierung wartet auf das Ende des Anrufs, längstens bis {time} Uhr",
  idle: "keine Aufzeichnung",
  connecting: "Verbindung zum Aufzeichnungsserver wird hergestellt",
  offline: {
    unreachable: "offline, der Aufzeichnungsserver ist nicht erreichbar",
    silent: "offline, der Aufzeichnungsserver antwortet nicht",
    unauthorized:
      "offline, der Aufzeichnungsserver akzeptiert diesen Computer nicht; bitte wenden Sie sich an Ihre IT-Abteilung",
    revoked: "keine Aufzeichnung, Ihre IT-Abteilung hat diesem Computer den Zugang entzogen",
    "waits-for-approval":
      "keine Aufzeichnung, dieser Computer wartet auf die Freigabe durch Ihre IT-Abteilung",
    replaced: "offline, Deskreel läuft für Sie bereits anderswo auf diesem Computer",
    refused: "offline, der Aufzeichnungsserver hat die Verbindung abgelehnt",
    proxy: "offline, der Proxy lässt keine Verbindung zum Aufzeichnungsserver zu",
    "proxy-sign-in": "offline, der Proxy verlangt eine Anmeldung; bitte wenden Sie sich an Ihre IT-Abteilung",
    certificate:
      "offline, das Zertifikat des Aufzeichnungsservers wird nicht anerkannt; bitte wenden Sie sich an Ihre IT-Abteilung",
    "certificate-expired":
      "offline, das Zertifikat des Aufzeichnungsservers ist abgelaufen; bitte wenden Sie sich an Ihre IT-Abteilung",
    "certificate-not-yet-valid":
      "offline, das Zertifikat des Aufzeichnungsservers ist noch nicht gültig; geht die Uhr dieses Computers richtig?",
    "certificate-wrong-name":
      "offline, das Zertifikat des Aufzeichnungsservers gilt für einen anderen Namen; bitte wenden Sie sich an Ihre IT-Abteilung",
    "certificate-unknown-issuer":
      "offline, der Aussteller des Zertifikats des Aufzeichnungsservers ist unbekannt; bitte wenden Sie sich an Ihre IT-Abteilung",
  },
  screenIsRecorded: "Ihr Bildschirm wird aufgezeichnet",
  whyRecorded: "Warum wird mein Bildschirm aufgezeichnet?",
  openLogFolder: "Protokollordner öffnen",
  about: "Über Deskreel {version}",
};
