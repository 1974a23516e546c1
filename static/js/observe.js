// Entering observations at the bedside: last values on a press, limits while typing, the thumb led from field
// to field, and an entry that survives a lost net. What was typed is kept for this tab only (sessionStorage),
// until it was saved or thrown away. Without this script the page is a plain form.
(() => {
  "use strict";

  const place = document.querySelector("[data-observe]");
  if (!place) return;
  // Another person at the same device neither sees what was kept nor sends it under their name.
  const kept = `unsent:${place.dataset.person}:${location.pathname}`;
  const form = () => place.querySelector("form");
  // A device's clock may be wrong: time is counted from what the server's said when it made the page.
  const loaded = performance.now();
  const now = () => Number(place.dataset.now) + performance.now() - loaded;
  const number = (text) => Number(text.trim().replace(",", "."));

  // --- The unsent entry ------------------------------------------------------------------------------------

  const storage = {
    read: () => {
      try {
        return JSON.parse(sessionStorage.getItem(kept));
      } catch {
        return null;
      }
    },
    write: (entry) => {
      try {
        sessionStorage.setItem(kept, JSON.stringify(entry));
      } catch {
        // Without storage the entry lives as long as the page.
      }
    },
    clear: () => {
      try {
        sessionStorage.removeItem(kept);
      } catch {
        // Nothing was kept.
      }
    },
  };

  const typed = () =>
    [...new FormData(form())].filter(([name, value]) => name !== "csrfmiddlewaretoken" && value !== "");

  // The wall clock of the center, as a field for a time takes it.
  const centerTime = (moment) =>
    new Date(moment).toLocaleString("sv-SE", { timeZone: place.dataset.zone }).slice(0, 16).replace(" ", "T");

  // The key, the time and what was known of the child before are nothing that was seen.
  const isEmpty = (values) =>
    values.every(([name]) => ["set_id", "at", "developmental_delay"].includes(name));

  const keep = () => {
    const values = typed();
    if (isEmpty(values)) return storage.clear();
    storage.write({ begun: storage.read()?.begun ?? now(), values });
  };

  const fill = (name, value) => {
    for (const field of form().elements) {
      if (field.name !== name) continue;
      if (field.type === "radio" || field.type === "checkbox") {
        if (field.value === value) field.checked = true;
      } else {
        field.value = value;
      }
    }
  };

  // What is restored was seen when it was typed, not when the net came back.
  const restore = () => {
    const entry = storage.read();
    if (!entry || !isEmpty(typed())) return;
    for (const [name, value] of entry.values) fill(name, value);
    const at = form().elements.namedItem("at");
    if (at && !at.value) at.value = centerTime(entry.begun);
    at?.dispatchEvent(new Event("input", { bubbles: true }));
    unfoldFilled();
    showKept(true);
  };

  const showKept = (shown) => {
    const note = place.querySelector("[data-kept]");
    if (note) note.hidden = !shown;
  };

  const unfoldFilled = () => {
    for (const fold of form().querySelectorAll("details:not([open])")) {
      const filled = [...fold.querySelectorAll("input, select")].some((field) =>
        field.type === "radio" || field.type === "checkbox" ? field.checked : field.value !== "",
      );
      if (filled) fold.open = true;
    }
  };

  // --- While typing ----------------------------------------------------------------------------------------

  const boxOf = (field) => field.closest("[data-value]");

  // Says at once what is not possible, and marks what lies outside the limits of the child's age.
  const judge = (field) => {
    const box = boxOf(field);
    if (!box || field.type !== "text") return;
    const { low, high, usualLow, usualHigh } = box.dataset;
    const value = number(field.value);
    const given = field.value.trim() !== "";
    const impossible = given && (Number.isNaN(value) || value < Number(low) || value > Number(high));
    const mark = impossible || !given ? "" : beyond(value, usualLow, usualHigh);
    box.dataset.mark = mark;
    const words = box.querySelector("[data-mark-words]");
    if (words) words.textContent = mark ? place.dataset[mark] : "";
    return !impossible;
  };

  const beyond = (value, low, high) => {
    if (low && value < Number(low)) return "low";
    if (high && value > Number(high)) return "high";
    return "";
  };

  const complain = (field) => {
    const box = boxOf(field);
    const error = box?.querySelector("[data-impossible]");
    if (!error) return;
    const fine = judge(field);
    error.hidden = fine;
    if (fine) field.removeAttribute("aria-invalid");
    else field.setAttribute("aria-invalid", "true");
  };

  // A number is complete when another digit would make it impossible, or when it has all its decimals.
  const isComplete = (field) => {
    const { high, low, decimals } = boxOf(field).dataset;
    const text = field.value.trim().replace(",", ".");
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value < Number(low) || value > Number(high)) return false;
    const fraction = text.split(".")[1];
    if (Number(decimals)) return fraction?.length === Number(decimals);
    return value * 10 > Number(high);
  };

  const next = (field) => {
    const fields = [...form().querySelectorAll("[data-value] input[type=text]")].filter(
      (each) => each.offsetParent !== null,
    );
    const following = fields[fields.indexOf(field) + 1];
    if (following && boxOf(following).closest("[data-run]") === boxOf(field).closest("[data-run]")) {
      following.focus();
      following.select();
    } else {
      field.blur();
    }
  };

  place.addEventListener("input", (event) => {
    const field = event.target;
    if (boxOf(field) && field.type === "text") {
      judge(field);
      const added = event.inputType?.startsWith("insert") && field.selectionEnd === field.value.length;
      if (added && boxOf(field).closest("[data-run]") && isComplete(field)) next(field);
    }
    keep();
  });

  place.addEventListener("change", (event) => {
    if (boxOf(event.target) && event.target.type === "text") complain(event.target);
    onlyNone(event.target);
    keep();
  });

  // "None" and an agent contradict each other: the later press counts.
  const onlyNone = (field) => {
    if (field.name !== "vasopressors" || !field.checked) return;
    for (const other of form().querySelectorAll("[name=vasopressors]")) {
      if (other !== field && (field.value === "none" || other.value === "none")) other.checked = false;
    }
  };

  // --- The last value, on a press --------------------------------------------------------------------------

  place.addEventListener("click", (event) => {
    const again = event.target.closest("[data-again]");
    if (again) takeAgain(again);
    if (event.target.closest("[data-throw-away]")) throwAway();
  });

  const takeAgain = (button) => {
    const values = JSON.parse(button.dataset.again);
    for (const field of form().elements) {
      if (!(field.name in values)) continue;
      if (field.type === "radio" || field.type === "checkbox") {
        field.checked = values[field.name].includes(field.value);
      } else {
        field.value = values[field.name][0] ?? "";
        complain(field);
      }
    }
    form().dispatchEvent(new Event("change", { bubbles: true }));
    form().dataset.touched = "true";
  };

  const throwAway = () => {
    storage.clear();
    location.replace(location.href);
  };

  // --- Sending ---------------------------------------------------------------------------------------------

  const tellLost = (lost) => {
    const banner = document.querySelector("[data-connection]");
    if (banner) banner.hidden = !lost;
  };

  const release = () => {
    for (const button of form().querySelectorAll("button[aria-busy]")) {
      button.removeAttribute("aria-busy");
      button.disabled = false;
    }
  };

  const send = async () => {
    if (!navigator.onLine) throw new Error("offline");
    const answer = await fetch(form().action, {
      method: "POST",
      body: new FormData(form()),
      headers: { "X-Sent-By": "observe" },
      redirect: "manual",
      signal: AbortSignal.timeout(30_000),
    });
    if (answer.type === "opaqueredirect") location.reload();
    else if (answer.status === 422) show(await answer.text());
    else if (answer.ok) go((await answer.json()).url);
    // What is not allowed or not there is told by the server's own page.
    else if (answer.status < 500) HTMLFormElement.prototype.submit.call(form());
    else throw new Error(`answered ${answer.status}`);
  };

  const go = (url) => {
    storage.clear();
    location.assign(url);
  };

  // Refused: the form as the server answers it, with what was typed and what would be right.
  const show = (html) => {
    const answered = new DOMParser().parseFromString(html, "text/html").querySelector("[data-observe]");
    place.replaceChildren(...answered.childNodes);
    window.htmx?.process(place);
    unfoldFilled();
    (place.querySelector('[aria-invalid="true"]') ?? place.querySelector("[data-form-errors]"))?.focus();
  };

  place.addEventListener("submit", async (event) => {
    event.preventDefault();
    keep();
    try {
      await send();
      tellLost(false);
    } catch {
      tellLost(true);
      showKept(true);
      release();
    }
  });

  const forgetOthers = () => {
    try {
      for (const key of Object.keys(sessionStorage)) {
        if (key.startsWith("unsent:") && !key.startsWith(`unsent:${place.dataset.person}:`)) {
          sessionStorage.removeItem(key);
        }
      }
    } catch {
      // Nothing was kept.
    }
  };

  forgetOthers();
  restore();
  for (const field of form().querySelectorAll("[data-value] input[type=text]")) judge(field);
})();
