// In the profile editor: properties are put into the mapping that was last looked at. Without this they are copied by hand.
"use strict";

document.documentElement.classList.add("scripted");

let last = null;
document.addEventListener("focusin", (event) => {
  if (event.target.matches("input.mapping")) last = event.target;
});

for (const code of document.querySelectorAll("code[data-insert]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = code.textContent;
  button.title = "Put it into the mapping";
  button.addEventListener("click", () => insert(code.dataset.insert));
  code.replaceWith(button);
}

function insert(text) {
  const field = last ?? document.querySelector("input.mapping:enabled");
  if (!field) return;
  const place = field.selectionStart ?? field.value.length;
  const end = field.selectionEnd ?? place;
  // A function belongs into the braces before it.
  const into = text.startsWith("|") && field.value[place - 1] === "}" ? place - 1 : place;
  field.setRangeText(text, into, Math.max(into, end === place ? into : end), "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// What to mend is read out first.
document.getElementById("faults")?.focus();
