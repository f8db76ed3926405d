// What the city's own subscriber heard, newest first, each with its id; its receipt is one click.
import { words } from "./words.js";
import { ask, byId } from "./page.js";

const SHOWN = 40;
export const events = [];

export function heard(event) {
  if (events.some(({ id }) => id === event.id)) return;
  events.unshift(event);
  events.length = Math.min(events.length, SHOWN);
  draw();
}

export function draw() {
  byId("city-none").hidden = events.length > 0;
  byId("city-rows").replaceChildren(...events.map(row));
}

function row(event) {
  const node = byId("event").content.firstElementChild.cloneNode(true);
  node.dataset.feed = event.feed;
  const say = (part, text) => { node.querySelector(`.${part}`).textContent = text; };
  say("sequence", event.sequence);
  say("feed", words.feeds[event.feed]);
  say("time", event.time.slice(11, 19));
  say("what", `${event.site} ${words.changes[event.change] || event.change}`);
  say("id", event.id);
  say("refilled", event.refilled ? words.refilled : "");
  const button = node.querySelector("button");
  button.textContent = event.receipt ? words.received : words.receipt;
  button.disabled = Boolean(event.receipt);
  button.setAttribute("aria-label", `${words.receipt} ${event.id}`);
  button.addEventListener("click", async () => {
    event.receipt = (await ask("receipt", { id: event.id })).sent;
    draw();
  });
  return node;
}
