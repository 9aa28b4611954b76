// Each mark saves itself, with its comment, a moment after it was changed. Without this script the buttons save.
(() => {
  const form = document.querySelector("[data-desk]");
  const line = form?.querySelector("[data-saved]");
  if (!line || form.querySelector("fieldset[disabled]")) return;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const waiting = new Map();
  let last = Promise.resolve();

  function filled(criterion) {
    const fields = [...criterion.querySelectorAll("input, textarea, select")];
    return fields.filter((field) => field.name && (!["radio", "checkbox"].includes(field.type) || field.checked));
  }

  async function save(criterion) {
    const fields = filled(criterion);
    if (!fields.some((field) => field.name.startsWith("anchor-") && field.value)) return;
    line.textContent = "Saving";
    try {
      const answer = await fetch(location.href, {
        method: "POST",
        redirect: "error",
        headers: { "X-CSRFToken": token, "X-Autosave": "1" },
        body: new URLSearchParams(fields.map((field) => [field.name, field.value])),
      });
      const told = await answer.json();
      if (answer.ok) criterion.querySelector("[name^=shown-]").value = told.shown;
      line.textContent = answer.ok ? `Saved ${told.saved}` : `Not saved. ${told.error}`;
    } catch {
      line.textContent = "Not saved. Your marks are still on this page. Select Save to try again.";
    }
  }

  // One after the other: a slow first save must not overtake a quick second one.
  function later(criterion, pause) {
    clearTimeout(waiting.get(criterion));
    waiting.set(criterion, setTimeout(() => { last = last.then(() => save(criterion)); }, pause));
  }

  const changed = (event, pause) => {
    const criterion = event.target.closest("[data-criterion]");
    if (criterion) later(criterion, pause);
  };
  form.addEventListener("change", (event) => changed(event, 300));
  form.addEventListener("input", (event) => { if (event.target.matches("textarea")) changed(event, 1500); });
  // A key sets a radio button without a change event.
  document.addEventListener("keyup", (event) => { if (/^[0-9]$/.test(event.key)) changed(event, 300); });
  form.addEventListener("submit", () => { for (const timer of waiting.values()) clearTimeout(timer); });
})();
