// The panel beside the calendar: the facts of an entry, or what a move brings with it. Not a dialog: the page
// stays in reach, and Escape leaves the panel.
(() => {
  "use strict";

  const panel = document.querySelector("[data-calendar-panel]");
  if (!panel) return;
  // What waits for the panel to close: gets "done" with the words of what was done, or "left".
  let waiting = null;

  const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

  const show = (html) => {
    panel.innerHTML = html;
    panel.hidden = false;
    const first = ['[aria-invalid="true"]', "[data-form-errors]", "[data-panel-title]"]
      .map((selector) => panel.querySelector(selector))
      .find((found) => found);
    first?.focus();
    // What was shown is old: the calendar goes to what is, while the panel says what changed.
    if (panel.querySelector("[data-stale]")) {
      const told = waiting;
      waiting = null;
      told?.("stale", "");
    }
  };

  const close = (outcome, words = "") => {
    if (panel.hidden) return;
    panel.hidden = true;
    panel.replaceChildren();
    const told = waiting;
    waiting = null;
    told?.(outcome, words);
  };

  // A session that ended leads to the sign-in page; everything else that is no page of ours is a failure.
  const ask = async (url, body) => {
    const response = await fetch(url, {
      method: body ? "POST" : "GET",
      body,
      headers: { "X-CSRFToken": token() },
      redirect: "manual",
    });
    if (response.type === "opaqueredirect") location.reload();
    if (!response.ok && response.status !== 422) throw new Error(`answered ${response.status}`);
    return response.text();
  };

  const take = (html) => {
    const read = new DOMParser().parseFromString(html, "text/html");
    const done = read.querySelector("[data-panel-done]");
    if (done) close("done", done.textContent);
    else show(html);
  };

  // Opens the panel with an answer of the server, on one side of the page. `left` hears how it ends.
  const open = async (url, body, left, side = "right") => {
    close("left");
    waiting = left;
    panel.dataset.side = side;
    try {
      take(await ask(url, body));
    } catch (error) {
      waiting = null;
      left?.("failed", "");
    }
  };

  panel.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      take(await ask(form.action, new FormData(form)));
    } catch (error) {
      for (const button of form.querySelectorAll("button")) button.disabled = false;
      document.querySelector("[data-connection]")?.removeAttribute("hidden");
    }
  });

  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-panel-close]")) close("left");
  });

  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close("left");
  });

  window.calendarPanel = {
    open,
    close: () => close("left"),
    isOpen: () => !panel.hidden,
  };
})();
