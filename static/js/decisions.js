// Decisions by key: the next group, rows to pick, what to choose. Without this script the form works the same.
(() => {
  const form = () => document.querySelector("[data-decide]");
  const picks = () => [...(form()?.querySelectorAll("[data-pick]") ?? [])];

  function show() {
    const all = form()?.querySelector("[data-pick-all]"), rows = picks();
    const picked = rows.filter((row) => row.checked).length;
    for (const row of rows) row.closest("tr").classList.toggle("picked", row.checked);
    if (all) {
      all.checked = rows.length > 0 && picked === rows.length;
      all.indeterminate = picked > 0 && picked < rows.length;
    }
    const count = form()?.querySelector("[data-picked]"), record = form()?.querySelector("[data-record]");
    if (count) count.textContent = picked ? `${picked} selected` : "selected rows";
    if (record) record.textContent = picked > 1 ? `Record ${picked} decisions` : "Record the decision";
  }
  function ready() {
    const keys = document.querySelector("[data-keys]");
    if (keys) keys.hidden = false;
    show();
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) for (const row of picks()) row.checked = event.target.checked;
    if (event.target.matches("[data-pick], [data-pick-all]")) show();
  });
  document.addEventListener("htmx:afterSettle", ready);

  // Single keys act only when nothing is being typed.
  const typing = (target) => target.closest?.("textarea, select, input:not([type=radio], [type=checkbox])");

  function group(step) {
    const links = [...document.querySelectorAll("[data-group]")];
    const now = links.findIndex((link) => link.getAttribute("aria-current") === "true");
    links[now + step]?.click();
  }
  function pickNext() {
    const rows = picks(), focused = rows.indexOf(document.activeElement);
    const row = focused >= 0 ? rows[focused] : rows.find((each) => !each.checked) ?? rows[0];
    if (!row) return;
    row.checked = !row.checked;
    (rows[rows.indexOf(row) + 1] ?? row).focus();
    show();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (form()) { event.preventDefault(); form().requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const key = event.key.toLowerCase(), choice = "fieldset.anchors input[type=radio]";
    if (key === "j") group(1);
    else if (key === "k") group(-1);
    else if (key === "x") pickNext();
    else if (/^[1-9]$/.test(key)) form()?.querySelectorAll(choice)[Number(key) - 1]?.click();
    else return;
    event.preventDefault();
  });
  ready();
})();
