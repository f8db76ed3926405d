// Keys, clicks, touches.
import { cancelPrompt, confirming, dial, goOnWriting, grade, hasDraft, keepWriting, openPrompt, submit } from "./forms.js";
import { post, setLanguage } from "./hub.js";
import { choose, chooseTop, step } from "./lists.js";
import { $, chosenRow, hand, hub, now, page, rows, say, text } from "./page.js";
import { act, inView, settled, take } from "./pane.js";
import { closePeople, dropPin, submitPeople, togglePeople } from "./people.js";
import { leavePost, touch } from "./post.js";
import { mute, sound } from "./ringing.js";
import { asking, endSoundTest, heard, soundTest } from "./sound_test.js";

const DOES = {
  take,
  real: (button) => outcome("real", button),
  no_answer: (button) => outcome("no_answer", button),
  handed_on: ({ dataset: { service } }) => { $("service").textContent = service; openPrompt("handed_on", { service }); },
  note: () => openPrompt("note"),
  grade: () => openPrompt("grade"),
  next_time: () => openPrompt("next_time"),
  false_press: () => openPrompt("false_press", { outcome: "false_press" }),
  close: () => openPrompt("close"),
  make_real: () => openPrompt("make_real"),
  confirm_drill: () => openPrompt("confirm_drill"),
  dial,
};
const ALWAYS = {
  mute,
  away,
  people: () => { endSoundTest(); cancelPrompt(); $("help").hidden = true; togglePeople(); },
  help: () => { endSoundTest(); cancelPrompt(); $("help").hidden = !$("help").hidden; },
  print: () => print(),
  sound_test: () => { cancelPrompt(); soundTest(); },
  heard: () => heard(true),
  unheard: () => heard(false),
  language: () => { if (!hand.prompt) changeLanguage(); },
  top: () => { release(); chooseTop(); },
};
const FORMS = new Set(["note", "grade", "next_time", "false_press", "handed_on", "close"]);
const WITHOUT_HUB = new Set(["mute", "help", "print", "sound_test", "top", "dial", "note"]);
const OUT_OF_TURN = { untaken: "take_first", closed: "all_done" };
const KEYS = {
  d: "dial", n: "note", y: "real", f: "false_press", x: "no_answer", t: "next_time", c: "close",
  g: "grade", a: "away", b: "people",
  m: "mute", s: "sound_test", p: "print", l: "language", "?": "help", "？": "help", home: "top",
};
/** A letter that went to an input method may be the beginning of a text: it asks first. */
function outcome(found, button) {
  if (composes && !button) {
    $("outcome").textContent = $("pane-keys").querySelector(`[data-do=${found}]`)?.firstChild.textContent ?? "";
    openPrompt("outcome", { outcome: found });
  } else act("outcome", hand.chosen.id, { outcome: found });
}
const STEPS = { arrowdown: 1, j: 1, arrowup: -1, k: -1 };

let changed = () => {};
const LEAVING_MS = 5000;
let leaving = { at: -Infinity, again: "" }; // how a person wanted to go while a call waited
let composes = false; // the last key went to an input method
let answered = false; // the last key or click brought a person back to the post

const IN_A_DRILL = { real: "make_real", close: "confirm_drill" }; // where there is nothing to call back about

/** One key or button; what concerns an incident concerns the one that is in sight. */
function run(name, button) {
  const row = chosenRow();
  if (row?.kind === "drill") name = IN_A_DRILL[name] ?? name;
  const key = $("pane-keys").querySelector(`[data-do=${name}]`);
  if (hub.lost && !WITHOUT_HUB.has(name)) say(text("no_contact"));
  else if (ALWAYS[name]) ALWAYS[name]();
  else if (!hand.chosen.id) return;
  else if (!inView()) say(text("fetching")); // the keys that stand there are another incident's
  else if (FORMS.has(name) && key?.disabled && (key.title || OUT_OF_TURN[row?.state]))
    say(key.title || text(OUT_OF_TURN[row.state])); // at once, not after a form was filled in
  else if (key?.dataset.first && settled()) say(key.dataset.first);
  else if (["close", "confirm_drill"].includes(name) && hasDraft()) say(text("draft_first"));
  else if (page.may_act) DOES[name](button);
  changed();
}

/** What is closed holds nobody back: from there Enter goes to the first that waits. */
function enter() {
  if (chosenRow()?.state === "closed") chooseTop();
  else take();
}

/** With a call waiting nobody leaves by one stray key: the hub would go on at once. */
function away() {
  if (!answered && maySurelyGo("away_again")) leavePost();
}

