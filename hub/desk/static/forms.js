// Forms under the chosen incident: each is bound to the incident it was opened for.
import { $, chosenRow, hand } from "./page.js";
import { act } from "./pane.js";

const form = () => $(`form-${hand.prompt.name}`);

export function openPrompt(name) {
  const draft = hand.prompt && form().querySelector("textarea, input");
  if (draft?.value) { draft.focus(); return; } // what was being written is not thrown away
  closePrompt();
  $("help").hidden = true;
  hand.prompt = { name, incident: hand.chosen.id };
  $("prompt").hidden = form().hidden = false;
  form().querySelector(".about").textContent = chosenRow()?.what ?? "";
  form().querySelector("textarea, input")?.focus();
  $("pane-timeline").scrollTop = $("pane-timeline").scrollHeight;
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
  const { name, incident } = hand.prompt;
  const field = form().querySelector("textarea, input");
  if (name === "dial" || name === "grade") return;
  if (!field) {
    closePrompt();
    if (name === "false_press") act("outcome", incident, { outcome: name });
    else act(name, incident);
    return;
  }
  if (!field.value.trim()) return;
  const code = await act(name, incident, name === "note" ? { text: field.value } : { at: field.value });
  const { prompt } = hand;
  if (["ok", "again"].includes(code) && prompt?.incident === incident && prompt.name === name) closePrompt();
}

export function dial() {
  const { phone, contact } = $("pane-keys").querySelector("[data-do=dial]").dataset;
  if (!phone) return;
  $("dial").href = `tel:${phone.replace(/[^\d+]/g, "")}`;
  $("dial").textContent = contact;
  $("dial-duress").hidden = chosenRow()?.kind !== "duress";
  openPrompt("dial");
}
