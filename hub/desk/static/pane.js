// The chosen incident, and what is done with it: an action carries the incident that was shown and
// a random id, and is repeated until it is answered.
import { get, insist, random } from "./hub.js";
import { $, chosenRow, desk, hand, hub, now, page, rows, say, set, text } from "./page.js";
import { askPin } from "./people.js";

const ARMED_MS = 1000; // Enter acts only on what was chosen so long ago
const PANE_MS = 30000; // what counts minutes in the pane is drawn anew
const AGAIN_MS = 1000; // it could not be fetched: asked for again

let pane = { at: 0, stale: true, loading: false };
const pending = new Set(); // actions that are not answered yet, by what they say

export function staleChosen() {
  pane.stale = true;
}

export function refresh() {
  if (pane.stale || now() - pane.at >= PANE_MS) loadPane();
}

export async function loadPane() {
  if (pane.loading || !hand.chosen.id) return;
  const wanted = hand.chosen.id;
  pane = { at: now(), stale: false, loading: true };
  const drawn = await get(`/pane?incident=${encodeURIComponent(wanted)}`);
  if (drawn?.head && wanted === hand.chosen.id) draw(drawn);
  else if (!drawn?.head) pane.at = now() - PANE_MS + AGAIN_MS;
  pane.loading = false;
  if (wanted !== hand.chosen.id) loadPane();
}

// the newest line stays in sight, whatever grows above or below, until somebody scrolls up
const timeline = $("pane-timeline");
let newestInSight = true;

function toNewest() {
  if (newestInSight) timeline.scrollTop = timeline.scrollHeight;
}

timeline.addEventListener("scroll", () => {
  newestInSight = timeline.scrollTop + timeline.clientHeight >= timeline.scrollHeight - 8;
});
new ResizeObserver(toNewest).observe(timeline);

function draw(drawn) {
  if ($("pane").dataset.incident !== drawn.incident) newestInSight = true;
  for (const piece of ["head", "timeline", "keys"]) set(`pane-${piece}`, drawn[piece]);
  $("pane").dataset.incident = drawn.incident;
  toNewest();
}

/** Nothing is on its way that would change what the pane says. */
export const settled = () => !pane.stale && !pane.loading && pending.size === 0;

/** The pane shows what is chosen: an action carries the incident that was shown. */
export const inView = () => $("pane").dataset.incident === hand.chosen.id;

/** -> the answer's code; it comes back only when the hub has answered. */
export async function act(verb, incident, data = {}) {
  const name = JSON.stringify([verb, incident, data]);
  if (pending.has(name)) return "pending";
  if (hub.lost) { say(text("no_contact")); return "no_contact"; }
  pending.add(name);
  hand.chosen.byItself = false;
  const action = { id: random(16), desk, verb, incident, data };
  const answer = await signed(action);
  say(answer.say ?? answer.error);
  pending.delete(name);
  staleChosen();
  return answer.code ?? "refused";
}

/** Sent until it is answered; where two sit here, under the PIN of whoever acts. */
async function signed(action) {
  let why = "";
  for (;;) {
    const pin = page.shared ? await askPin(why) : "";
    if (pin === null) return { say: "", code: "cancelled" };
    say(text("sending"));
    const again = (n) => say(text("resending", { n }));
    const answer = await insist("/api/action", action, again, pin ? { "X-Qianshao-Pin": pin } : {});
    if (answer.code !== "pin") return answer;
    say("");
    page.shared = true;
    why = answer.error;
  }
}

/** Enter rings through the night: it must not seem to have taken what waits elsewhere. */
function sayTaken(by) {
  const count = [...rows.values()].filter(({ dataset }) => dataset.state === "untaken").length;
  if (by !== page.name && !page.shared) say(text(page.street ? "taken.street" : "taken", { by }));
  else if (count) say(text("taken.mine", { count }), true);
}

export async function take() {
  const { chosen } = hand;
  if (!page.may_act || chosen.acted) return;
  const row = chosenRow();
  if (row?.state === "taken") sayTaken(row.by);
  if (row?.state !== "untaken") return;
  if (now() - chosen.at < ARMED_MS) { say(text("wait")); return; }
  if (!inView()) { say(text("fetching")); return; }
  chosen.acted = true; // until the row is drawn anew: a second Enter is the same wish
  if ((await act("take", chosen.id)) !== "ok") chosen.acted = false;
}
