// Is somebody at the post (在岗)? After long without a touch the page asks aloud; away (离席) it does
// not listen, and when the minutes are over it asks as well: only a person's hand brings it back.
import { $, hand, now, page, show, text } from "./page.js";
import { sound } from "./ringing.js";

const ASK_MS = 30000;

let awayUntil = null; // page's clock, ms
let asked = -Infinity;

/** here, away, over (of its minutes), ask, gone. */
function standing() {
  if (awayUntil !== null) return now() < awayUntil ? "away" : "over";
  const idle_s = (now() - hand.touched) / 1000;
  if (!page.may_act || idle_s < page.ask_s) return "here";
  return idle_s < page.attended_s ? "ask" : "gone";
}

export const isAway = () => awayUntil !== null;

/** Whether the hub may count on somebody here. */
export const manned = () => ["here", "ask"].includes(standing());

export function leavePost() {
  if (page.may_act) awayUntil = now() + page.away_s * 1000;
}

/** A key or a click. -> whether it was the answer to the question, or the way back. */
export function touch() {
  const answer = standing() !== "here";
  awayUntil = null;
  hand.touched = now();
  return answer;
}

/** The banner, and each 30 s the tone. */
export function askPost() {
  const is = standing();
  $("post").hidden = is === "here";
  if (is === "here") return;
  const left = is === "away" ? awayUntil - now() : page.attended_s * 1000 - (now() - hand.touched);
  show("post", text(`post.${is}`, { n: Math.max(1, Math.ceil(left / 60000)) }));
  $("post").classList.toggle("red", !manned());
  if (is === "away" || !sound.on() || now() - asked < ASK_MS) return;
  asked = now();
  sound.play("post", 1);
}
