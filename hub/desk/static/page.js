// What all parts of the desk's script share: the page's facts, its words, and what is in hand.
import { random } from "./hub.js";

export const $ = (id) => document.getElementById(id);
export const page = JSON.parse(document.body.dataset.script);
export const now = () => performance.now();
export const text = (key, blanks = {}) => page.words[key].replace(/\{(\w+)\}/g, (_, name) => blanks[name]);

// a reload keeps the desk's id; a copied tab, whose original still holds it, draws its own
export const desk = sessionStorage.getItem("desk") ?? random(8);
sessionStorage.removeItem("desk");
addEventListener("pagehide", () => sessionStorage.setItem("desk", desk));

export const hub = { wall: page.wall, at: now(), beat: now(), source: null, connected: 0, lost: false };
export const rows = new Map([...document.querySelectorAll(".row")].map((row) => [row.dataset.id, row]));
export const hand = {
  chosen: { id: $("pane").dataset.incident, at: now(), byItself: true }, // and not by a hand
  prompt: null, // { name, incident } of the open form
  touched: now(),
  passing: false, // what the page has answered tells how things stand
};
const parts = new Map(); // what each replaced part was last set to

/** The hub's clock, ms UTC. */
export const wall = () => hub.wall + now() - hub.at;

/** The facts of the chosen row, if it is listed. */
export const chosenRow = () => rows.get(hand.chosen.id)?.dataset;

export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

/** Markup, touched only when it is another: nobody's selection is lost for nothing. */
export function set(id, html) {
  if (parts.get(id) === html) return;
  parts.set(id, html);
  $(id).innerHTML = html;
}

export function show(id, words) {
  if ($(id).textContent !== words) $(id).textContent = words;
}

/** What the page answers. `passing`: it tells how things stand, and goes when they change. */
export function say(words, passing = false) {
  hand.passing = passing;
  show("answer", words);
}

export function passes() {
  if (hand.passing) say("");
}

/** `00:42`, from an hour on `1:02:10`. */
export function waited(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}
