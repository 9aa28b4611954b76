// What changed on an RFP since this browser last showed it. The time of the visit stays in this browser.
(() => {
  const note = document.querySelector("[data-visit]");
  if (!note) return;
  const key = `visit:${note.dataset.visit}`, link = note.querySelector("a");
  try {
    const last = localStorage.getItem(key);
    if (last && !Number.isNaN(Date.parse(last)) && Date.parse(note.dataset.changed) > Date.parse(last)) {
      link.href = `${link.getAttribute("href")}?since=${encodeURIComponent(last)}`;
      note.hidden = false;
    }
    localStorage.setItem(key, note.dataset.now);
  } catch { /* a browser that keeps nothing shows nothing */ }
})();
