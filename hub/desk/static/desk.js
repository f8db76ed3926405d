// The duty desk: one stream of state in, keys and clicks out, sound made here.
// Every action carries the incident that was shown and a random id, repeated until it is answered.
import { get, insist, leave, post, random } from "./hub.js";
import { Sound } from "./sound.js";

const IDLE_MS = 10000; // untouched for so long: the lists may be sorted again
const ARMED_MS = 1000; // Enter acts only on what was chosen so long ago
const LOST_MS = 4000; // the hub beats each 2 s
const RECONNECT_MS = 5000;
const HERE_MS = 5000;
const MUTE_MS = 60000;
const RING_MS = 5000;
const REMIND_MS = 60000;
const PANE_MS = 30000; // what counts minutes in the pane is drawn anew
const FIRST = 5; // rows that never scroll

const $ = (id) => document.getElementById(id);
const page = JSON.parse(document.body.dataset.script);
const now = () => performance.now();
const text = (key, blanks = {}) => page.words[key].replace(/\{(\w+)\}/g, (_, name) => blanks[name]);
// a reload keeps the desk's id; a copied tab, whose original still holds it, draws its own
const desk = sessionStorage.getItem("desk") ?? random(8);
sessionStorage.removeItem("desk");
addEventListener("pagehide", () => sessionStorage.setItem("desk", desk));

const hub = { wall: page.wall, at: now(), beat: now(), source: null, connected: 0, lost: false };
const rows = new Map([...document.querySelectorAll(".row")].map((row) => [row.dataset.id, row]));
let order = { queue: idsIn("first", "rest"), others: idsIn("other-rows") };
let chosen = { id: $("pane").dataset.incident, at: now() };
let pane = { at: 0, stale: true, loading: false };
let prompt = null; // { name, incident } of the open form
let touched = now();
const here = { at: -Infinity, busy: false, listens: false, shown: new Set() };
const pending = new Set(); // actions that are not answered yet, by what they say
const parts = new Map(); // what each replaced part was last set to
const sound = new Sound();
const rang = { press: 0, reminder: 0, lost: 0, mutedUntil: 0 };

// --- sound: what asks for it

/** What the untaken rows ask for: the gravest tune and its level, or nothing. */
function wantedTune() {
  let wanted = null;
  for (const { dataset: row } of rows.values()) {
    if (row.state !== "untaken" || row.kind === "test") continue;
    const waited = (wall() - Number(row.since)) / 1000;
    let level = waited >= page.loudest_s ? 2 : waited >= page.louder_s ? 1 : 0;
    if (row.withdraw !== "0") level -= 1;
    const tune = row.kind === "duress" ? "soft" : "press";
    if (tune === "soft") level = Math.min(level, 0);
    if (!wanted || (tune === "press" && (wanted.tune === "soft" || level > wanted.level))) wanted = { tune, level };
  }
  return wanted;
}

function ring() {
  if (!audible()) return;
  if (hub.lost) {
    if (due("lost", RING_MS)) sound.play("lost", 1);
    return;
  }
  const wanted = wantedTune();
  if (wanted && due("press", RING_MS)) sound.play(wanted.tune, wanted.level);
  const reminding = [...rows.values()].some((row) => row.dataset.reminded !== "0");
  if (reminding && due("reminder", REMIND_MS)) sound.play("reminder", 1);
}

function due(tune, every) {
  if (rang[tune] && now() - rang[tune] < every) return false;
  rang[tune] = now();
  return true;
}

const audible = () => sound.on() && now() >= rang.mutedUntil;

/** A new press breaks the mute and rings at once; a test sounds one tone. */
const pressed = new Map([...rows].map(([id, row]) => [id, Number(row.dataset.pressed)]));
function listenTo(row) {
  const at = Number(row.dataset.pressed);
  if (at <= (pressed.get(row.dataset.id) ?? 0)) return false;
  pressed.set(row.dataset.id, at);
  if (row.dataset.kind !== "test") {
    rang.mutedUntil = rang.press = 0;
  } else if (audible()) sound.play("test", 0);
  return true;
}

function mute() {
  rang.mutedUntil = now() < rang.mutedUntil ? 0 : now() + MUTE_MS;
}

// --- the stream

function connect() {
  hub.source?.close();
  hub.connected = now();
  hub.source = new EventSource(`/events?desk=${desk}`);
  hub.source.addEventListener("state", (event) => heard(JSON.parse(event.data)));
  hub.source.addEventListener("over", leave);
}

function wall() {
  return hub.wall + now() - hub.at;
}

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function set(id, html) {
  if (parts.get(id) === html) return;
  parts.set(id, html);
  $(id).innerHTML = html;
}

function newestTrouble() {
  return Number($("part-equipment").querySelector("[data-newest]")?.dataset.newest ?? 0);
}

