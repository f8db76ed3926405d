// The quiet pages work without this. What is under way is looked at again.
if (document.querySelector("[data-again]")) setTimeout(() => location.reload(), 2000);
