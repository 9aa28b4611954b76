// The server's clock and the time left, counted against our time, never against the reader's own clock.
(() => {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  // How far our clock is ahead of this machine's. Its wall clock goes on while it sleeps, its stopwatch does not.
  const answered = performance.timeOrigin + performance.getEntriesByType("navigation")[0].responseStart;
  const ahead = Date.parse(clock.dataset.clock) - answered;
  const now = () => Date.now() + ahead;
  const plural = (count, word) => `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`;

  function left(milliseconds) {
    if (milliseconds <= 0) return "Closed";
    const total = Math.floor(milliseconds / 1000);
    const days = Math.floor(total / 86400), hours = Math.floor(total / 3600) % 24;
    const minutes = Math.floor(total / 60) % 60, seconds = total % 60;
    if (days) return `${plural(days, "day")} ${hours} h ${minutes} min`;
    if (hours) return `${hours} h ${minutes} min`;
    return minutes ? `${minutes} min ${seconds} s` : `${seconds} s`;
  }

  const zoneWords = { EST: "ET", EDT: "ET", CST: "CT", CDT: "CT", MST: "MT", MDT: "MT", PST: "PT", PDT: "PT", AKST: "AKT", AKDT: "AKT", HST: "HT" };
  function parts(at, zone, seconds) {
    const format = new Intl.DateTimeFormat("en-US", { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", ...(seconds && { second: "2-digit" }), timeZone: zone, timeZoneName: "short" });
    const found = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
    const word = zone === "America/Phoenix" ? "MST" : zoneWords[found.timeZoneName] || found.timeZoneName;
    const month = { Jun: "June", Jul: "July" }[found.month] || found.month;
    return { day: `${found.weekday} ${month} ${found.day}`, at: `${found.hour}:${found.minute}${seconds ? `:${found.second}` : ""} ${found.dayPeriod.toLowerCase()} ${word}` };
  }

  function write(element, text) { if (element && element.textContent !== text) element.textContent = text; }

  function tick() {
    const shown = parts(now(), clock.dataset.zone);
    write(clock.querySelector(".day"), `${shown.day}, `);
    write(clock.querySelector(".at"), shown.at);
    for (const element of document.querySelectorAll("[data-time-left]")) {
      write(element, left(Date.parse(element.dataset.timeLeft) - now()));
    }
    // Each deadline also in the reader's zone, unless the page has put that somewhere itself.
    for (const element of document.querySelectorAll("time[data-deadline]")) {
      const { deadline, zone } = element.dataset;
      element.removeAttribute("data-deadline");
      if (element.nextElementSibling?.hasAttribute("data-your-time")) continue;
      const own = document.createElement("small");
      Object.assign(own.dataset, { yourTime: deadline, zone });
      own.hidden = true;
      element.after(" ", own);
    }
    for (const element of document.querySelectorAll("[data-your-time][hidden]")) {
      const at = Date.parse(element.dataset.yourTime), seconds = at % 60000 !== 0;
      const here = parts(at, document.body.dataset.ownZone || undefined, seconds), there = parts(at, element.dataset.zone, seconds);
      if (here.at.replace(/ \S+$/, "") === there.at.replace(/ \S+$/, "") && here.day === there.day) { element.removeAttribute("data-your-time"); continue; }
      element.textContent = `${here.day === there.day ? "" : `${here.day}, `}${here.at.replace(/ (\S+)$/, " where you are ($1)")}`;
      element.hidden = false;
    }
  }
  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSettle", tick);
})();