function heard(state) {
  Object.assign(hub, { wall: state.wall, at: now(), beat: now(), lost: false });
  const trouble = newestTrouble();
  for (const [id, html] of Object.entries(state.parts)) set(`part-${id}`, html);
  if (newestTrouble() > trouble && audible()) sound.play("equipment", 0);
  for (const [id, html] of Object.entries(state.rows)) {
    const row = element(html);
    rows.get(id)?.replaceWith(row);
    rows.set(id, row);
    if (listenTo(row)) here.at = -Infinity; // what is shown is told at once
    if (id !== chosen.id) continue;
    chosen.acted = false;
    pane.stale = true;
  }
  order = { queue: state.queue, others: state.others };
  $("untaken").textContent = state.untaken;
  update();
}

// --- the lists: nothing moves under a finger

function idsIn(...lists) {
  return lists.flatMap((list) => [...$(list).querySelectorAll(":scope > .row")].map((row) => row.dataset.id));
}

function fill(list, ids) {
  ids.forEach((id, place) => {
    if (list.children[place] !== rows.get(id)) list.insertBefore(rows.get(id), list.children[place] ?? null);
  });
  while (list.children.length > ids.length) list.lastElementChild.remove();
}

/** Sorted when nobody touches the page; until then what is new is appended and nothing leaves. */
function place() {
  let { queue, others } = order;
  if (now() - touched >= IDLE_MS && !prompt) {
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
  const more = queue.slice(FIRST).map((id) => Number(rows.get(id).dataset.since));
  $("more").hidden = more.length === 0;
  if (more.length) show("more", text("more", { count: more.length, waited: waited(wall() - Math.min(...more)) }));
  const gravest = order.queue[0];
  const top = queue.find((id) => rows.get(id).dataset.state === "untaken");
  const hidden = gravest !== undefined && (gravest !== top || queue.indexOf(gravest) >= FIRST);
  $("newcomer").hidden = !hidden;
  if (hidden) show("newcomer", `■ ${text("new", { what: rows.get(gravest).dataset.what })}`);
}

/** The page chooses by itself only where nobody has anything in hand. */
function chooseByItself() {
  const row = rows.get(chosen.id)?.dataset;
  const [top] = order.queue;
  if (!row) choose(top ?? "");
  else if (now() - touched < IDLE_MS || prompt || !top) return;
  else if (row.state === "closed" || (row.state === "taken" && row.by !== page.name)) choose(top);
}

function choose(id) {
  if (id === chosen.id) return;
  chosen = { id, at: now() };
  pane.stale = true;
  if (prompt && $(`form-${prompt.name}`).matches(".confirm, #form-dial")) closePrompt();
  say("");
  mark();
  rows.get(id)?.scrollIntoView({ block: "nearest" });
  loadPane();
}

function mark() {
  for (const [id, row] of rows) row.toggleAttribute("aria-current", id === chosen.id);
  $("pane-calm").hidden = chosen.id !== "";
  $("pane-head").hidden = $("pane-keys").hidden = $("pane-timeline").hidden = chosen.id === "";
}

function step(by) {
  const ids = idsIn("first", "rest", "other-rows");
  const at = ids.indexOf(chosen.id);
  const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by))];
  if (next) choose(next);
}

async function loadPane() {
  if (pane.loading || !chosen.id) return;
  const wanted = chosen.id;
  pane = { at: now(), stale: false, loading: true };
  const drawn = await get(`/pane?incident=${encodeURIComponent(wanted)}`);
  if (drawn?.head && wanted === chosen.id) draw(drawn);
  pane.loading = false;
  if (wanted !== chosen.id) loadPane();
}

function draw(drawn) {
  const timeline = $("pane-timeline");
  const end = timeline.scrollTop + timeline.clientHeight >= timeline.scrollHeight - 8;
  const other = $("pane").dataset.incident !== drawn.incident;
  for (const piece of ["head", "timeline", "keys"]) set(`pane-${piece}`, drawn[piece]);
  $("pane").dataset.incident = drawn.incident;
  if (end || other) timeline.scrollTop = timeline.scrollHeight;
}

// --- actions

function show(id, words) {
  if ($(id).textContent !== words) $(id).textContent = words;
}

function say(words) {
  show("answer", words);
}

/** -> the answer's code; it comes back only when the hub has answered. */
async function act(verb, incident, data = {}) {
  const name = JSON.stringify([verb, incident, data]);
  if (pending.has(name)) return "pending";
  if (hub.lost) { say(text("no_contact")); return "no_contact"; }
  pending.add(name);
  say(text("sending"));
  const action = { id: random(16), desk, verb, incident, data };
  const answer = await insist("/api/action", action, (n) => say(text("resending", { n })));
  say(answer.say ?? answer.error);
  pending.delete(name);
  return answer.code ?? "refused";
}

