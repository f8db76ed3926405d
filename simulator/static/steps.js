// Eight steps through the chain. Each names what to click now, and ticks itself by what the boards,
// the city and the results themselves say.
import { words } from "./words.js";
import { byId } from "./page.js";
import { choose, walls } from "./street.js";
import { close, facts } from "./breaking.js";
import { events } from "./city.js";

const lamps = (board) => walls.get(board).view?.lamps || {};
const stored = (board) => lamps(board).stored === "on";
const taken = () => [...walls.keys()].filter((id) => lamps(id).taken === "on");
const felt = (board) => ["fast", "on"].includes(lamps(board).calling);
const red = (board) => walls.get(board).node.querySelector(".red");
const button = (name) => byId(`do-${name}`);
const troubles = () => facts.troubles;

/** Whichever the officer takes first. */
function takes(board) {
  const before = taken();
  return ["take", () => byId("desk"), () => lamps(board).taken === "on" || taken().some((id) => !before.includes(id))];
}

// [its word, what to click (nothing: look there), whether it is done]; `board` is an idle one
const STEPS = [
  (board) => [
    ["sit", () => byId("desk"), () => troubles().listening],
    ["press", () => red(board), () => stored(board)],
  ],
  (board) => [takes(board)],
  (board) => [
    ["pull", () => button("link"), () => troubles().pulled.includes(board)],
    ["press", () => red(board), () => felt(board)],
    ["undelivered", () => walls.get(board).node, () => lamps(board).fault === "fast"],
    ["plug", () => button("link"), () => !troubles().pulled.includes(board)],
    ["arrives", () => walls.get(board).node, () => stored(board)],
    takes(board),
  ],
  (board) => [
    ["kill", () => button("hub"), () => troubles().hub],
    ["press", () => red(board), () => felt(board)],
    ["start", () => button("hub"), () => !troubles().hub],
    ["arrives", () => walls.get(board).node, () => stored(board)],
    takes(board),
  ],
  (board) => [
    ["dark", () => button("street"), () => troubles().dark.includes(walls.get(board).board.street)],
    ["lost", () => walls.get(board).node, () => lamps(board).fault === "slow"],
    ["light", () => button("street"), () => troubles().dark.length === 0],
    ["back", () => walls.get(board).node, () => lamps(board).fault === "off" || stored(board)],
  ],
  (board) => [
    ["drill", () => button("drill"), () => troubles().drill],
    ["press", () => red(board), () => events.some((e) => e.board === board && e.feed === "exercise")],
    ["confirm", () => byId("desk"), () => !["fast", "on"].includes(lamps(board).calling)],
    ["drilled", () => button("drill"), () => !troubles().drill],
  ],
  () => [["byte", () => button("byte"), () => facts.byte?.exit === 1]],
  () => [["world", () => button("world"), () => facts.world?.exit === 1]],
];
const done = STEPS.map(() => false);
const ALONE = 6; // from here on no board is needed
const CALM_MS = 2500; // what a step has shown stays in sight before the next one lights
const BEGUN_MS = 5000;
let at = 0;
let acts = null;
let act = 0;
let lit = null;
let board = null;
let later = 0;

export function build() {
  STEPS.forEach((_, place) => {
    const node = document.createElement("button");
    node.type = "button";
    node.append(document.createElement("b"), document.createElement("span"));
    node.addEventListener("click", () => begin(place));
    byId("steps").append(node);
  });
  begin(0);
}

function begin(place) {
  close();
  at = place;
  act = 0;
  acts = null;
  follow();
}

const begins = () => performance.now() < BEGUN_MS;

// An untouched plate, another one for each step, so that the lamps tell one story at a time.
function idle() {
  const inOrder = [...document.querySelectorAll(".wall")].map(({ id }) => walls.get(id)); // as a reader finds them
  const shown = inOrder.filter(({ board: each }) => each.lamps === 3 && !each.covert && !each.pager);
  const good = shown.filter(({ view }) => view?.state === "running" && view.lamps.calling === "blip");
  // a demo that has just begun: its boards connect one by one, and the story begins at the top
  if (good.length < shown.length && begins()) return undefined;
  const others = good.filter(({ board: each }) => each.id !== board);
  return (others[0] || good[0])?.board.id;
}

export function follow() {
  if (at < STEPS.length && !acts) {
    const second = at === 1 && board && stored(board); // the one just pressed is to be taken
    const found = second ? board : idle() || (at >= ALONE ? [...walls.keys()][0] : null);
    if (found) {
      board = found;
      acts = STEPS[at](board);
      choose(board, true);
    }
  }
  while (acts && act < acts.length && acts[act][2]()) act += 1;
  if (acts && act === acts.length) {
    done[at] = true;
    acts = null;
    act = 0;
    at += 1;
    clearTimeout(later);
    later = setTimeout(() => {
      later = 0;
      follow();
    }, CALM_MS);
  }
  draw();
}

/** Somebody has killed the hub out of turn: nothing goes on before it is started. */
function stopped() {
  return troubles().hub && acts && !["kill", "press", "start"].includes(acts[act]?.[0]);
}

export function goThere() {
  if (!lit) return;
  lit.focus();
  lit.scrollIntoView({ block: "nearest" });
}

export function draw() {
  [...byId("steps").children].forEach((node, place) => {
    node.querySelector("b").textContent = done[place] ? "✓" : place + 1;
    node.querySelector("span").textContent = words.steps[place];
    node.classList.toggle("done", done[place]);
    node.toggleAttribute("aria-current", place === at);
  });
  const now = stopped() ? ["start", () => button("hub")] : acts?.[act];
  byId("now").textContent = at === STEPS.length ? words.now.over : now ? words.now[now[0]](walls.get(board).board) : later ? words.now.seen : begins() ? words.now.connecting : words.now.busy;
  const target = now ? now[1]() : null;
  if (target !== lit) {
    lit?.classList.remove("lit");
    target?.classList.add("lit");
    // after a click the next keys are the desk's: space here would press red once more
    if (["take", "confirm"].includes(now?.[0]) && !document.activeElement.matches(":focus-visible")) target.focus();
    if (act && acts[act - 1][0] === "sit") walls.get(board).node.focus({ preventScroll: true }); // the hands come back from the desk
    if (target?.closest(".wall")) target.closest(".wall").scrollIntoView({ block: "nearest" });
  }
  lit = target;
}
