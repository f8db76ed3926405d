// The lists: nothing moves under a finger, and the page chooses only where nobody has anything in hand.
import { closePrompt } from "./forms.js";
import { $, chosenRow, hand, now, page, rows, say, show, text, waited, wall } from "./page.js";
import { loadPane, staleChosen } from "./pane.js";

const IDLE_MS = 10000; // untouched for so long: the lists may be sorted again
const FIRST = 5; // rows that never scroll

let order = { queue: idsIn("first", "rest"), others: idsIn("other-rows") };

export function setOrder(queue, others) {
  order = { queue, others };
}

function idsIn(...lists) {
  return lists.flatMap((list) => [...$(list).querySelectorAll(":scope > .row")].map((row) => row.dataset.id));
}

function fill(list, ids) {
  ids.forEach((id, place) => {
    if (list.children[place] !== rows.get(id)) list.insertBefore(rows.get(id), list.children[place] ?? null);
  });
  while (list.children.length > ids.length) list.lastElementChild.remove();
}

const untouched = () => now() - hand.touched >= IDLE_MS && !hand.prompt;

/** Sorted when nobody touches the page, or when asked for; until then what is new is appended and
nothing leaves. */
export function place(asked = false) {
  let { queue, others } = order;
  if (asked || untouched()) {
    const known = new Set([...queue, ...others]);
    for (const id of rows.keys()) if (!known.has(id)) rows.delete(id);
  } else {
    const inQueue = new Set(idsIn("first", "rest"));
    const inOthers = idsIn("other-rows");
    const untaken = new Set(queue);
    queue = [...inQueue, ...queue.filter((id) => !inQueue.has(id))];
    others = [
      ...inOthers.filter((id) => !untaken.has(id)),
      ...others.filter((id) => !inQueue.has(id) && !inOthers.includes(id)),
    ];
  }
  fill($("first"), queue.slice(0, FIRST));
  fill($("rest"), queue.slice(FIRST));
  fill($("other-rows"), others);
  $("calm").hidden = queue.length > 0;
  $("others-none").hidden = others.length > 0;
  show("others-none", text(order.others.length ? "others.above" : "others.none"));
  const tests = order.queue.filter((id) => rows.get(id).dataset.kind === "test").length;
  show("tests", tests ? text("tests", { count: tests }) : "");
  const more = queue.slice(FIRST).map((id) => Number(rows.get(id).dataset.since));
  $("more").hidden = more.length === 0;
  if (more.length) show("more", text("more", { count: more.length, waited: waited(wall() - Math.min(...more)) }));
  tellNewcomer(queue);
}

/** A graver one than the first in sight shows in the top bar: its row must not jump up. */
function tellNewcomer(queue) {
  const gravest = order.queue[0];
  const top = queue.find((id) => rows.get(id).dataset.state === "untaken");
  const hidden = gravest !== undefined && (gravest !== top || queue.indexOf(gravest) >= FIRST);
  $("newcomer").hidden = !hidden;
  if (hidden) show("newcomer", `■ ${text("new", { what: rows.get(gravest).dataset.what })}`);
}

/** The page chooses by itself only where nobody has anything in hand. */
export function chooseByItself() {
  const row = chosenRow();
  const [top] = order.queue;
  if (!row) choose(top ?? "", true);
  else if (!top || !untouched()) return;
  else if (row.state === "untaken" && hand.chosen.byItself) choose(top, true);
  else if (row.state === "closed") choose(top, true);
  else if (row.state === "taken" && (row.by !== page.name || hand.chosen.byItself)) choose(top, true);
}

export function choose(id, byItself = false) {
  if (id === hand.chosen.id) {
    hand.chosen.byItself &&= byItself;
    return;
  }
  hand.chosen = { id, at: now(), byItself };
  staleChosen();
  if (hand.prompt && $(`form-${hand.prompt.name}`).matches(".confirm, .choice, #form-dial")) closePrompt();
  say("");
  mark();
  rows.get(id)?.scrollIntoView({ block: "nearest" });
  loadPane();
}

/** Whoever asks for the first one has no row under the finger: those in hand leave its way. */
export function chooseTop() {
  place(true);
  const top = order.queue[0] ?? order.others[0]; // what is in hand, where nothing waits
  if (top) choose(top);
}

export function mark() {
  const { id: chosen } = hand.chosen;
  for (const [id, row] of rows) row.toggleAttribute("aria-current", id === chosen);
  $("pane-calm").hidden = chosen !== "";
  $("pane-head").hidden = $("pane-keys").hidden = $("pane-timeline").hidden = chosen === "";
}

export function step(by) {
  const ids = idsIn("first", "rest", "other-rows");
  const at = ids.indexOf(hand.chosen.id);
  const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by))];
  if (next) choose(next);
}

/** Untaken rows that a person at this screen can see now. */
export function inSight() {
  return [...rows.values()].filter((row) => {
    const list = row.parentElement;
    if (row.dataset.state !== "untaken" || !list) return false;
    const mine = row.getBoundingClientRect();
    const frame = list.getBoundingClientRect();
    return mine.height > 0 && mine.top >= frame.top - 2 && mine.bottom <= Math.min(frame.bottom, innerHeight) + 2;
  }).map((row) => row.dataset.id);
}
