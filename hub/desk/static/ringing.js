// What asks for sound: it follows from the rows as they stand, not from events, so that a page that
// was away rings as it should when it is back.
import { hub, now, page, rows, wall } from "./page.js";
import { Sound } from "./sound.js";

const MUTE_MS = 60000;
const RING_MS = 5000;
const REMIND_MS = 60000;

export const sound = new Sound();
const rang = { press: 0, reminder: 0, lost: 0, mutedUntil: 0 };
const pressed = new Map([...rows].map(([id, row]) => [id, Number(row.dataset.pressed)]));

export const audible = () => sound.on() && now() >= rang.mutedUntil;

/** What the untaken rows ask for: the gravest tune and its level, or nothing. */
function wantedTune() {
  let wanted = null;
  for (const { dataset: row } of rows.values()) {
    if (row.state !== "untaken" || row.kind === "test") continue;
    const waited = (wall() - Number(row.since)) / 1000;
    let level = waited >= page.loudest_s ? 2 : waited >= page.louder_s ? 1 : 0;
    if (row.withdraw !== "0") level -= 1;
    const tune = row.kind === "duress" ? "soft" : "press";
    if (tune === "soft") level = Math.min(level, 0);
    if (!wanted || (tune === "press" && (wanted.tune === "soft" || level > wanted.level))) wanted = { tune, level };
  }
  return wanted;
}

export function ring() {
  if (!audible()) return;
  if (hub.lost) {
    if (due("lost", RING_MS)) sound.play("lost", 1);
    return;
  }
  const wanted = wantedTune();
  if (wanted && due("press", RING_MS)) sound.play(wanted.tune, wanted.level);
  const reminding = [...rows.values()].some((row) => row.dataset.reminded !== "0");
  if (reminding && due("reminder", REMIND_MS)) sound.play("reminder", 1);
}

function due(tune, every) {
  if (rang[tune] && now() - rang[tune] < every) return false;
  rang[tune] = now();
  return true;
}

/** A new press breaks the mute and rings at once; a test sounds one tone. -> whether it is one */
export function listenTo(row) {
  const at = Number(row.dataset.pressed);
  if (at <= (pressed.get(row.dataset.id) ?? 0)) return false;
  pressed.set(row.dataset.id, at);
  if (row.dataset.kind !== "test") {
    rang.mutedUntil = rang.press = 0;
  } else if (audible()) sound.play("test", 0);
  return true;
}

export function mute() {
  rang.mutedUntil = now() < rang.mutedUntil ? 0 : now() + MUTE_MS;
}

/** Seconds that the mute has left; 0 or less: none. */
export const mutedFor = () => Math.ceil((rang.mutedUntil - now()) / 1000);
