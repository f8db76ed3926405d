// The leader's page: an instruction (批示) in two taps, and paper.
import { insist, random } from "./hub.js";
import { $, desk, text, watch } from "./watch.js";

const update = watch("leader", () => document.querySelector("main details[open]") !== null);

const say = (sentence) => { $("answer").textContent = sentence; };

function fold(which = () => true) {
  for (const each of document.querySelectorAll("main details[open]")) if (which(each)) each.open = false;
}

const sending = new Set(); // incidents whose instruction is not answered yet

/** The same words until they are answered; what is refused stays in its field, to be mended. */
async function instruct(incident, words) {
  say(text("sending"));
  if (sending.has(incident)) return;
  sending.add(incident);
  const action = { id: random(16), desk, verb: "instruct", incident, data: { text: words } };
  const answer = await insist("/api/action", action, (n) => say(text("resending", { n })));
  sending.delete(incident);
  say(answer.say ?? answer.error);
  if (["ok", "again"].includes(answer.code))
    fold((each) => each.querySelector("form").dataset.incident === incident);
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
