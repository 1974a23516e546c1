// Runs before the first paint, so that the rail does not jump: everything else waits in app.js.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  let rail = null;
  try {
    rail = localStorage.getItem("rail");
  } catch {
    // Storage may be switched off by policy: then the width decides each time.
  }
  if (rail !== "narrow" && rail !== "wide") {
    rail = matchMedia("(max-width: 80rem)").matches ? "narrow" : "wide";
  }
  root.dataset.rail = rail;
})();
