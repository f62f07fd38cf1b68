// Extras of the set-up: a button that copies, and the browser's time zone. Every page works without it.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const told = button.parentElement.querySelector("[role=status]");
  try {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    told.textContent = "Copied.";
  } catch {
    document.getElementById(button.dataset.copy).select();
    told.textContent = "Marked: copy it with your keyboard.";
  }
});
document.addEventListener("htmx:afterSwap", () => {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  if (!document.querySelector("#live[hx-get]")) window.location.reload(); // it has ended: the page's buttons are others now
});
const zone = document.querySelector("[data-zone]");
if (zone) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (own && [...zone.list.options].some((option) => option.value === own)) zone.value = own;
}