/** The pane shows what is chosen: an action carries the incident that was shown. */
const inView = () => $("pane").dataset.incident === chosen.id;

async function take() {
  if (!page.may_act || chosen.acted || rows.get(chosen.id)?.dataset.state !== "untaken") return;
  if (now() - chosen.at < ARMED_MS || !inView()) { say(text("wait")); return; }
  chosen.acted = true; // until the row is drawn anew: a second Enter is the same wish
  if ((await act("take", chosen.id)) !== "ok") chosen.acted = false;
}

const DOES = {
  take,
  real: () => act("outcome", chosen.id, { outcome: "real" }),
  no_answer: () => act("outcome", chosen.id, { outcome: "no_answer" }),
  handed_on: (button) => act("handed_on", chosen.id, { service: button.dataset.service }),
  note: () => openPrompt("note"),
  next_time: () => openPrompt("next_time"),
  false_press: () => openPrompt("false_press"),
  close: () => openPrompt("close"),
  dial,
};
const ALWAYS = {
  mute,
  help: () => { $("help").hidden = !$("help").hidden; },
  language: () => { if (!prompt) $("language").click(); },
  top: () => { if (order.queue[0]) choose(order.queue[0]); },
};

/** One key or button; what concerns an incident concerns the one that is in sight. */
function run(name, button) {
  if (ALWAYS[name]) ALWAYS[name]();
  else if (page.may_act && chosen.id && inView()) DOES[name](button);
  update();
}

function dial() {
  const { phone, contact } = $("pane-keys").querySelector("[data-do=dial]").dataset;
  if (!phone) return;
  $("dial").href = `tel:${phone.replace(/[^\d+]/g, "")}`;
  $("dial").textContent = contact;
  openPrompt("dial");
}

// --- forms: bound to the incident they were opened for

function openPrompt(name) {
  const form = $(`form-${name}`);
  const draft = prompt && $(`form-${prompt.name}`).querySelector("textarea, input");
  if (draft?.value) { draft.focus(); return; } // what was being written is not thrown away
  closePrompt();
  $("help").hidden = true;
  prompt = { name, incident: chosen.id };
  $("prompt").hidden = form.hidden = false;
  form.querySelector(".about").textContent = rows.get(chosen.id)?.dataset.what ?? "";
  form.querySelector("textarea, input")?.focus();
  $("pane-timeline").scrollTop = $("pane-timeline").scrollHeight;
}

function closePrompt() {
  if (!prompt) return;
  const form = $(`form-${prompt.name}`);
  form.reset();
  $("prompt").hidden = form.hidden = true;
  prompt = null;
  document.activeElement?.blur();
}

async function submit() {
  const { name, incident } = prompt;
  const field = $(`form-${name}`).querySelector("textarea, input");
  if (name === "dial") return;
  if (!field) {
    closePrompt();
    if (name === "close") act("close", incident);
    else act("outcome", incident, { outcome: name });
    return;
  }
  if (!field.value.trim()) return;
  const code = await act(name, incident, name === "note" ? { text: field.value } : { at: field.value });
  if (["ok", "again"].includes(code) && prompt?.incident === incident && prompt.name === name) closePrompt();
}

// --- keys, clicks, touches

const KEYS = {
  d: "dial", n: "note", y: "real", f: "false_press", x: "no_answer", t: "next_time", c: "close",
  m: "mute", l: "language", "?": "help", "？": "help", home: "top",
};
const STEPS = { arrowdown: 1, j: 1, arrowup: -1, k: -1 };

function onKey(event) {
  touched = now();
  if (!event.key || event.isComposing || event.altKey || event.metaKey) return;
  const field = event.target.closest("input, textarea");
  // with a Chinese input method on, only the place of the key is known
  const key = event.key === "Process" ? event.code.replace(/^(Key|Digit|Numpad)/, "").toLowerCase() : event.key.toLowerCase();
  if (key === "escape") {
    if (prompt) closePrompt();
    else $("help").hidden = true;
  } else if (key === "enter" && event.ctrlKey && field?.form && prompt) {
    submit();
  } else if (field || event.ctrlKey || event.target.closest("button, a") && [" ", "enter"].includes(key)) {
    return;
  } else if (event.repeat && !STEPS[key]) {
    return;
  } else if (key === " ") {
    sound.enable();
  } else if (key === "enter") {
    if (prompt && $(`form-${prompt.name}`).matches(".confirm")) submit();
    else take();
  } else if (STEPS[key]) {
    step(STEPS[key]);
  } else if ("123".includes(key) && key.length === 1) {
    run("handed_on", $("pane-keys").querySelectorAll("[data-service]")[key - 1]);
  } else if (KEYS[key]) {
    run(KEYS[key]);
  } else return;
  event.preventDefault();
}

