// The duty desk: one stream of state in, keys and clicks out, sound made here.
import { leave, post } from "./hub.js";
import { listen } from "./keys.js";
import { chooseByItself, inSight, mark, place, setOrder } from "./lists.js";
import { $, desk, element, hand, hub, now, page, passes, rows, say, set, show, text, waited, wall } from "./page.js";
import { refresh, staleChosen } from "./pane.js";
import { sayRelieved } from "./people.js";
import { askPost, isAway, manned } from "./post.js";
import { endSoundTest } from "./sound_test.js";
import { hearLane, listenTo, mutedFor, ring, sound } from "./ringing.js";

const LOST_MS = 4000; // the hub beats each 2 s
const RECONNECT_MS = 5000;
const HERE_MS = 5000;

const here = { at: -Infinity, busy: false, listens: false, shown: new Set() };

// --- the stream

function connect() {
  hub.source?.close();
  hub.connected = now();
  hub.source = new EventSource(`/events?desk=${desk}`);
  hub.source.addEventListener("state", (event) => heard(JSON.parse(event.data)));
  hub.source.addEventListener("over", leave);
}

function heard(state) {
  if (hub.lost && $("answer").textContent === text("no_contact")) say(text("contact_again"));
  Object.assign(hub, { wall: state.wall, at: now(), beat: now(), lost: false });
  for (const [id, html] of Object.entries(state.parts)) set(`part-${id}`, html);
  hearLane();
  for (const [id, html] of Object.entries(state.rows)) {
    const row = element(html);
    rows.get(id)?.replaceWith(row);
    rows.set(id, row);
    const pressed = listenTo(row);
    if (pressed) {
      here.at = -Infinity; // what is shown is told at once
      endSoundTest();
    }
    if (id !== hand.chosen.id) continue;
    if (pressed) say(""); // what was answered before it no longer tells how things stand
    hand.chosen.acted = false;
    staleChosen();
  }
  setOrder(state.queue, state.others);
  if ($("untaken").textContent !== String(state.untaken)) passes();
  $("untaken").textContent = state.untaken;
  update();
}

// --- the metronome

function tick() {
  const silent = now() - hub.beat;
  hub.lost = silent > LOST_MS;
  if (silent > LOST_MS && now() - hub.connected > RECONNECT_MS) connect();
  // at once when it begins or ceases to listen: a press in that second must not find nobody here
  const listens = sound.on() && document.visibilityState === "visible" && manned();
  if (listens !== here.listens || now() - here.at >= HERE_MS) signHere();
  here.listens = listens;
  update();
}

/** Everything on the page that follows from what is known and from the time. */
function update() {
  place();
  chooseByItself();
  mark();
  refresh();
  ring();
  askPost();
  showTimes();
  const silent = Math.round((now() - hub.beat) / 1000);
  show("host", `${text("host")} ${text("ago", { n: silent })}`);
  document.body.classList.toggle("stale", hub.lost);
  const untaken = Number($("untaken").textContent);
  document.title = (hub.lost ? "✕ " : "") + (untaken ? `(${untaken}) ` : "") + document.body.dataset.title;
  $("lost").hidden = !hub.lost;
  if (hub.lost) show("lost", text("lost", { n: silent }));
  const on = sound.on();
  const muted = mutedFor();
  const state = !on ? text("sound.off") : muted > 0 ? text("sound.muted", { n: muted }) : text("sound.on");
  show("sound", `${text("sound")} ${state}`);
  $("sound").classList.toggle("strong", !on || muted > 0);
  $("sound-off").hidden = on;
  show("sound-off", text("sound.enable"));
}

function showTimes() {
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
}

async function signHere() {
  if (here.busy) return;
  Object.assign(here, { busy: true, at: now() });
  const visible = document.visibilityState === "visible";
  const on = sound.on();
  const shown = visible && on ? inSight().filter((id) => !here.shown.has(id)) : [];
  const idle_ms = Math.round(now() - hand.touched);
  if (await post("/api/here", { desk, visible, sound: on, idle_ms, shown, away: isAway() })) {
    shown.forEach((id) => here.shown.add(id));
  }
  here.busy = false;
}

const metronome = new Worker("/static/watchdog.js");
metronome.onmessage = tick;
metronome.onerror = () => setInterval(tick, 500); // slower in a hidden tab, but it beats
listen(update);
sayRelieved();
sound.enable(); // runs where this site has had a gesture before, else waits for the space bar
connect();
update();
