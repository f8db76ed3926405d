// `?` opens and closes what a page says of itself, Escape closes it; without this a click does.
const help = document.getElementById("about");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if ((event.key === "?" || event.key === "？") && !typing) {
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  } else if (event.key === "Escape") {
    help.open = false;
  }
});
