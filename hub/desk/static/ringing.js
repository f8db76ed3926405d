// What asks for sound: it follows from the rows as they stand, not from events, so that a page that
// was away rings as it should when it is back.
import { hub, now, page, rows, wall } from "./page.js";
import { Sound } from "./sound.js";

const MUTE_MS = 60000;
const RING_MS = 5000;
const ABNORMAL_MS = 30000;
const REMIND_MS = 60000;
const SOON_MS = 300000; // before a next time that a person has set
const STORM_MS = 120000; // losses of one street that follow each other so closely make one tone

export const sound = new Sound();
const rang = { press: 0, abnormal: 0, deadline: 0, lost: 0, mutedUntil: 0 };
const told = (what) => new Map([...rows].map(([id, row]) => [id, Number(row.dataset[what])]));
const pressed = told("pressed");
const instructed = told("instructed");
const received = told("received");
const ahead = new Map(); // rows whose next time was still further off than that
const lane = { trouble: 0, last: new Map() };
hearLane(false);

export const audible = () => sound.on() && now() >= rang.mutedUntil;

const TUNES = { duress: "soft", drill: "drill" }; // all else that calls is a press
const WEIGHT = { press: 10, soft: 5, drill: 0 };

/** What the untaken rows ask for: the gravest tune and its level, or nothing. */
function wantedTune() {
  let wanted = null;
  for (const { dataset: row } of rows.values()) {
    if (row.state !== "untaken" || ["test", "abnormal"].includes(row.kind)) continue;
    const waited = (wall() - Number(row.since)) / 1000;
    let level = waited >= page.loudest_s ? 2 : waited >= page.louder_s ? 1 : 0;
    if (row.withdraw !== "0") level -= 1;
    const tune = TUNES[row.kind] ?? "press";
    if (tune !== "press") level = Math.min(level, 0); // duress is never the siren
    if (!wanted || WEIGHT[tune] + level > WEIGHT[wanted.tune] + wanted.level) wanted = { tune, level };
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
  const some = (test) => [...rows.values()].some(({ dataset }) => test(dataset));
  const calling = some((row) => row.state === "untaken" && row.kind === "abnormal");
  if (!wanted && calling && due("abnormal", ABNORMAL_MS)) sound.play("abnormal", 0);
  if (some((row) => row.reminded !== "0") && due("deadline", REMIND_MS)) sound.play("deadline", 1);
  if (some(comesSoon)) sound.play("deadline", 0);
}

/** Once for each next time (再问), when five minutes are left of it. */
function comesSoon(row) {
  const left = Number(row.next) - wall();
  if (left > SOON_MS) ahead.set(row.id, row.next);
  else if (ahead.get(row.id) === row.next) return ahead.delete(row.id) && left > 0;
  return false;
}

function due(tune, every) {
  if (rang[tune] && now() - rang[tune] < every) return false;
  rang[tune] = now();
  return true;
}

function newer(known, id, number) {
  if (number <= (known.get(id) ?? 0)) return false;
  known.set(id, number);
  return true;
}

/** A new press breaks the mute and rings at once; a test sounds one tone, the leader's word and the
 *  city's first receipt a bell.
 *  -> whether it is a press */
export function listenTo({ dataset: row }) {
  const spoken = [newer(instructed, row.id, Number(row.instructed)), newer(received, row.id, Number(row.received))];
  if (spoken.some(Boolean) && audible()) sound.play("bell", 0);
  if (!newer(pressed, row.id, Number(row.pressed))) return false;
  if (row.kind !== "test") {
    rang.mutedUntil = rang.press = rang.abnormal = 0;
  } else if (audible()) sound.play("test", 0);
  return true;
}

/** The equipment lane's one soft tone: for a new trouble, and for the first of a storm. */
export function hearLane(aloud = true) {
  const list = document.querySelector("#part-equipment ul");
  if (!list) return;
  let fresh = Number(list.dataset.newest) > lane.trouble;
  lane.trouble = Math.max(lane.trouble, Number(list.dataset.newest));
  for (const { dataset: line } of list.querySelectorAll("[data-last]")) {
    const before = lane.last.get(line.of) ?? -Infinity;
    const last = Number(line.last);
    if (last - before > STORM_MS) fresh = true;
    lane.last.set(line.of, Math.max(before, last));
  }
  if (fresh && aloud && audible()) sound.play("equipment", 0);
}

export function mute() {
  rang.mutedUntil = now() < rang.mutedUntil ? 0 : now() + MUTE_MS;
}

/** Seconds that the mute has left; 0 or less: none. */
export const mutedFor = () => Math.ceil((rang.mutedUntil - now()) / 1000);
