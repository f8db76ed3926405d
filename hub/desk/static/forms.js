// Forms under the chosen incident: each is bound to the incident it was opened for.
import { $, chosenRow, hand, page, rows, say, text } from "./page.js";
import { act } from "./pane.js";
import { endSoundTest } from "./sound_test.js";

const form = () => $(`form-${hand.prompt.name}`);

/** `data`: what the action carries beside what is typed. */
export function openPrompt(name, data = {}) {
  const draft = hand.prompt && form().querySelector("textarea, input");
  if (draft?.value) { draft.focus(); return; } // what was being written is not thrown away
  closePrompt();
  endSoundTest();
  $("help").hidden = true;
  hand.prompt = { name, incident: hand.chosen.id, data };
  $("prompt").hidden = form().hidden = false;
  say("");
  const known = confirming() && $("pane-keys").querySelector("[data-known]")?.dataset.known;
  form().querySelector(".about").textContent = [chosenRow()?.what, known].filter(Boolean).join(" · ");
  const duress = chosenRow()?.kind === "duress";
  for (const words of form().querySelectorAll("[data-kind]")) words.hidden = (words.dataset.kind === "duress") !== duress;
  if (name === "note") $("note").value = sessionStorage.getItem(kept()) ?? "";
  form().querySelector("textarea, input")?.focus();
  $("pane-timeline").scrollTop = $("pane-timeline").scrollHeight;
}

/** Where a person's note on an incident is kept until it is saved, through Esc and a reload. */
const kept = (incident = hand.prompt.incident) => `note ${page.name} ${incident}`;

/** Whether one stands there on the chosen incident. */
export const hasDraft = () => Boolean(sessionStorage.getItem(kept(hand.chosen.id))?.trim());

$("note").addEventListener("input", () => sessionStorage.setItem(kept(), $("note").value));

/** The language changes while somebody writes: the page that is drawn anew goes on with it. */
export function keepWriting() {
  const written = hand.prompt && form().querySelector("textarea, input")?.value;
  if (written) sessionStorage.setItem("writing", JSON.stringify({ ...hand.prompt, by: page.name, written }));
}

/** `choose` its incident; of one that is no longer listed the draft stays. */
export function goOnWriting(choose) {
  const { by, name, incident, written } = JSON.parse(sessionStorage.getItem("writing") ?? "{}");
  sessionStorage.removeItem("writing");
  if (by !== page.name || !rows.has(incident)) return;
  choose(incident);
  openPrompt(name);
  form().querySelector("textarea, input").value = written;
}

/** Given up; what was written stays for the next time. */
export function cancelPrompt() {
  if (hand.prompt?.name === "note" && $("note").value.trim()) say(text("draft_kept"));
  closePrompt();
}

export function closePrompt() {
  if (!hand.prompt) return;
  form().reset();
  $("prompt").hidden = form().hidden = true;
  hand.prompt = null;
  document.activeElement?.blur();
}

/** Whether the open form asks for nothing but Enter. */
export const confirming = () => hand.prompt !== null && form().matches(".confirm");

/** `level` "0" to "4" of the open form. */
export function grade(level) {
  const { incident } = hand.prompt;
  closePrompt();
  act("grade", incident, { level: Number(level) });
}

export async function submit() {
  const { name, incident, data } = hand.prompt;
  const field = form().querySelector("textarea, input");
  if (name === "dial" || name === "grade") return;
  if (!field) {
    closePrompt();
    act(name === "false_press" ? "outcome" : name, incident, data);
    return;
  }
  if (!field.value.trim()) { say(text(name === "next_time" ? "no_time" : "nothing_written")); return; }
  const [draft, written] = [kept(), field.value];
  field.readOnly = true; // what is typed meanwhile is meant for the desk, and not for this field
  const code = await act(name, incident, name === "note" ? { text: written } : { at: written });
  field.readOnly = false;
  const { prompt } = hand;
  if (!["ok", "again"].includes(code)) return;
  if (name === "note" && sessionStorage.getItem(draft) === written) sessionStorage.removeItem(draft);
  if (prompt?.incident === incident && prompt.name === name) closePrompt();
}

export function dial() {
  const { phone, contact } = $("pane-keys").querySelector("[data-do=dial]").dataset;
  if (!phone) return;
  $("dial").href = `tel:${phone.replace(/[^\d+]/g, "")}`;
  $("dial").textContent = contact;
  openPrompt("dial");
}
