// The quiet pages work without this. What is under way is looked at
// again; `?` opens and closes the help, Escape closes it.
const again = document.querySelector("[data-again]");
if (again) setTimeout(() => location.reload(), 2000);

const help = document.getElementById("help");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "?" && !typing) {
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  } else if (event.key === "Escape") {
    help.open = false;
  }
});