async function logout() {
  if (await post("/logout", {})) location.assign("/login");
  else say(text("no_contact"));
}

function onPointerDown(event) {
  touched = now();
  sound.enable();
  const row = event.target.closest(".row");
  if (row && event.button === 0) choose(row.dataset.id);
}

function onClick(event) {
  if (event.target.closest(".row a")) event.preventDefault();
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.do) run(button.dataset.do, button);
  else if (button.id === "newcomer") run("top");
  else if (button.id === "logout") logout();
  else if (button.matches(".cancel")) closePrompt();
  if (event.detail) button.blur(); // a mouse leaves no focus behind that would catch Enter
}

// --- the metronome

function waited(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}

function tick() {
  const silent = now() - hub.beat;
  hub.lost = silent > LOST_MS;
  if (silent > LOST_MS && now() - hub.connected > RECONNECT_MS) connect();
  // at once when it begins or ceases to listen: a press in that second must not find nobody here
  const listens = sound.on() && document.visibilityState === "visible";
  if (listens !== here.listens || now() - here.at >= HERE_MS) signHere();
  here.listens = listens;
  if (now() - pane.at >= PANE_MS) pane.stale = true;
  update();
}

/** Everything on the page that follows from what is known and from the time. */
function update() {
  place();
  chooseByItself();
  mark();
  if (pane.stale) loadPane();
  ring();
  const local = new Date(wall() + 8 * 3600000); // +08:00, whatever this machine believes
  const day = page.language === "zh"
    ? `${local.getUTCMonth() + 1}月${local.getUTCDate()}日`
    : local.toUTCString().slice(5, 11);
  const [time, date] = $("clock").children;
  time.textContent = local.toISOString().slice(11, 19);
  date.textContent = `${day} ${page.weekdays[(local.getUTCDay() + 6) % 7]}`;
  for (const each of document.querySelectorAll("[data-since]"))
    if (each.tagName === "TIME") each.textContent = waited(wall() - Number(each.dataset.since));
  for (const each of document.querySelectorAll("[data-passed]"))
    each.textContent = text("passed", { n: Math.max(0, Math.round((wall() - Number(each.dataset.passed)) / 1000)) });
  const silent = Math.round((now() - hub.beat) / 1000);
  show("host", `${text("host")} ${text("ago", { n: silent })}`);
  document.body.classList.toggle("stale", hub.lost);
  const untaken = Number($("untaken").textContent);
  document.title = (hub.lost ? "✕ " : "") + (untaken ? `(${untaken}) ` : "") + document.body.dataset.title;
  $("lost").hidden = !hub.lost;
  if (hub.lost) show("lost", text("lost", { n: silent }));
  const on = sound.on();
  const muted = Math.ceil((rang.mutedUntil - now()) / 1000);
  const state = !on ? text("sound.off") : muted > 0 ? text("sound.muted", { n: muted }) : text("sound.on");
  show("sound", `${text("sound")} ${state}`);
  $("sound").classList.toggle("strong", !on || muted > 0);
  $("sound-off").hidden = on;
  show("sound-off", text("sound.enable"));
}

/** Untaken rows that a person at this screen can see now. */
function inSight() {
  return [...rows.values()].filter((row) => {
    const list = row.parentElement;
    if (row.dataset.state !== "untaken" || !list) return false;
    const mine = row.getBoundingClientRect();
    const frame = list.getBoundingClientRect();
    return mine.height > 0 && mine.top >= frame.top - 2 && mine.bottom <= Math.min(frame.bottom, innerHeight) + 2;
  }).map((row) => row.dataset.id);
}

async function signHere() {
  if (here.busy) return;
  Object.assign(here, { busy: true, at: now() });
  const visible = document.visibilityState === "visible";
  const on = sound.on();
  const shown = visible && on ? inSight().filter((id) => !here.shown.has(id)) : [];
  const idle_ms = Math.round(now() - touched);
  if (await post("/api/here", { desk, visible, sound: on, idle_ms, shown })) {
    shown.forEach((id) => here.shown.add(id));
  }
  here.busy = false;
}

addEventListener("keydown", onKey);
addEventListener("pointerdown", onPointerDown);
addEventListener("click", onClick);
addEventListener("wheel", () => { touched = now(); }, { passive: true });
addEventListener("pointermove", (event) => { if (event.movementX || event.movementY) touched = now(); });
document.querySelectorAll("#prompt form").forEach((form) =>
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); }));

const metronome = new Worker("/static/watchdog.js");
metronome.onmessage = tick;
metronome.onerror = () => setInterval(tick, 500); // slower in a hidden tab, but it beats
sound.enable(); // runs where this site has had a gesture before, else waits for the space bar
connect();
update();
