// The ward renews itself: a screen on the wall has nobody who reloads it.

(() => {
  "use strict";

  const EVERY = 60_000;
  const connection = document.querySelector("[data-connection]");

  const tellLost = (lost) => {
    if (connection) connection.hidden = !lost;
  };

  const replace = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-ward]");
    const shown = document.querySelector("[data-ward]");
    if (!fresh || !shown) return;
    const focused = shown.contains(document.activeElement) && document.activeElement.getAttribute("href");
    shown.replaceWith(fresh);
    if (focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };

  const renew = async () => {
    if (document.hidden) return;
    try {
      // It says that nobody asked for it, so that a screen left alone still signs itself out.
      const answer = await fetch(location.href, { headers: { "X-By-Itself": "1" }, redirect: "manual" });
      if (answer.type === "opaqueredirect") return location.reload();
      tellLost(!answer.ok);
      if (answer.ok) replace(await answer.text());
    } catch {
      tellLost(true);
    }
  };

  setInterval(renew, EVERY);
  document.addEventListener("visibilitychange", renew);
})();
