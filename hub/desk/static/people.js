// Who sits here: relief, the second officer, a PIN of one's own; and the question whose act it is.
import { post, random, relieve } from "./hub.js";
import { $, desk, page, say, show, text } from "./page.js";

let warned = false; // of notes that are not saved, before a relief
let asking = null; // takes the PIN that is asked for, or null where it is not given

/** -> the digits, or null: given up. `why`: what was wrong with the last ones. */
export function askPin(why) {
  dropPin();
  show("pin-why", why);
  $("pin").hidden = false;
  $("pin-digits").focus();
  return new Promise((resolve) => { asking = resolve; });
}

function endPin(digits) {
  const end = asking;
  asking = null;
  $("pin").reset();
  $("pin").hidden = true;
  document.activeElement?.blur();
  end?.(digits);
}

/** -> whether one was being asked for. */
export function dropPin() {
  if (!asking) return false;
  endPin(null);
  return true;
}

$("pin").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("pin-digits").value) endPin($("pin-digits").value);
});

export function togglePeople() {
  if (!page.may_act) return;
  if (!$("people").hidden) { closePeople(); return; }
  $("people").hidden = false;
  $("people").querySelector("input").focus();
}

export function closePeople() {
  if (!page.may_act || $("people").hidden) return;
  for (const form of $("people").querySelectorAll("form")) form.reset();
  show("people-answer", "");
  warned = false;
  $("people").hidden = true;
  document.activeElement?.blur();
}

/** Notes of whoever leaves that are not saved yet: they are kept under the name. */
const unsaved = () =>
  Object.keys(sessionStorage).filter((key) => key.startsWith(`note ${page.name} `) && sessionStorage[key].trim()).length;

/** After a relief the page is drawn anew, and tells what is in hand now. */
export function sayRelieved() {
  const said = sessionStorage.getItem("relieved");
  sessionStorage.removeItem("relieved");
  if (said) say(said);
}

export async function submitPeople(form) {
  const given = Object.fromEntries(new FormData(form));
  const count = unsaved();
  if (form.dataset.post === "relieve" && count && !warned) {
    warned = true;
    show("people-answer", text("relieve_again", { name: page.name, count }));
    return;
  }
  const send = form.dataset.post === "pin" ? post : relieve;
  const answer = await send("/api/post", { do: form.dataset.post, id: random(16), desk, ...given });
  show("people-answer", answer ? answer.say ?? answer.error : text("no_contact"));
  if (answer?.code === "ok") form.reset();
}
