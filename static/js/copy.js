// Buttons that copy a value standing on the page. Without a clipboard they stay hidden: the value can be selected.
(() => {
  "use strict";

  if (!navigator.clipboard) return;
  const status = document.querySelector("[data-copy-status]");

  const said = (button) => {
    const word = button.querySelector("[data-copy-word]");
    const before = word.textContent;
    word.textContent = button.dataset.copied;
    if (status) status.textContent = button.dataset.copied;
    setTimeout(() => {
      word.textContent = before;
      if (status) status.textContent = "";
    }, 2000);
  };

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const value = document.getElementById(button.dataset.copy).textContent.trim();
      try {
        await navigator.clipboard.writeText(value);
        said(button);
      } catch {
        // The browser refused: the value stands beside the button.
      }
    });
  }
})();
