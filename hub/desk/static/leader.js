// The leader's page: an instruction (批示) in two taps, and paper.
import { insist, random } from "./hub.js";
import { $, desk, text, watch } from "./watch.js";

const update = watch("leader", () => document.querySelector("main details[open]") !== null);

const say = (sentence) => { $("answer").textContent = sentence; };

function fold() {
  document.querySelectorAll("main details[open]").forEach((each) => { each.open = false; });
}

let sending = false;

/** The same words until they are answered; what is refused stays in its field, to be mended. */
async function instruct(incident, words) {
  if (sending) return;
  sending = true;
  say(text("sending"));
  const action = { id: random(16), desk, verb: "instruct", incident, data: { text: words } };
  const answer = await insist("/api/action", action, (n) => say(text("resending", { n })));
  sending = false;
  say(answer.say ?? answer.error);
  if (["ok", "again"].includes(answer.code)) fold();
  update();
}

addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.text) instruct(button.dataset.incident, button.dataset.text);
  else if (button?.id === "print") print();
});
addEventListener("submit", (event) => {
  event.preventDefault();
  const words = event.target.elements.text.value.trim();
  if (words) instruct(event.target.dataset.incident, words);
  else say(text("nothing_written"));
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") fold();
  if (event.key.toLowerCase() !== "p" || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input")) return;
  event.preventDefault();
  print();
});
