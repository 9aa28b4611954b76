// The desk: marks by key, the running total as it changes. Without this script the form works the same, on saving.
(() => {
  const form = document.querySelector("[data-desk]");
  if (!form) return;
  const scale = Object.fromEntries(form.dataset.scale.split(" ").map((pair) => pair.split("=")));
  const criteria = [...form.querySelectorAll("[data-criterion]")];
  const plain = (value) => String(Math.round(value * 10) / 10);

  function chosen(criterion) {
    return criterion.querySelector("input[type=radio]:checked")?.value ?? "";
  }

  function show() {
    let points = 0, marked = 0, given = 0;
    for (const criterion of criteria) {
      const value = chosen(criterion), weight = Number(criterion.dataset.weight);
      const mark = value in scale ? Number(scale[value]) : null;
      if (value) given += 1;
      if (mark !== null) { points += weight * mark / 100; marked += weight; }
      const said = criterion.querySelector("[data-mark]");
      if (value) said.textContent = mark === null ? "no mark" : `${value} of 5`;
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
    if (!keys || event.altKey || event.metaKey || typing(event.target)) return;
    if (event.ctrlKey) {
      if (event.key === "Enter") { event.preventDefault(); form.requestSubmit(form.querySelector("[name=next]")); }
      return;
    }
    const criterion = current();
    if (!criterion) return;
    if (/^[0-5]$/.test(event.key)) {
      const radio = criterion.querySelector(`input[type=radio][value="${event.key}"]`);
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
