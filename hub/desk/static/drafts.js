// What is filled in and not sent outlives the sending of another form, and a change of language.

const KEPT = `drafts ${location.pathname} ${document.body.dataset.name}`;
const TELLING = ["verb", "ask", "site"]; // the hidden fields that tell one form from another

const forms = () => [...document.querySelectorAll("main form")];
const name = (form) => TELLING.map((part) => form.querySelector(`[type=hidden][name=${part}]`)?.value).join(" ");
const fields = (form) =>
  [...form.elements].filter((each) => each.matches("select, input:not([type=hidden], [type=password])"));
const begun = (form) =>
  form.closest("details.order[open]") || fields(form).some(({ type, value }) => type === "text" && value);
const state = (form) => fields(form).map((each) => (each.type === "checkbox" ? each.checked : each.value));

let sent = null;
addEventListener("submit", ({ target }) => { sent = target; });
addEventListener("pagehide", () => {
  const kept = forms().filter((form) => form !== sent && begun(form));
  sessionStorage.setItem(KEPT, JSON.stringify(kept.map((form) => [name(form), state(form)])));
});

const kept = new Map(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));
sessionStorage.removeItem(KEPT);
for (const form of forms()) {
  const was = kept.get(name(form));
  if (was?.length !== fields(form).length) continue; // not kept, or it asks for something else by now
  fields(form).forEach((each, place) => {
    if (each.type === "checkbox") each.checked = was[place];
    else each.value = was[place];
  });
  for (let part = form.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
}
