/** The screen of a busy agent, for recording: someone types notes and moves through cases, and the time is readable. */
import { encodeBarCode } from "../bar-code.ts";
import { BAR_CODE, FLASH_EVERY_MS, FLASH_MS, LAMP, REPAINT_EVERY_MS } from "../layout.ts";

const query = new URLSearchParams(location.search);
/** A test that takes more pictures asks for more; to paint is what most tests cost most of. */
const REPAINT_MS = Number(query.get("repaintMs") ?? REPAINT_EVERY_MS);
/** A frame may be drawn while the next one is made, on a busy machine. */
const FRAMES_UNTIL_SHOWN = 3;
const TYPE_EVERY_MS = 90;
const NEXT_CASE_EVERY_MS = 4_000;
const CASES = [
  "CAS-20417 Invoice address",
  "CAS-20409 Refund not received",
  "CAS-20398 Change of tariff",
  "CAS-20377 Meter reading",
  "CAS-20351 Password reset",
  "CAS-20342 Delivery date",
  "CAS-20318 Broken link in mail",
];
const NOTES = `Customer called about invoice 4471: the street number is missing.
Checked the master data: address was changed on the 2nd, the invoice run used the old one.
Asked the back office whether a corrected invoice can be issued today.
Back office confirms. Corrected invoice 4471-K goes out by mail this evening.
Customer is satisfied; case can be closed after delivery.`;

function element<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} #${id}`);
}

const barCode = element("bar-code", HTMLCanvasElement);
const lamp = element("lamp", HTMLDivElement);
const clock = element("clock", HTMLElement);
const notes = element("notes", HTMLParagraphElement);
const cases = element("cases", HTMLOListElement);

/** Which of the screens side by side this is. */
const screenNumber = Number(query.get("screen") ?? 0);
const cells = encodeBarCode(Date.now()).length;
barCode.width = cells * BAR_CODE.cell;
barCode.height = BAR_CODE.cell * 3;
Object.assign(barCode.style, { left: `${BAR_CODE.left}px`, top: `${BAR_CODE.top}px` });
Object.assign(lamp.style, {
  left: `${LAMP.left}px`,
  top: `${LAMP.top}px`,
  width: `${LAMP.width}px`,
  height: `${LAMP.height}px`,
});
for (const title of CASES) cases.append(Object.assign(document.createElement("li"), { textContent: title }));

function paint(): void {
  const now = Date.now();
  const context = barCode.getContext("2d");
  encodeBarCode(now, screenNumber).forEach((white, index) => {
    if (context === null) return;
    context.fillStyle = white ? "#fff" : "#000";
    context.fillRect(index * BAR_CODE.cell, 0, BAR_CODE.cell, barCode.height);
  });
  clock.textContent = new Date(now).toISOString().slice(11, 21);
  notes.textContent = `${NOTES.slice(0, Math.floor(now / TYPE_EVERY_MS) % NOTES.length)}▏`;
  const here = Math.floor(now / NEXT_CASE_EVERY_MS) % CASES.length;
  [...cases.children].forEach((item, index) => item.classList.toggle("here", index === here));
}

function lightLamp(): void {
  const now = Date.now();
  const isLit = now % FLASH_EVERY_MS < FLASH_MS;
  lamp.style.background = isLit ? "#fff" : "#000";
  if (isLit) void tellFlash(now);
  const phase = now % FLASH_EVERY_MS;
  setTimeout(lightLamp, (isLit ? FLASH_MS : FLASH_EVERY_MS) - phase);
}

/** Tells when the lamp really was lit, and by when everybody could see it: on a busy machine both are late. */
async function tellFlash(litAt: number): Promise<void> {
  await shown();
  await fetch("/flashes", { method: "POST", body: JSON.stringify({ litAt, shownAt: Date.now() }) });
}

/** Until what was changed just now is on the screen. */
async function shown(): Promise<void> {
  for (let frame = 0; frame < FRAMES_UNTIL_SHOWN; frame += 1) await new Promise(requestAnimationFrame);
}

lightLamp();
paint();
setInterval(paint, REPAINT_MS);
void shown().then(() => fetch("/painted", { method: "POST" }));
