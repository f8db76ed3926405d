// The walls: drawn once, then each set to what its board's own process says; their keys pressed.
import { inEnglish } from "./display.js";
import { language, words } from "./words.js";
import { ask, byId } from "./page.js";

// finger -> its key on the keyboard; 平安 held is what the hidden key is elsewhere
export const FINGERS = {
  red: "1", "red-hold": "2", grey: "3", "grey-3": "4", "grey-5": "5", duress: "6", "white-3": "6", yellow: "y", white: "p",
};
const HOLD_MS = { "red-hold": 3000, "grey-3": 3000, "grey-5": 5000, "white-3": 3000 };
const TONE_MS = 2500;
export const walls = new Map();
let chosen = null;
let followed = () => {};

export const chosenBoard = () => walls.get(chosen).board;
export const fingerOf = (key) => chosenBoard().fingers.find((name) => FINGERS[name] === key);

export function whenChosen(call) {
  followed = call;
}

export function buildStreets(boards) {
  const streets = new Map();
  for (const board of boards) {
    if (!streets.has(board.street)) {
      const section = document.createElement("section");
      const title = document.createElement("h2");
      const row = document.createElement("div");
      title.textContent = board.street;
      row.className = "row";
      section.append(title, row);
      streets.set(board.street, row);
      byId("streets").append(section);
    }
    streets.get(board.street).append(build(board));
  }
}

function build(board) {
  const node = byId("wall").content.firstElementChild.cloneNode(true);
  node.id = board.id;
  node.classList.toggle("one-led", board.lamps === 1);
  node.querySelectorAll("[data-key]").forEach((button) => {
    if (!board.fingers.includes(button.dataset.key)) button.remove();
  });
  node.querySelector("h3").textContent = board.site;
  node.addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    choose(board.id, false);
    if (button && !event.detail) press(board.id, button.dataset.key); // by keyboard; a pointer rests
  });
  node.addEventListener("pointerdown", (event) => {
    const button = event.target.closest("[data-key]");
    if (button && event.button === 0) rest(board.id, button, event.pointerId);
  });
  walls.set(board.id, { board, node, view: null, outcome: "", toneEnds: 0 });
  return node;
}

export function label(wall) {
  const { board, node, view } = wall;
  node.querySelector(".red").textContent = words.red;
  node.querySelector(".grey span").textContent = words.grey;
  node.querySelectorAll(".yellow, .white").forEach((key) => { key.querySelector("span").textContent = words[key.dataset.key]; });
  const marks = [board.place, board.covert && words.covert, board.pager && words.pager, board.lamps === 1 && words.led];
  node.querySelector(".place").textContent = marks.filter(Boolean).join(" · ");
  node.querySelector(".place").title = board.id;
  node.querySelectorAll("[data-word]").forEach((word) => { word.textContent = words.lamps[word.dataset.word]; });
  node.querySelectorAll("[data-key]").forEach((button) => {
    button.title = words.means[button.dataset.key];
    button.setAttribute("aria-label", `${board.site} ${board.place}: ${words.keys[button.dataset.key]}`);
  });
  if (view) show(view);
}

export function show(view) {
  const wall = walls.get(view.id);
  const { node } = wall;
  wall.view = { ...view, tones: [] };
  node.dataset.state = view.state;
  const patterns = { ...view.lamps, grey: view.grey, led: view.led };
  node.querySelectorAll("[data-lamp]").forEach((lamp) => {
    const pattern = patterns[lamp.dataset.lamp];
    lamp.setAttribute("aria-label", `${words.lamps[lamp.dataset.lamp]}: ${words.patterns[pattern]}`);
    if (lamp.dataset.pattern !== pattern) lamp.dataset.pattern = pattern;
  });
  node.classList.toggle("alternating", view.lamps.calling === "fast" && view.lamps.fault === "fast");
  node.querySelector(".display").textContent = view.display;
  node.querySelector(".gloss").textContent = language() === "en" ? inEnglish(view.display) : "";
  node.querySelector(".dead").textContent = view.state === "running" ? "" : words[view.state];
  if (view.tones.length) sound(wall, view.tones);
}

export function showPulled(troubles) {
  for (const [id, { node, board }] of walls) {
    const dark = troubles.dark.includes(board.street);
    node.classList.toggle("unplugged", dark || troubles.pulled.includes(id));
    node.querySelector(".pulled").textContent = dark ? words.dark : words.pulled;
  }
}

function sound(wall, tones) {
  const tone = wall.node.querySelector(".tone");
  tone.textContent = "♪ " + tones.map((each) => words.tones[each] || each).join(" · ");
  clearTimeout(wall.toneEnds);
  wall.toneEnds = setTimeout(() => { tone.textContent = ""; }, TONE_MS);
}

export async function press(id, key) {
  const wall = walls.get(id);
  const finger = key === "duress" ? null : wall.node.querySelector(`[data-key=${key.split("-")[0]}]`);
  if (finger) {
    finger.classList.add("down");
    setTimeout(() => finger.classList.remove("down"), HOLD_MS[key] || 200);
  }
  say(wall, key, "under_way");
  const { outcome } = await ask("press", { board: id, key });
  say(wall, key, outcome || "silent");
}

// A pointer on a key of the wall is a finger on it: down when it comes down, up when it leaves.
async function rest(id, button, pointer) {
  const wall = walls.get(id);
  const key = button.dataset.key;
  choose(id, false);
  const left = new Promise((resolve) => {
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) button.addEventListener(end, resolve, { once: true });
  });
  button.setPointerCapture(pointer);
  button.classList.add("down");
  left.then(() => button.classList.remove("down"));
  say(wall, key, "under_way");
  const { finger, outcome } = await ask("down", { board: id, key });
  if (!finger) {
    say(wall, key, outcome || "silent");
    return;
  }
  await left;
  say(wall, key, (await ask("up", { finger })).outcome || "silent");
}

function say(wall, key, outcome) {
  wall.outcome = `${words.keys[key]}: ${words.outcomes[outcome]}`;
  if (wall.board.id === chosen) byId("outcome").textContent = wall.outcome;
  byId("spoken").textContent = `${wall.board.site} ${wall.outcome}`;
}

export function choose(id, scroll) {
  chosen = id;
  const { node, board, outcome } = walls.get(id);
  for (const wall of walls.values()) wall.node.classList.toggle("chosen", wall.node === node);
  byId("chosen").textContent = `${board.site} ${board.place}`;
  byId("outcome").textContent = outcome;
  if (!node.contains(document.activeElement)) node.focus({ preventScroll: true });
  if (scroll) node.scrollIntoView({ block: "nearest" });
  followed();
}

export function chooseNeighbour(key) {
  choose(neighbour(walls.get(chosen).node, key).id, true);
}

function neighbour(from, key) {
  const nodes = [...document.querySelectorAll(".wall")];
  const at = nodes.indexOf(from);
  if (key === "ArrowLeft") return nodes[Math.max(0, at - 1)];
  if (key === "ArrowRight") return nodes[Math.min(nodes.length - 1, at + 1)];
  const here = from.getBoundingClientRect();
  const way = key === "ArrowDown" ? 1 : -1;
  const there = nodes
    .map((node) => ({ node, box: node.getBoundingClientRect() }))
    .filter(({ box }) => (box.top - here.top) * way > here.height / 2)
    .sort((a, b) => Math.abs(a.box.top - here.top) - Math.abs(b.box.top - here.top) || Math.abs(a.box.left - here.left) - Math.abs(b.box.left - here.left));
  return there.length ? there[0].node : from;
}
