// The desk: marks by key, the running total as it changes. Without this script the form works the same, on saving.
(() => {
  const form = document.querySelector("[data-desk]");
  if (!form) return;
  const criteria = [...form.querySelectorAll("[data-criterion]")];
  const plain = (value) => String(Math.round(value * 10) / 10);

  // What is chosen: its words, and what it is worth, 0 to 100; null for nothing yet, and worth null for no mark.
  function chosen(criterion) {
    const box = criterion.querySelector("input:is([type=radio], [type=checkbox]):checked");
    if (box) return { said: box.dataset.said, worth: box.dataset.worth ? Number(box.dataset.worth) : null };
    const typed = criterion.querySelector("[data-points-of]");
    const most = Number(typed?.dataset.pointsOf), points = Number(typed?.value || NaN);
    if (!(points >= 0 && points <= most)) return null;
    return { said: `${typed.value} of ${typed.dataset.pointsOf}`, worth: points / most * 100 };
  }

  function show() {
    let points = 0, marked = 0, given = 0;
    for (const criterion of criteria) {
      const found = chosen(criterion), weight = Number(criterion.dataset.weight);
      const mark = found?.worth ?? null;
      if (found) given += 1;
      if (mark !== null) { points += weight * mark / 100; marked += weight; }
      const said = criterion.querySelector("[data-mark]");
      if (found) said.textContent = found.said;
      const slot = form.querySelector(`[data-slot="${criterion.dataset.criterion}"]`);
      slot?.setAttribute("width", `${parseFloat(slot.dataset.width) * (mark ?? 0) / 100}%`);
    }
    form.querySelector("[data-points]").textContent = (Math.round(points * 10) / 10).toFixed(1);
    form.querySelector("[data-marked]").textContent = plain(marked);
    const count = form.querySelector("[data-given]");
    if (count) count.textContent = given;
  }
  form.addEventListener("change", show);

  const closed = form.querySelector("fieldset[disabled]");
  const bar = document.querySelector("[data-keys]");
  const keySwitch = document.querySelector("[data-keys-switch]");
  if (closed || !bar) return;
  bar.hidden = false;
  let keys = localStorage.getItem("desk-keys") !== "off";
  const tell = () => { keySwitch.setAttribute("aria-pressed", keys); keySwitch.textContent = keys ? "Keys on" : "Keys off"; };
  tell();
  keySwitch.addEventListener("click", () => {
    keys = !keys;
    localStorage.setItem("desk-keys", keys ? "on" : "off");
    tell();
  });

  // Single keys act only when nothing is being typed.
  const typing = (target) => target.closest?.("textarea, select, input:not([type=radio]), [contenteditable]");

  function current() {
    const focused = document.activeElement?.closest?.("[data-criterion]");
    return focused ?? criteria.find((criterion) => criterion.open) ?? criteria[0];
  }

  function go(step) {
    const next = criteria[criteria.indexOf(current()) + step];
    if (!next) return;
    for (const criterion of criteria) criterion.open = criterion === next;
    next.querySelector("summary").focus();
    next.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (!keys || event.altKey || event.metaKey) return;
    // No text has Ctrl+Enter in it, so it also saves from within a comment.
    if (event.ctrlKey) {
      if (event.key === "Enter") { event.preventDefault(); form.requestSubmit(form.querySelector("[name=next]")); }
      return;
    }
    if (typing(event.target)) return;
    const criterion = current();
    if (!criterion) return;
    if (/^[0-9]$/.test(event.key)) {
      const radio = criterion.querySelector(`input[type=radio][value="${event.key}"]`);
      if (!radio) return;
      criterion.open = true;
      radio.checked = true;
      radio.focus();
      show();
    } else if (event.key === "j" || event.key === "J") go(1);
    else if (event.key === "k" || event.key === "K") go(-1);
    else if (event.key === "c" || event.key === "C") {
      criterion.open = true;
      const comment = criterion.querySelector("textarea");
      comment.focus();
      comment.setSelectionRange(comment.value.length, comment.value.length);
    } else return;
    event.preventDefault();
  });
})();
