import type { Messages } from "./messages.ts";

export const en: Messages = {
  recording: "Recording",
  paused: "Paused",
  call: "{state} — call, since {time}",
  callFrom: "{state} — call from {customer}, since {time}",
  callInQueue: "{state} — call ({queue}), since {time}",
  callFromInQueue: "{state} — call from {customer} ({queue}), since {time}",
  captureStarting: "starting",
  figures: "{monitors} · {frames} frames/s · {bitrate} kbit/s",
  monitors: { one: "{count} monitor", other: "{count} monitors" },
  reconnecting: "Connecting to the recorder again",
  updateWaits: "An update waits for the end of the call, until {time} at the latest",
  idle: "not recording",
  connecting: "connecting to the recorder",
  offline: {
    unreachable: "offline, the recorder cannot be reached",
    silent: "offline, the recorder does not answer",
    unauthorized: "offline, the recorder does not accept this desktop; please tell your administrator",
    revoked: "not recording, your administrator has withdrawn this desktop's access to the recorder",
    "waits-for-approval": "not recording, this desktop waits until your administrator approves it",
    replaced: "offline, Deskreel runs for you elsewhere on this computer",
    refused: "offline, the recorder refused the connection",
    proxy: "offline, the proxy does not let the recorder be reached",
    "proxy-sign-in": "offline, the proxy wants a sign-in; please tell your administrator",
    certificate: "offline, the recorder's certificate is not accepted; please tell your administrator",
    "certificate-expired": "offline, the recorder's certificate has expired; please tell your administrator",
    "certificate-not-yet-valid":
      "offline, the recorder's certificate is not valid yet; is this computer's clock right?",
    "certificate-wrong-name":
      "offline, the recorder's certificate is for another name; please tell your administrator",
    "certificate-unknown-issuer":
      "offline, the recorder's certificate comes from an unknown issuer; please tell your administrator",
  },
  screenIsRecorded: "Your screen is being recorded",
  whyRecorded: "Why is my screen recorded?",
  openLogFolder: "Open log folder",
  about: "About Deskreel {version}",
};