/** -> whether no call waits, or the same was wanted a moment ago; else it says so, as `again`. */
function maySurelyGo(again) {
  const waiting = [...rows.values()].filter((row) => row.dataset.state === "untaken").length;
  if (!waiting || (leaving.again === again && now() - leaving.at <= LEAVING_MS)) return true;
  leaving = { at: now(), again };
  say(text(again, { count: waiting }));
  return false;
}

/** A page that goes to a hub that is not there would be no desk any more. */
async function changeLanguage() {
  if (hub.lost || !await setLanguage($("language").value)) { say(text("no_contact")); return; }
  keepWriting();
  location.reload();
}

/** A link or button that has the focus would catch the next Enter. */
function release() {
  document.activeElement?.closest("a, button")?.blur();
}

function onKey(event) {
  answered = touch();
  sound.enable(); // any key is a hand, and a browser asks for no more
  if (!event.key || event.isComposing || event.altKey || event.metaKey) return;
  const field = event.target.closest("input, textarea");
  // with a Chinese input method on, only the place of the key is known
  composes = event.key === "Process";
  const key = composes ? event.code.replace(/^(Key|Digit|Numpad)/, "").toLowerCase() : event.key.toLowerCase();
  if (answered && key !== "enter") {
    changed(); // it says that somebody is here, and does nothing else
  } else if (key === "escape") {
    if (dropPin()) return;
    if (hand.prompt) cancelPrompt();
    else {
      release();
      closePeople();
      $("help").hidden = true;
      endSoundTest();
    }
  } else if (key === "enter" && event.ctrlKey && field?.form && hand.prompt) {
    submit();
  } else if (confirming() && !field && !event.ctrlKey && key.length === 1 && key !== " ") {
    cancelPrompt(); // whoever goes on typing means something else
    say(text("not_confirmed"));
  } else if (field || event.ctrlKey || event.target.closest("button, a") && [" ", "enter"].includes(key)) {
    return;
  } else if (event.repeat && !STEPS[key]) {
    return;
  } else if (key === " ") {
    sound.enable();
  } else if (key === "enter") {
    if (confirming()) submit();
    else if (asking()) heard(true);
    else enter();
  } else if (asking() && key === "x") {
    heard(false);
  } else if (STEPS[key]) {
    release();
    step(STEPS[key]);
  } else if (hand.prompt?.name === "grade" && "01234".includes(key)) {
    grade(key);
  } else if ("123".includes(key) && key.length === 1) {
    const service = $("pane-keys").querySelectorAll("[data-service]")[key - 1];
    if (service) run("handed_on", service);
    else if (hand.chosen.id && !inView()) say(text("fetching"));
    else if (chosenRow()?.kind === "drill") say(text("drill_stays"));
  } else if (KEYS[key]) {
    run(KEYS[key]);
  } else return;
  event.preventDefault();
}

async function logout() {
  if (hub.lost || !maySurelyGo("logout_again")) {
    if (hub.lost) say(text("no_contact"));
    return;
  }
  if (await post("/logout", {})) { sessionStorage.clear(); location.assign("/login"); }
  else say(text("no_contact"));
}

function onPointerDown(event) {
  answered = touch();
  sound.enable();
  const row = event.target.closest(".row");
  if (row && event.button === 0) choose(row.dataset.id);
}

function onClick(event) {
  if (event.target.closest(".row a")) event.preventDefault();
  if (event.target.closest("a")) release();
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.do) run(button.dataset.do, button);
  else if (button.dataset.level) grade(button.dataset.level);
  else if (button.id === "newcomer") run("top");
  else if (button.id === "logout") logout();
  else if (button.id === "language") { event.preventDefault(); changeLanguage(); }
  else if (button.matches(".cancel")) cancelPrompt();
  if (event.detail) button.blur(); // a mouse leaves no focus behind that would catch Enter
}

/** From now on the page has hands; `update` is called when they have changed something. */
export function listen(update) {
  changed = update;
  addEventListener("keydown", onKey);
  addEventListener("pointerdown", onPointerDown);
  addEventListener("click", onClick);
  addEventListener("wheel", () => { hand.touched = now(); }, { passive: true });
  addEventListener("pointermove", (event) => { if (event.movementX || event.movementY) hand.touched = now(); });
  for (const form of document.querySelectorAll("#people form"))
    form.addEventListener("submit", (event) => { event.preventDefault(); submitPeople(form); });
  document.querySelectorAll("#prompt form").forEach((form) =>
    form.addEventListener("submit", (event) => { event.preventDefault(); submit(); }));
  goOnWriting(choose);
}
