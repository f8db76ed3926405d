// Puts the page together: plan, languages, stream, keys, and the desk in its frame.
import { WORDS, language, setWords, words } from "./words.js";
import { ask, byId } from "./page.js";
import * as breaking from "./breaking.js";
import * as city from "./city.js";
import * as steps from "./steps.js";
import * as street from "./street.js";

const STALE_MS = 12000; // the stream says something each 5 s
const SEAT_MS = 2000;
const DESK = { width: 1366, height: 640 }; // the least that the desk is drawn for
let plan = null;
let heardAt = Date.now();

function chosenLanguage() {
  const cookie = document.cookie.match(/(?:^|; )language=(zh|en)/);
  if (cookie) return cookie[1];
  return (navigator.languages || []).some((each) => each.startsWith("zh")) ? "zh" : "en";
}

function setLanguage(wanted) {
  setWords(wanted);
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
  document.title = words.title(plan.name);
  byId("title").textContent = words.title(plan.name);
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = words[node.dataset.say];
  byId("open").href = plan.desk;
  byId("desk").title = words.frame;
  byId("interpreter").textContent = plan.interpreter[wanted];
  for (const wall of street.walls.values()) street.label(wall);
  labelFingers();
  breaking.show();
  city.draw();
  steps.draw();
}

function buildFingers() {
  for (const [finger, key] of Object.entries(street.FINGERS)) {
    const button = document.createElement("button");
    const number = document.createElement("kbd");
    number.textContent = key.toUpperCase();
    button.type = "button";
    button.dataset.key = finger;
    button.append(number, document.createElement("span"));
    button.addEventListener("click", () => street.press(street.chosenBoard().id, finger));
    byId("fingers").insertBefore(button, byId("do-link"));
  }
}

function labelFingers() {
  for (const button of byId("fingers").querySelectorAll("[data-key]")) {
    button.querySelector("span").textContent = words.keys[button.dataset.key];
    button.title = words.means[button.dataset.key];
  }
}

// Only the fingers that have a key on the chosen board.
function showFingers() {
  for (const button of byId("fingers").querySelectorAll("[data-key]")) {
    button.hidden = !street.chosenBoard().fingers.includes(button.dataset.key);
  }
}

function keyDown(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const key = event.key.toLowerCase();
  if (event.key.startsWith("Arrow")) {
    street.chooseNeighbour(event.key);
  } else if (street.fingerOf(key)) {
    street.press(street.chosenBoard().id, street.fingerOf(key));
  } else if (key === " " && !event.target.closest("button, a")) {
    street.press(street.chosenBoard().id, "red");
  } else if (key === "escape") {
    breaking.close();
  } else if (key === "n") {
    steps.goThere();
  } else if (!breaking.byKey(key)) {
    return;
  }
  event.preventDefault();
}

// Logged in at the desk by the demo; while the hub is down, again and again.
async function sit() {
  const answer = await ask("seat", { language: language() });
  if (answer.error) setTimeout(sit, SEAT_MS);
  else byId("desk").src = plan.desk;
}

// The desk keeps its own size and is drawn smaller where there is no room for it.
function fit() {
  const room = byId("room").getBoundingClientRect();
  const scale = Math.min(1, room.width / DESK.width, room.height / DESK.height);
  const frame = byId("desk");
  frame.width = Math.round(room.width / scale);
  frame.height = Math.round(room.height / scale);
  frame.style.setProperty("transform", `scale(${scale})`);
}

function listen() {
  const stream = new EventSource("/events");
  const on = (name, call) => stream.addEventListener(name, (event) => {
    heardAt = Date.now();
    call(JSON.parse(event.data));
    steps.follow();
  });
  on("alive", () => {});
  on("board", street.show);
  on("troubles", breaking.show);
  on("city", city.heard);
  setInterval(() => {
    const stale = Date.now() - heardAt > STALE_MS || stream.readyState === EventSource.CLOSED;
    byId("stale").hidden = !stale;
    document.body.classList.toggle("stopped", stale);
  }, 1000);
}

async function start() {
  plan = await (await fetch("/plan.json")).json();
  street.buildStreets(plan.boards);
  buildFingers();
  street.choose(plan.boards[0].id, false);
  showFingers();
  breaking.build(plan.broken, steps.follow);
  street.whenChosen(() => {
    showFingers();
    breaking.show();
  });
  setWords(chosenLanguage());
  steps.build();
  setLanguage(language());
  byId("language").addEventListener("click", () => {
    const wanted = words === WORDS.zh ? "en" : "zh";
    document.cookie = `language=${wanted}; path=/; max-age=31536000; samesite=strict`;
    setLanguage(wanted);
    sit();
  });
  document.addEventListener("keydown", keyDown);
  new ResizeObserver(fit).observe(byId("room"));
  listen();
  sit();
}

start();
