// Pages that only look: one stream, its parts drawn anew, and a picture that says when it stopped.
import { leave, random } from "./hub.js";

const LOST_MS = 5000;
const RECONNECT_MS = 5000;

export const $ = (id) => document.getElementById(id);
export const page = JSON.parse(document.body.dataset.script);
export const desk = random(8);
export const text = (key, blanks = {}) => page.words[key].replace(/\{(\w+)\}/g, (_, name) => blanks[name]);

const now = () => performance.now();
const hub = { wall: page.wall, at: now(), beat: now(), connected: 0, source: null };
let parts = {};

const time = (wall) => new Date(wall + 8 * 3600000).toISOString().slice(11, 19); // +08:00

function waited(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}

/** Follow `view`; while `busy()` a person is writing, and nothing is drawn over it. */
export function watch(view, busy = () => false) {
  function connect() {
    hub.source?.close();
    hub.connected = now();
    hub.source = new EventSource(`/events?desk=${desk}&view=${view}`);
    hub.source.addEventListener("over", leave);
    hub.source.addEventListener("state", (event) => {
      const state = JSON.parse(event.data);
      Object.assign(hub, { wall: state.wall, at: now(), beat: now() });
      parts = { ...parts, ...state.parts };
      update();
    });
  }

  function update() {
    if (Object.keys(parts).length && !busy()) {
      const { key } = document.activeElement?.dataset ?? {};
      for (const [id, html] of Object.entries(parts)) $(`part-${id}`).innerHTML = html;
      parts = {};
      if (key) document.querySelector(`[data-key="${key}"]`)?.focus(); // the finger stays where it was
    }
    const stale = now() - hub.beat > LOST_MS;
    if (stale && now() - hub.connected > RECONNECT_MS) connect();
    document.body.classList.toggle("stale", stale);
    const held = Object.keys(parts).length > 0; // what somebody writes into lies over it
    $("stopped").hidden = !stale && !held;
    $("stopped").textContent = stale ? text("wall.stopped", { time: time(hub.wall) }) : text("wall.held");
    const wall = hub.wall + now() - hub.at;
    $("clock").firstElementChild.textContent = time(wall);
    if (stale) return; // what cannot be known does not go on counting
    for (const each of document.querySelectorAll("[data-since]")) each.textContent = waited(wall - Number(each.dataset.since));
    for (const each of document.querySelectorAll("[data-passed]"))
      each.textContent = text("passed", { n: Math.max(0, Math.round((wall - Number(each.dataset.passed)) / 1000)) });
  }

  const metronome = new Worker("/static/watchdog.js");
  metronome.onmessage = update;
  metronome.onerror = () => setInterval(update, 500);
  connect();
  return update;
}
