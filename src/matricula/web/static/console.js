// What plain HTML cannot do. Every page works without it.
"use strict";

// On a phone the menu begins closed; without this script it stays open.
const menu = document.querySelector("details.menu");
if (menu && window.matchMedia("(max-width: 60rem)").matches) {
  menu.open = false;
}

// A button that was pressed is not pressed twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.sent) {
    if (form.dataset.sent) event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});
