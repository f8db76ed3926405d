// The leader's page: an instruction (批示) in two taps, and paper.
import { insist, random } from "./hub.js";
import { $, desk, text, watch } from "./watch.js";

const update = watch("leader", () => document.querySelector("main details[open]") !== null);

/** The same words until they are answered. */
async function instruct(incident, words) {
  document.querySelectorAll("main details[open]").forEach((each) => { each.open = false; });
  const say = (sentence) => { $("answer").textContent = sentence; };
  say(text("sending"));
  const action = { id: random(16), desk, verb: "instruct", incident, data: { text: words } };
  const answer = await insist("/api/action", action, (n) => say(text("resending", { n })));
  say(answer.say ?? answer.error);
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
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll("main details[open]").forEach((each) => { each.open = false; });
  if (event.key.toLowerCase() !== "p" || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input")) return;
  event.preventDefault();
  print();
});
