"use strict";
// Draws the walls once, then sets on each what its board's own process says; presses its keys.
const KEYS = ["red", "red-hold", "grey", "grey-3", "grey-5", "duress"];
const HOLD_MS = { "red-hold": 3000, "grey-3": 3000, "grey-5": 5000 };
const STALE_MS = 12000; // the stream says something each 5 s
const TONE_MS = 2500;
const byId = (id) => document.getElementById(id);
const walls = new Map();
let words = WORDS.zh;
let plan = null;
let chosen = null;
let heardAt = Date.now();

function chosenLanguage() {
  const cookie = document.cookie.match(/(?:^|; )language=(zh|en)/);
  if (cookie) return cookie[1];
  return (navigator.languages || []).some((each) => each.startsWith("zh")) ? "zh" : "en";
}

function setLanguage(language) {
  words = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = words.title(plan.name);
  byId("title").textContent = words.title(plan.name);
  for (const id of ["what", "desk", "language", "legend", "keyboard", "footer", "stale"]) byId(id).textContent = words[id];
  byId("desk").href = plan.desk;
  byId("interpreter").textContent = plan.interpreter[language];
  for (const wall of walls.values()) label(wall);
  labelFingers();
}

function label(wall) {
  const { board, node, view } = wall;
  node.querySelector(".red").textContent = words.red;
  node.querySelector(".grey span").textContent = words.grey;
  const tags = [board.id, board.pager && words.pager, board.covert && words.covert, board.lamps === 1 && words.led];
  node.querySelector(".tags").textContent = tags.filter(Boolean).join(" · ");
  node.querySelectorAll("[data-word]").forEach((word) => { word.textContent = words.lamps[word.dataset.word]; });
  node.querySelectorAll("[data-key]").forEach((button) => {
    button.title = words.means[button.dataset.key];
    button.setAttribute("aria-label", `${board.site} ${board.place}: ${words.keys[button.dataset.key]}`);
  });
  if (view) show(view);
}

function build(board) {
  const node = byId("wall").content.firstElementChild.cloneNode(true);
  node.id = board.id;
  node.classList.toggle("one-led", board.lamps === 1);
  node.querySelector("h3").textContent = board.site;
  node.querySelector(".place").textContent = board.place;
  node.addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    choose(board.id, false);
    if (button) press(board.id, button.dataset.key);
  });
  walls.set(board.id, { board, node, view: null, outcome: "", toneEnds: 0 });
  return node;
}

function buildFingers() {
  KEYS.forEach((key, at) => {
    const button = document.createElement("button");
    const number = document.createElement("kbd");
    const does = document.createElement("span");
    const means = document.createElement("small");
    number.textContent = at + 1;
    button.type = "button";
    button.dataset.key = key;
    button.append(number, does, means);
    button.addEventListener("click", () => press(chosen, key));
    byId("fingers").append(button);
  });
}

function labelFingers() {
  for (const button of byId("fingers").children) {
    button.querySelector("span").textContent = words.keys[button.dataset.key];
    button.querySelector("small").textContent = words.means[button.dataset.key];
  }
}

function buildStreets() {
  const streets = new Map();
  for (const board of plan.boards) {
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

function show(view) {
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
  node.querySelector(".dead").textContent = view.state === "running" ? "" : words[view.state];
  if (view.tones.length) sound(wall, view.tones);
}

function sound(wall, tones) {
  const tone = wall.node.querySelector(".tone");
  tone.textContent = "♪ " + tones.map((each) => words.tones[each] || each).join(" · ");
  clearTimeout(wall.toneEnds);
  wall.toneEnds = setTimeout(() => { tone.textContent = ""; }, TONE_MS);
}

async function press(id, key) {
  const wall = walls.get(id);
  const finger = key === "duress" ? null : wall.node.querySelector(key.startsWith("grey") ? ".grey" : ".red");
  if (finger) {
    finger.classList.add("down");
    setTimeout(() => finger.classList.remove("down"), HOLD_MS[key] || 200);
  }
  say(wall, key, "under_way");
  try {
    const response = await fetch("/press", { method: "POST", body: JSON.stringify({ board: id, key }) });
    say(wall, key, response.ok ? (await response.json()).outcome : "silent");
  } catch {
    say(wall, key, "silent");
  }
}

function say(wall, key, outcome) {
  wall.outcome = `${words.keys[key]}: ${words.outcomes[outcome]}`;
  if (wall.board.id === chosen) byId("outcome").textContent = wall.outcome;
  byId("spoken").textContent = `${wall.board.site} ${wall.outcome}`;
}

function choose(id, scroll) {
  chosen = id;
  const { node, board, outcome } = walls.get(id);
  for (const wall of walls.values()) wall.node.classList.toggle("chosen", wall.node === node);
  byId("chosen").textContent = `${board.site} ${board.place}`;
  byId("outcome").textContent = outcome;
  if (!node.contains(document.activeElement)) node.focus({ preventScroll: true });
  if (scroll) node.scrollIntoView({ block: "nearest" });
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

function keyDown(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.key.startsWith("Arrow")) {
    choose(neighbour(walls.get(chosen).node, event.key).id, true);
  } else if (/^[1-6]$/.test(event.key)) {
    press(chosen, KEYS[event.key - 1]);
  } else if (event.key === " " && !event.target.closest("button, a")) {
    press(chosen, "red");
  } else {
    return;
  }
  event.preventDefault();
}

function listen() {
  const stream = new EventSource("/events");
  const alive = () => { heardAt = Date.now(); };
  stream.addEventListener("alive", alive);
  stream.addEventListener("message", (event) => { alive(); show(JSON.parse(event.data)); });
  setInterval(() => {
    const stale = Date.now() - heardAt > STALE_MS || stream.readyState === EventSource.CLOSED;
    byId("stale").hidden = !stale;
    document.body.classList.toggle("stopped", stale);
  }, 1000);
}

async function start() {
  plan = await (await fetch("/plan.json")).json();
  buildStreets();
  buildFingers();
  setLanguage(chosenLanguage());
  byId("language").addEventListener("click", () => {
    const language = words === WORDS.zh ? "en" : "zh";
    document.cookie = `language=${language}; path=/; max-age=31536000; samesite=strict`;
    setLanguage(language);
  });
  document.addEventListener("keydown", keyDown);
  choose(plan.boards[0].id, false);
  listen();
}

start();
