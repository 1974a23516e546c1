// The live calendar: drawn by EventCalendar over the page that works without it. Times are those of the
// center's clock throughout; the server reads them in the center's zone.
(() => {
  "use strict";

  const root = document.querySelector("[data-calendar]");
  if (!root || !window.EventCalendar) return;
  const say = root.dataset;
  const body = root.querySelector("[data-calendar-body]");
  const plain = document.querySelector("[data-calendar-plain]");
  const news = document.querySelector("[data-calendar-news]");
  const panel = window.calendarPanel;
  const wide = matchMedia("(min-width: 60rem)");
  const POLL = 2500;
  const STEP = 15;
  // About as wide as the names of rows, until they are drawn.
  const ROW_LABEL = 160;

  let calendar = null;
  let events = new Map();
  // Each event as it was read, to tell what differs next time.
  let prints = new Map();
  let machines = [];
  let version = say.version;
  // An event that was moved and not yet confirmed: where it came from and where it stands.
  let moving = null;
  let refreshWaits = false;

  // --- Time on the wall ------------------------------------------------------------------------------------

  const two = (number) => String(number).padStart(2, "0");
  const wall = (at) =>
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}` +
    `T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  // Counted in UTC, so that the clock changes of this device play no part.
  const shifted = (text, minutes) => {
    const at = new Date(`${text}Z`);
    at.setUTCMinutes(at.getUTCMinutes() + minutes);
    return at.toISOString().slice(0, 19);
  };
  const dayName = (text) => {
    const at = new Date(`${text.slice(0, 10)}T12:00:00Z`);
    const part = (options) => at.toLocaleDateString(document.documentElement.lang, { timeZone: "UTC", ...options });
    return `${part({ weekday: "short" })} ${text.slice(8, 10)}-${part({ month: "short" })}`;
  };
  const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

  // --- Reading ---------------------------------------------------------------------------------------------

  const read = async () => {
    const response = await fetch(say.feed, { redirect: "manual", headers: { "X-By-Itself": "1" } });
    if (response.type === "opaqueredirect") location.reload();
    if (!response.ok) throw new Error(`the feed answered ${response.status}`);
    return response.json();
  };

  const announce = (words) => {
    news.textContent = words;
  };

  const filled = (words, values) =>
    words.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");

  // --- Drawing ---------------------------------------------------------------------------------------------

  const idOf = (element) => element?.closest?.(".ec-event")?.querySelector("[data-event]")?.dataset.event;
  const elementOf = (id) => body.querySelector(`[data-event="${CSS.escape(id)}"]`)?.closest(".ec-event");
  const focusOn = (id) => requestAnimationFrame(() => elementOf(id)?.focus({ preventScroll: true }));

  const content = ({ event }) => {
    if (event.display === "background") return undefined;
    const inside = document.createElement("div");
    inside.className = "cal-entry-body";
    inside.dataset.event = event.id;
    if (event.extendedProps.html) inside.innerHTML = event.extendedProps.html;
    else inside.textContent = event.title;
    // One that is being moved says where it stands now, not where it stood.
    if (event.extendedProps.drop) {
      const shown = inside.querySelectorAll(".slot-time time");
      [event.start, event.end].forEach((at, place) => {
        if (shown[place]) shown[place].textContent = wall(at).slice(11, 16);
      });
    }
    // Who sees the grid reads row and day from it; who hears an event needs both said.
    const place = document.createElement("span");
    place.className = "visually-hidden";
    place.textContent = `${event.resourceIds.length ? `${event.title}, ` : ""}${dayName(wall(event.start))}. `;
    inside.prepend(place);
    return { domNodes: [inside] };
  };

  const label = ({ resource }) => {
    const name = document.createElement("span");
    name.className = "row-name";
    name.textContent = resource.title;
    const kind = document.createElement("span");
    kind.className = "row-kind";
    kind.textContent = resource.extendedProps.kind;
    return { domNodes: [name, kind] };
  };

  // Half an hour as wide as lets the whole day be seen, where that can still be read.
  const slotWidth = () => {
    const slots = (minutes(say.ends) - minutes(say.begins)) / 30;
    const names = body.querySelector(".ec-sidebar")?.offsetWidth || ROW_LABEL;
    return Math.max(22, Math.floor(((body.clientWidth - names - 4) / slots) * 10) / 10);
  };
  const fit = () => calendar?.setOption("slotWidth", slotWidth());

  const VIEWS = { day: "resourceTimelineDay", week: "weekByResource", month: "dayGridMonth" };

  const options = (fed) => ({
    view: VIEWS[say.view],
    views: { weekByResource: { type: "resourceTimelineMonth", duration: { weeks: 1 }, columnWidth: "minmax(5rem, 1fr)" } },
    slotDuration: say.view === "day" ? "00:30" : { days: 1 },
    date: `${say.date}T00:00:00`,
    timeZone: say.offset,
    locale: document.documentElement.lang,
    firstDay: 1,
    headerToolbar: { start: "", center: "", end: "" },
    resources: fed.rows,
    events: fed.events,
    slotLabelInterval: "01:00",
    snapDuration: "00:15",
    slotMinTime: say.begins,
    slotMaxTime: say.ends,
    slotWidth: slotWidth(),
    scrollTime: say.begins,
    nowIndicator: true,
    eventStartEditable: false,
    eventDurationEditable: false,
    eventDragMinDistance: 6,
    slotLabelFormat: (time) => `${two(time.getHours())}:00`,
    dayHeaderFormat: (day) => (say.view === "month"
      ? day.toLocaleDateString(document.documentElement.lang, { weekday: "short" })
      : dayName(wall(day))),
    eventContent: content,
    resourceLabelContent: label,
    eventClick: ({ event }) => pressed(event.id),
    eventDrop: (info) => dropped(info),
    eventResize: (info) => dropped(info),
    dragConstraint: ({ newResource }) => !newResource || machines.includes(newResource.id),
    resizeConstraint: () => say.view === "day",
  });

  const keep = (fed) => {
    version = fed.version;
    prints = new Map(fed.events.map((event) => [event.id, JSON.stringify(event)]));
    events = new Map(fed.events.map((event) => [event.id, event]));
    machines = fed.rows.filter((row) => row.extendedProps.takesCollections).map((row) => row.id);
    if (say.view === "day") return;
    // Only the day view has an axis on which an end can be pulled.
    for (const event of fed.events) event.durationEditable = false;
  };

  // EventCalendar calls its grid a table, but its events stand beside the cells, not in them: a table that
  // can't be read is worse than none, so its roles are taken off wherever they appear.
  const TABLE = ["table", "rowgroup", "row", "rowheader", "columnheader", "cell"];
  const untable = () => {
    for (const part of body.querySelectorAll(TABLE.map((role) => `[role="${role}"]`).join())) {
      for (const name of ["role", "aria-colindex", "aria-colspan", "aria-rowindex"]) part.removeAttribute(name);
    }
  };

  const start = async () => {
    if (calendar || !wide.matches) return;
    let fed;
    try {
      fed = await read();
    } catch {
      return;
    }
    keep(fed);
    root.hidden = false;
    plain.classList.add("is-covered");
    new MutationObserver(untable).observe(body, { childList: true, subtree: true });
    calendar = EventCalendar.create(body, options(fed));
    requestAnimationFrame(fit);
  };

  const refresh = async () => {
    if (moving) {
      refreshWaits = true;
      return;
    }
    refreshWaits = false;
    await refreshPlain();
    if (!calendar) return;
    const fed = await read();
    const before = prints;
    const focused = body.contains(document.activeElement) ? idOf(document.activeElement) : null;
    keep(fed);
    for (const [id, event] of events) {
      if (event.display !== "background" && before.get(id) !== prints.get(id)) event.classNames.push("is-fresh");
    }
    calendar.setOption("resources", fed.rows);
    calendar.setOption("events", fed.events);
    if (focused) focusOn(focused);
  };

  // What a phone and paper show.
  const refreshPlain = async () => {
    const response = await fetch(location.href, { headers: { "X-By-Itself": "1" } });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const inside = fresh.querySelector("[data-calendar-plain]");
    if (inside) plain.innerHTML = inside.innerHTML;
  };

  // --- Moving ----------------------------------------------------------------------------------------------

  const put = (id, place) => {
    const event = { ...events.get(id), ...place };
    calendar.updateEvent(event);
    return event;
  };

  const placeOf = (event) => ({ start: event.start, end: event.end, resourceIds: event.resourceIds });
  const rowName = (id) => calendar.getOption("resources").find((row) => row.id === id)?.title ?? "";

  const putBack = () => {
    if (!moving) return;
    const { id, from } = moving;
    moving = null;
    put(id, from);
    announce(say.sayBack);
  };

  // How a move ends: done, left, failed, or stale because somebody else was faster.
  const ended = (id) => async (outcome, words) => {
    if (outcome === "done") {
      moving = null;
      announce(words);
    } else {
      putBack();
    }
    if (outcome === "failed") announce(say.sayFailed);
    try {
      if (outcome === "done" || outcome === "stale" || refreshWaits) await refresh();
    } catch {
      announce(say.sayFailed);
    }
    if (outcome !== "stale") focusOn(id);
  };

  // The panel opens on the side on which it doesn't hide what it is about.
  const sideOf = (id) => {
    const box = elementOf(id)?.getBoundingClientRect();
    return box && box.left + box.width / 2 > innerWidth * 0.6 ? "left" : "right";
  };

  const propose = () => {
    const { id, to } = moving;
    const props = events.get(id).extendedProps;
    const form = new FormData();
    form.set("resource", to.resourceIds[0]);
    form.set("starts_at", to.start);
    form.set("ends_at", to.end);
    form.set("version", props.version);
    panel.open(props.drop, form, ended(id), sideOf(id));
  };

  const dropped = ({ event, revert }) => {
    const known = events.get(event.id);
    if (!known?.extendedProps.drop) {
      revert();
      return;
    }
    if (moving && moving.id !== event.id) putBack();
    const rows = event.resourceIds.length ? event.resourceIds : known.resourceIds;
    moving = {
      id: event.id,
      from: placeOf(known),
      to: { start: wall(event.start), end: wall(event.end), resourceIds: rows },
    };
    propose();
  };

  const STEPS = {
    day: { ArrowLeft: -STEP, ArrowRight: STEP },
    week: { ArrowLeft: -1440, ArrowRight: 1440 },
    month: { ArrowLeft: -1440, ArrowRight: 1440, ArrowUp: -7 * 1440, ArrowDown: 7 * 1440 },
  };

  // Where an arrow key leads; null when that is off the page or no machine.
  const stepped = (place, event) => {
    const next = { ...place };
    const by = STEPS[say.view][event.key];
    if (by && event.shiftKey && say.view === "day") next.end = shifted(place.end, by);
    else if (by) {
      next.start = shifted(place.start, by);
      next.end = shifted(place.end, by);
    } else {
      const row = machines[machines.indexOf(place.resourceIds[0]) + (event.key === "ArrowUp" ? -1 : 1)];
      if (!row) return null;
      next.resourceIds = [row];
    }
    const { currentStart, currentEnd } = calendar.getView();
    const inside = next.start >= wall(currentStart) && next.start < wall(currentEnd);
    const onAxis =
      say.view !== "day" ||
      (minutes(next.start.slice(11)) >= minutes(say.begins) && minutes(next.end.slice(11)) <= minutes(say.ends));
    return inside && onAxis && next.end > next.start ? next : null;
  };

  const nudge = (id, event) => {
    const known = events.get(id);
    if (!known?.extendedProps.drop) return false;
    const from = moving?.id === id ? moving.from : placeOf(known);
    const to = stepped(moving?.id === id ? moving.to : from, event);
    if (!to) {
      announce(say.sayEdge);
      return true;
    }
    if (moving && moving.id !== id) putBack();
    moving = { id, from, to };
    put(id, to);
    focusOn(id);
    announce(
      filled(say.sayMoving, {
        row: rowName(to.resourceIds[0]),
        day: dayName(to.start),
        from: to.start.slice(11, 16),
        to: to.end.slice(11, 16),
      }),
    );
    return true;
  };

  const pressed = (id) => {
    if (moving?.id === id && !panel.isOpen()) {
      propose();
      return;
    }
    putBack();
    const props = events.get(id)?.extendedProps;
    if (props?.panel) panel.open(props.panel, null, () => focusOn(id), sideOf(id));
    else if (props?.url) location.assign(props.url);
  };

  // An event that just moved is drawn anew and has the focus only a moment later: a key pressed in between
  // is still meant for it.
  document.addEventListener("keydown", (event) => {
    if (!calendar || panel.isOpen()) return;
    const isBetween = moving && document.activeElement === document.body;
    const id = isBetween ? moving.id : body.contains(event.target) && idOf(event.target);
    if (!id) return;
    if (event.key === "Escape" && moving) {
      putBack();
      focusOn(id);
    } else if (event.key === "Enter" && isBetween) {
      propose();
    } else if (event.key.startsWith("Arrow") && nudge(id, event)) {
      event.preventDefault();
    }
  });

  // --- News ------------------------------------------------------------------------------------------------

  const look = async () => {
    if (document.hidden) return;
    const headers = { "If-None-Match": `"${version}"`, "X-By-Itself": "1" };
    const response = await fetch(say.changes, { headers, redirect: "manual", cache: "no-store" });
    if (response.type === "opaqueredirect") location.reload();
    if (response.status !== 200) return;
    const told = await response.json();
    if (told.version === version) return;
    const before = version;
    version = told.version;
    if (told.by.length) announce(filled(say.sayChanged, { names: told.by.join(", ") }));
    try {
      await refresh();
    } catch (error) {
      version = before;
      throw error;
    }
  };

  const watch = async () => {
    try {
      await start();
      await look();
    } catch {
      // Without a connection the frame says so; the next look tries again.
    }
    setTimeout(watch, POLL);
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look().catch(() => {});
  });
  wide.addEventListener("change", start);
  addEventListener("resize", fit);
  start().finally(() => setTimeout(watch, POLL));
})();
