// The buttons that break something, each mended by itself pressed once more; and what they showed.
import { language, words } from "./words.js";
import { ask, byId } from "./page.js";
import { chosenBoard, showPulled } from "./street.js";

export const facts = { troubles: { pulled: [], cut: [], hub: "", broker: "", dark: [], drill: 0, listening: false }, byte: null, world: null };

// key on the keyboard, whether it is about the chosen board, is it broken now, what breaks, what mends
const about = () => chosenBoard();
const BUTTONS = {
  link: { key: "7", of: (t) => t.pulled.includes(about().id), on: ["pull", "plug"], about: () => about().id },
  power: { key: "8", of: (t) => t.cut.includes(about().id), on: ["cut", "power"], about: () => about().id },
  hub: { key: "h", of: (t) => t.hub, on: ["kill_hub", "start_hub"] },
  broker: { key: "f", of: (t) => t.broker, on: ["freeze_broker", "thaw_broker"] },
  street: { key: "b", of: (t) => t.dark.includes(about().street), on: ["black_out", "light"], about: () => about().street },
  drill: { key: "d", of: (t) => t.drill },
  byte: { key: "x", of: () => false },
  world: { key: "w", of: () => false },
};
let broken = [];
let changed = () => {};

export function build(names, whenChanged) {
  broken = names;
  changed = whenChanged;
  byId("close").addEventListener("click", close);
  for (const [name, { key }] of Object.entries(BUTTONS)) {
    const button = byId(`do-${name}`);
    button.querySelector("kbd").textContent = key.toUpperCase();
    button.addEventListener("click", () => work(name));
  }
}

export function byKey(key) {
  const found = Object.entries(BUTTONS).find(([, each]) => each.key === key);
  if (found) work(found[0]);
  return Boolean(found);
}

export function show(troubles = facts.troubles) {
  facts.troubles = troubles;
  showPulled(troubles);
  for (const [name, { of }] of Object.entries(BUTTONS)) {
    const button = byId(`do-${name}`);
    const isBroken = Boolean(of(troubles));
    const say = words.buttons[name];
    const dead = name === "link" && troubles.dark.includes(about().street); // a switch without power
    button.disabled = dead;
    button.classList.toggle("broken", isBroken && !dead);
    button.querySelector("span").textContent = dead ? say.dark : isBroken ? say.mend(about()) : say.break(about());
    button.title = say.means;
  }
  byId("hub-down").hidden = !troubles.hub;
}

async function work(name) {
  const { on, of, about: subject } = BUTTONS[name];
  if (on) {
    const answer = await ask("trouble", { do: on[of(facts.troubles) ? 1 : 0], about: subject ? subject() : "" });
    if (answer.error) tell(answer.error);
    else show(answer);
  } else {
    const button = byId(`do-${name}`);
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    await { drill, byte: flipByte, world: runWorld }[name]();
    button.removeAttribute("aria-busy");
  }
  changed();
}

async function drill() {
  const answer = await ask("drill", { do: facts.troubles.drill ? "end" : "start" });
  if (answer.code === "ok") close(); // the desk, the displays and this button say it
  else tell(answer.say || answer.error);
}

async function flipByte() {
  tell(words.copying);
  const found = await ask("byte", { language: language() });
  if (!found.error) facts.byte = found;
  tell(found.error || words.flipped(found), found.exit === 1);
}

async function runWorld() {
  const name = broken[Math.floor(Math.random() * broken.length)];
  tell(words.running(name));
  const found = await ask("world", { language: language(), name });
  if (!found.error) facts.world = found;
  tell(found.error || `${words.ran(name)}\n${found.first}\n${found.replay}\n${found.sum}`, found.exit === 1);
}

function tell(text, found = false) {
  byId("result").textContent = text;
  byId("shown").classList.toggle("found", found);
  byId("shown").hidden = false;
}

export function close() {
  byId("shown").hidden = true;
}
