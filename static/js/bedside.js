// The bedside without a net: what is entered is kept on this device, shown as waiting, and sent in order until
// the server has answered. Each entry has a key of its own, so that it counts once however often it is sent.
// No name is kept here: only what was pressed, when, and the address it goes to. Without this script the page
// is plain forms.
(() => {
  "use strict";

  const place = document.querySelector("[data-bedside]");
  if (!place) return;
  const body = place.querySelector("[data-bedside-body]");
  const words = place.dataset;
  // What one person entered is never sent under another one's name.
  const store = `waiting:${words.person}:${location.pathname}`;
  const RETRY = 5_000;
  const RENEW = 10_000;
  const STEPS = ["waiting", "signed", "checked", "thawed", "running", "given"];

  // A device's clock may be wrong: times are those of the server, counted on from when it made the page.
  const skew = Number(words.now) - Date.now();
  const now = () => Date.now() + skew;
  const centerTime = (moment) =>
    new Date(moment).toLocaleString("sv-SE", { timeZone: words.zone }).slice(0, 16).replace(" ", "T");

  // --- The queue -------------------------------------------------------------------------------------------

  let unstored = [];
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(store)) ?? [];
    } catch {
      return unstored;
    }
  };
  const write = (entries) => {
    unstored = entries;
    try {
      if (entries.length) localStorage.setItem(store, JSON.stringify(entries));
      else localStorage.removeItem(store);
    } catch {
      // Without storage the entries live as long as the page.
    }
    show();
  };
  const change = (key, values) =>
    write(read().map((entry) => (entry.key === key ? { ...entry, ...values } : entry)));
  const drop = (key) => write(read().filter((entry) => entry.key !== key));

  // crypto.randomUUID is only there on secure addresses; hospitals have others, too.
  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const NOT_KEPT = ["csrfmiddlewaretoken", "key", "set_id", "pressed_at"];

  const keep = (form) => {
    const key = newKey();
    const pressed = Math.round(now());
    const values = [...new FormData(form)].filter(([name]) => !NOT_KEPT.includes(name));
    if (form.hasAttribute("data-vitals")) {
      const seen = values.filter(([name, value]) => name !== "at" && value !== "");
      if (!seen.length) return form.querySelector("input:not([type=hidden])")?.focus();
      values.splice(0, values.length, ...seen, ["at", centerTime(pressed)], ["set_id", key]);
    } else {
      values.push(["key", key], ["pressed_at", String(pressed)]);
    }
    const entry = {
      key,
      url: new URL(form.action, location.href).pathname,
      values,
      words: form.dataset.words,
      bag: form.closest("[data-bag]")?.id ?? "",
      step: form.dataset.step ?? "",
      kind: form.hasAttribute("data-vitals") ? "observe" : "bedside",
      refused: "",
    };
    write([...read(), entry]);
    ahead(entry);
    form.reset();
    form.closest("details[open]:not(.infusing-time)")?.removeAttribute("open");
    send();
  };

  // --- What is shown ---------------------------------------------------------------------------------------

  const queue = place.querySelector("[data-queue]");
  const list = place.querySelector("[data-queue-list]");
  const pattern = place.querySelector("[data-queue-row]");
  let sending = "";

  const show = () => {
    const entries = read();
    queue.hidden = entries.length === 0;
    list.replaceChildren(...entries.map(row));
  };

  const row = (entry) => {
    const made = pattern.content.cloneNode(true);
    made.firstElementChild.dataset.key = entry.key;
    made.querySelector("[data-what]").textContent = entry.words;
    const state = made.querySelector("[data-state]");
    if (entry.refused) state.textContent = `${words.refused}: ${entry.refused}`;
    else state.textContent = sending === entry.key ? words.sending : words.waits;
    for (const button of made.querySelectorAll("button")) button.hidden = !entry.refused;
    return made;
  };

  list.addEventListener("click", (event) => {
    const key = event.target.closest("li")?.dataset.key;
    if (!key) return;
    if (event.target.closest("[data-again]")) {
      change(key, { refused: "" });
      send();
    } else if (event.target.closest("[data-drop]")) {
      drop(key);
      renew();
    }
  });

  // Goes one step ahead of the server: the next act of the bag can be pressed although nothing was sent.
  const ahead = (entry) => {
    const bag = entry.bag && document.getElementById(entry.bag);
    if (!bag || !entry.step || entry.refused) return;
    if (STEPS.indexOf(entry.step) <= STEPS.indexOf(bag.dataset.bag)) return;
    bag.dataset.bag = entry.step;
    for (const part of bag.querySelectorAll("[data-at]")) part.hidden = part.dataset.at !== entry.step;
    const mark = bag.querySelector("[data-ahead]");
    if (mark) mark.hidden = false;
  };

  const aheadAll = () => read().forEach(ahead);

  // --- Sending ---------------------------------------------------------------------------------------------

  const tellLost = (lost) => {
    const banner = document.querySelector("[data-connection]");
    if (banner) banner.hidden = !lost;
  };
  const say = (text) => {
    place.querySelector("[data-queue-words]").textContent = text;
  };

  let busy = false;
  const send = async () => {
    if (busy) return;
    busy = true;
    let sent = false;
    try {
      for (;;) {
        const entry = read().find((each) => !each.refused);
        if (!entry) break;
        sending = entry.key;
        show();
        await sendOne(entry);
        sent = true;
      }
      tellLost(false);
    } catch {
      tellLost(true);
      setTimeout(send, RETRY);
    } finally {
      sending = "";
      busy = false;
      show();
    }
    if (sent && !read().some((entry) => !entry.refused)) renew();
  };

  const sendOne = async (entry) => {
    if (!navigator.onLine) throw new Error("offline");
    const data = new FormData();
    for (const [name, value] of entry.values) data.append(name, value);
    data.append("csrfmiddlewaretoken", place.querySelector("[name=csrfmiddlewaretoken]")?.value ?? token());
    const answer = await fetch(entry.url, {
      method: "POST",
      body: data,
      headers: { "X-Sent-By": entry.kind },
      redirect: "manual",
      signal: AbortSignal.timeout(30_000),
    });
    if (answer.ok) return drop(entry.key);
    if (answer.type === "opaqueredirect") {
      say(words.signedOut);
      throw new Error("signed out");
    }
    if (answer.status >= 500 || answer.status === 429) throw new Error(`answered ${answer.status}`);
    change(entry.key, { refused: await reason(answer) });
  };

  const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

  // Why the server did not take an entry: in its own words, where it has any.
  const reason = async (answer) => {
    const text = await answer.text();
    try {
      return JSON.parse(text).errors.join(" ");
    } catch {
      const page = new DOMParser().parseFromString(text, "text/html");
      const said = [...page.querySelectorAll("[data-form-errors], .field-error")]
        .map((each) => each.textContent.trim())
        .filter(Boolean);
      return said.join(" ") || words.unreadable;
    }
  };

  // --- Renewing: what the other tablet recorded ------------------------------------------------------------

  const isTouched = () =>
    [...body.querySelectorAll("input:not([type=hidden]), textarea")].some((field) =>
      field.type === "radio" || field.type === "checkbox" ? field.checked : field.value !== "",
    );

  // Several parts unfold under the same words: each is known by its form as well.
  const nameOf = (summary) => `${summary.closest("form")?.getAttribute("action")} ${summary.textContent}`;

  const renew = async () => {
    if (!navigator.onLine || document.hidden || read().some((entry) => !entry.refused)) return;
    if (isTouched()) return;
    try {
      const answer = await fetch(location.pathname, { redirect: "manual", cache: "no-store" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-bedside-body]");
      if (!fresh || isTouched()) return;
      const opened = [...body.querySelectorAll("details[open] > summary")].map(nameOf);
      const focused = body.contains(document.activeElement) ? document.activeElement.id : "";
      body.replaceChildren(...fresh.childNodes);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      for (const summary of body.querySelectorAll("details > summary")) {
        if (opened.includes(nameOf(summary))) summary.parentElement.open = true;
      }
      window.htmx?.process(body);
      aheadAll();
      tick();
    } catch {
      // The next turn tries again.
    }
  };

  // --- Time since the thaw ---------------------------------------------------------------------------------

  const pad = (number) => String(number).padStart(2, "0");
  const tick = () => {
    for (const timer of body.querySelectorAll("[data-thaw-ends]")) {
      const left = Math.ceil((Date.parse(timer.dataset.thawEnds) - now()) / 1000);
      const shown = timer.querySelector("[data-left]");
      shown.textContent = left > 0 ? `${Math.floor(left / 60)}:${pad(left % 60)}` : words.over;
      timer.classList.toggle("timer-over", left <= 0);
      timer.classList.toggle("timer-short", left > 0 && left <= 600);
    }
  };

  // --- Listening -------------------------------------------------------------------------------------------

  // Before the listener of every page, which would hold a form back while there is no net.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target.closest("form[data-kept]");
      if (!form) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      keep(form);
    },
    true,
  );

  // A scanner ends with Enter: the first field leads to the second one instead of sending half a scan.
  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest("[data-scan]")) return;
    const fields = [...event.target.form.querySelectorAll("input:not([type=hidden])")];
    const next = fields.slice(0, 2).find((field) => field.value === "");
    if (!next || next === event.target) return;
    event.preventDefault();
    next.focus();
  });

  addEventListener("online", send);
  addEventListener("storage", show);
  setInterval(tick, 1000);
  setInterval(renew, RENEW);
  show();
  aheadAll();
  tick();
  send();
})();
