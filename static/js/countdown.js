// How long a hold still holds. Without this script the page says until when.
(() => {
  "use strict";

  const pad = (number) => String(number).padStart(2, "0");
  const words = (seconds) => {
    const hours = Math.floor(seconds / 3600);
    return `${hours}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  };

  // Counted from the seconds the server gave: a device's clock may be wrong. It ends a moment after the hold
  // rather than before, so that what is told afterwards is true.
  const begun = performance.now();
  const show = (element) => {
    const seconds = Math.ceil(Number(element.dataset.seconds) - (performance.now() - begun) / 1000);
    if (seconds > 0) {
      element.textContent = `${words(seconds)} ${element.dataset.left}`;
      return;
    }
    element.textContent = element.dataset.over;
    for (const button of document.querySelectorAll("[data-countdown-ends]")) button.disabled = true;
    for (const after of document.querySelectorAll("[data-countdown-after]")) after.hidden = false;
    clearInterval(timer);
  };

  const showAll = () => document.querySelectorAll("[data-countdown]").forEach(show);
  const timer = setInterval(showAll, 1000);
  showAll();
})();
