// The sound test (试音): each sound with its name, then the question; a press ends it at once.
import { $, say, text } from "./page.js";
import { act } from "./pane.js";
import { sound } from "./ringing.js";

const PAUSE_MS = 600;
let round = 0; // another number: this one has been ended

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const names = () => [...$("sounds").querySelectorAll("[data-sound]")];

export const asking = () => !$("sounds").hidden && !$("sounds-ask").hidden;

export function endSoundTest() {
  round += 1;
  $("sounds").hidden = true;
}

export async function soundTest() {
  if (!$("sounds").hidden) { endSoundTest(); return; }
  sound.enable(); // a key was pressed: the browser allows it now, in its own time
  for (let tries = 0; tries < 10 && !sound.on(); tries++) await pause(100);
  if (!sound.on()) { say(text("sounds.off")); return; }
  const mine = ++round;
  $("help").hidden = $("sounds-ask").hidden = true;
  $("sounds").hidden = false;
  for (const name of names()) {
    names().forEach((each) => each.toggleAttribute("aria-current", each === name));
    const ms = sound.play(name.dataset.sound, 0);
    await pause(ms + PAUSE_MS);
    if (mine !== round) return;
  }
  names().forEach((each) => each.removeAttribute("aria-current"));
  $("sounds-ask").hidden = false;
}

/** What the person says of it goes on record. */
export function heard(all) {
  endSoundTest();
  act("sound_test", "", { heard: all });
}
