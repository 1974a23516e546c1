// Small helps on top of pages that work without them. No framework, nothing patient-related is stored here.
(() => {
  "use strict";

  const root = document.documentElement;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]") !== null;

  // --- Rail and menus --------------------------------------------------------------------------------------

  const setRail = (width) => {
    root.dataset.rail = width;
    one("[data-rail-toggle]")?.setAttribute("aria-expanded", String(width === "wide"));
    try {
      localStorage.setItem("rail", width);
    } catch {
      // Without storage the choice holds for this page only.
    }
  };

  const setMenu = (open) => {
    if (open) root.dataset.menu = "open";
    else delete root.dataset.menu;
    one("[data-menu-toggle]")?.setAttribute("aria-expanded", String(open));
    if (open) one("#rail a")?.focus();
  };

  const closeMenus = (except = null) => {
    for (const menu of all("details[data-menu][open]")) {
      if (menu !== except) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-rail-toggle]")) {
      setRail(root.dataset.rail === "narrow" ? "wide" : "narrow");
    } else if (target.closest("[data-menu-toggle]")) {
      setMenu(root.dataset.menu !== "open");
    } else if (root.dataset.menu === "open" && !target.closest("#rail")) {
      setMenu(false);
    }
    closeMenus(target.closest("details[data-menu]"));
  });

  // --- Keys ------------------------------------------------------------------------------------------------

  const leaveForm = (form) => {
    const leave = one("[data-leave]", form);
    if (!leave) return;
    // Something was typed: stop at the button, so that a second press decides.
    if (form.dataset.touched) leave.focus();
    else leave.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = one("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else if (event.key === "Escape") {
      const menu = one("details[data-menu][open]");
      if (menu) {
        menu.open = false;
        one("summary", menu).focus();
      } else if (root.dataset.menu === "open") {
        setMenu(false);
        one("[data-menu-toggle]")?.focus();
      } else {
        const form = event.target.closest?.("[data-form]");
        if (form) leaveForm(form);
      }
    }
  });

  // --- Forms -----------------------------------------------------------------------------------------------

  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-form]");
    if (form) form.dataset.touched = "true";
    echoDay(event.target);
  });

  // A browser shows dates in its own order of day and month: say below what was meant.
  const echoDay = (input) => {
    if (!(input instanceof HTMLInputElement) || !["date", "datetime-local"].includes(input.type)) return;
    const control = input.closest(".control");
    if (!control) return;
    let echo = control.nextElementSibling;
    if (!echo?.matches("[data-day-echo]")) {
      echo = document.createElement("output");
      echo.className = "field-hint";
      echo.dataset.dayEcho = "";
      echo.setAttribute("for", input.id);
      control.after(echo);
    }
    const day = /^\d{4}-\d{2}-\d{2}/.exec(input.value)?.[0];
    echo.textContent = day ? dayInWords(day) : "";
  };

  // Monday 02-Nov-2026, as dates are written everywhere else.
  const dayInWords = (day) => {
    const date = new Date(`${day}T12:00:00Z`);
    const part = (options) => date.toLocaleDateString(root.lang, { timeZone: "UTC", ...options });
    const [year, , number] = day.split("-");
    return `${part({ weekday: "long" })} ${number}-${part({ month: "short" })}-${year}`;
  };

  const focusFirstError = (within = document) => {
    const field = one('[aria-invalid="true"]', within);
    (field ?? one("[data-form-errors]", within))?.focus();
  };

  // The pressed button is told busy after the browser has collected the form, so that its value is sent too.
  document.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      showConnection(true);
      return;
    }
    const button = event.submitter;
    if (!button || event.target.method === "get") return;
    setTimeout(() => {
      pressed = document.activeElement === button ? button.id : "";
      button.setAttribute("aria-busy", "true");
      button.disabled = true;
    });
  });

  // What a form kept for this tab in case of a lost net ends with the session.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    try {
      sessionStorage.clear();
    } catch {
      // Without storage nothing was kept.
    }
  });

  // A disabled button loses the focus: whoever works with the keyboard goes on from where they were.
  let pressed = "";
  const focusPressed = () => {
    if (pressed && document.activeElement === document.body) {
      document.getElementById(pressed)?.focus({ preventScroll: true });
    }
    pressed = "";
  };

  const releaseButtons = () => {
    for (const button of all('button[aria-busy="true"]')) {
      button.removeAttribute("aria-busy");
      button.disabled = false;
    }
  };
  addEventListener("pageshow", releaseButtons);

  // Choosing a filter is enough; the button stays for those without scripts.
  document.addEventListener("change", (event) => {
    const filters = event.target.closest("form[data-filters]");
    if (filters && event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) {
      filters.requestSubmit();
    }
  });

  // --- Connection ------------------------------------------------------------------------------------------

  const showConnection = (lost) => {
    const banner = one("[data-connection]");
    if (banner) banner.hidden = !lost;
  };
  addEventListener("offline", () => showConnection(true));
  addEventListener("online", () => showConnection(false));

  // --- htmx ------------------------------------------------------------------------------------------------

  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    const token = one('meta[name="csrf-token"]')?.content;
    if (token && request.method !== "GET") request.headers["X-CSRFToken"] = token;
  });
  document.addEventListener("htmx:error", () => {
    showConnection(true);
    releaseButtons();
  });
  document.addEventListener("htmx:after:request", () => showConnection(false));

  // A list that was refreshed keeps its place; rows that were not there before are marked and announced.
  const rowsOf = (list) => new Set(all("[data-row]", list).map((row) => row.dataset.row));
  const before = new WeakMap();

  document.addEventListener("htmx:before:swap", (event) => {
    const list = event.detail.ctx.target?.closest?.("[data-announce]");
    if (list) before.set(list, { rows: rowsOf(list), scroll: list.scrollTop });
  });
  document.addEventListener("htmx:after:swap", (event) => {
    releaseButtons();
    const list = event.detail.ctx.target?.closest?.("[data-announce]");
    const was = list && before.get(list);
    if (was) {
      list.scrollTop = was.scroll;
      announceNewRows(list, was.rows);
    }
    focusPressed();
    const swapped = event.detail.ctx.target;
    // What was replaced as a whole is no longer on the page.
    focusFirstError(swapped?.isConnected ? swapped : document);
    focusReplaced();
  });

  // A row that took the place of the one with the pressed button keeps the keyboard where it was.
  const focusReplaced = () => {
    const row = one("[data-focus]");
    delete row?.dataset.focus;
    row?.focus();
  };

  const announceNewRows = (list, known) => {
    const fresh = all("[data-row]", list).filter((row) => !known.has(row.dataset.row));
    for (const row of fresh) row.classList.add("is-new");
    const announcer = one("[data-announcer]");
    if (fresh.length && announcer) announcer.textContent = `${announcer.dataset.newRows} ${fresh.length}`;
  };

  // --- Start -----------------------------------------------------------------------------------------------

  const showZoneNote = () => {
    const note = one("[data-zone]");
    if (!note) return;
    const now = new Date();
    const there = now.toLocaleString("en-GB", { timeZone: note.dataset.zone });
    note.hidden = there === now.toLocaleString("en-GB");
  };

  // A link to a folded panel opens it.
  const openLinked = () => {
    const linked = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!(linked instanceof HTMLDetailsElement)) return;
    linked.open = true;
    linked.scrollIntoView();
  };
  addEventListener("hashchange", openLinked);

  setRail(root.dataset.rail);
  showZoneNote();
  openLinked();
  showConnection(!navigator.onLine);
  all(".control input").forEach(echoDay);
  focusFirstError();
})();
