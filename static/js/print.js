// A page made for paper prints at a press.
(() => {
  "use strict";

  const button = document.querySelector("[data-print]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => print());
})();
