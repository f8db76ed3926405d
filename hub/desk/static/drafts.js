// What is filled in and not sent outlives the sending of another form, a change of language, and
// facts that are drawn anew.

const KEPT = `drafts ${location.pathname} ${document.body.dataset.name}`;
const TELLING = ["verb", "ask", "site"]; // the hidden fields that tell one form from another

const forms = (root) => [...root.querySelectorAll("main form, .live form")];
const name = (form) => TELLING.map((part) => form.querySelector(`[type=hidden][name=${part}]`)?.value).join(" ");
const fields = (form) =>
  [...form.elements].filter((each) => each.matches("select, input:not([type=hidden], [type=password])"));
const begun = (form) =>
  form.closest("details.order[open]") || fields(form).some((each) => each.type === "text" && each.value !== each.defaultValue);
const filled = (form) =>
  fields(form).filter((each) => each.type !== "checkbox" || each.checked).map((each) => [each.name, each.value]);

/** What stands in the forms under `root`, but for the one that is sent. */
export function drafts(root, sent = null) {
  return forms(root).filter((form) => form !== sent && begun(form)).map((form) => [name(form), filled(form)]);
}

/** Back into their forms, in sight; of a form that no longer offers all of it, nothing. */
export function putBack(root, kept) {
  const known = new Map(kept);
  for (const form of forms(root)) {
    const was = known.get(name(form));
    const places = was?.map(([field, value]) => fields(form).find((each) => each.name === field && offers(each, value)));
    if (!places?.every(Boolean)) continue;
    for (const each of fields(form)) each.checked = false;
    places.forEach((each, place) => {
      if (each.type === "checkbox") each.checked = true;
      else each.value = was[place][1];
    });
    for (const each of [form, ...places])
      for (let part = each.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  }
}

function offers(field, value) {
  if (field.type === "checkbox") return field.value === value;
  return field.type !== "select-one" || [...field.options].some((each) => each.value === value);
}

let sent = null;
addEventListener("submit", ({ target }) => { sent = target; });
addEventListener("pagehide", () => {
  if (sent) sessionStorage.setItem(KEPT, JSON.stringify(drafts(document, sent)));
});
putBack(document, JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));
sessionStorage.removeItem(KEPT);
