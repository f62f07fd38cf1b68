// A job that goes on: its parts are kept up to date as the server tells of them.
"use strict";

const live = document.querySelector("[data-live]");
if (live && window.EventSource) {
  const source = new EventSource(live.dataset.live);
  const log = document.getElementById("log");

  source.addEventListener("progress", (event) => {
    for (const [name, html] of Object.entries(JSON.parse(event.data))) {
      const part = live.querySelector(`[data-part="${name}"]`);
      // What has not changed is not touched, so that it is not read out again.
      if (part && part.dataset.html !== html) {
        part.dataset.html = html;
        part.innerHTML = html;
      }
    }
  });

  source.addEventListener("line", (event) => {
    const line = JSON.parse(event.data);
    const item = document.createElement("li");
    item.className = line.level;
    const time = document.createElement("time");
    time.dateTime = line.at;
    time.textContent = line.clock;
    item.append(time, ` ${line.text}`);
    log.append(item);
  });

  source.addEventListener("end", () => {
    source.close();
    // The report takes its place on the page; whoever reads stays where they are.
    window.htmx.ajax("GET", window.location.pathname, { target: "#content", select: "#content", swap: "outerHTML" });
  });
}
