// Forms: the error summary takes focus, and a form is sent once. Without this script both still work, less kindly.
(() => {
  function focusSummary(root) {
    const summary = root.querySelector?.(".error-summary");
    if (summary) summary.focus();
  }
  focusSummary(document);
  document.addEventListener("htmx:afterSettle", (event) => focusSummary(event.target));

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-many")) return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "1";
    // After the browser has read the button's own name and value.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) button.disabled = true;
    });
  });
  // The database was away when a part of the page was asked for: say so, until an answer comes. A form that saves by
  // itself says it in its own place.
  let away = null;
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 503 || event.detail.elt.closest("[data-autosave]")) return;
    if (!away) {
      away = document.createElement("p");
      away.className = "note note-open messages"; away.dataset.away = ""; away.setAttribute("role", "status");
      (document.querySelector("#main > .wrap") ?? document.body).prepend(away);
    }
    away.textContent = event.detail.xhr.responseText;
  });
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (away && event.detail.xhr.status < 500) { away.remove(); away = null; }
  });
  // A button that adds a line to a field: an industry code that was found.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-add-line]");
    const field = button && document.getElementById(button.dataset.to);
    if (!field) return;
    const lines = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    if (!lines.includes(button.dataset.addLine)) lines.push(button.dataset.addLine);
    field.value = lines.join("\n");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    button.textContent = `Added ${button.dataset.addLine}`;
  });
  // Back and forward show the page as it was left; let it be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sending]")) {
      delete form.dataset.sending;
      for (const button of form.querySelectorAll(":disabled:is(button, [type=submit])")) button.disabled = false;
    }
  });
})();
