// Light, dark or the system's choice. Loaded before the first paint, so that a chosen mode never flashes.
(() => {
  const root = document.documentElement;
  const read = () => { try { return localStorage.getItem("theme") || ""; } catch { return ""; } };
  const apply = (mode) => {
    if (mode === "light" || mode === "dark") root.dataset.bsTheme = mode;
    else delete root.dataset.bsTheme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === mode));
    }
  };
  apply(read());
  document.addEventListener("DOMContentLoaded", () => {
    apply(read());
    for (const group of document.querySelectorAll("[data-theme-group]")) group.hidden = false;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try { localStorage.setItem("theme", button.dataset.themeChoice); } catch { /* Private mode: only for this page. */ }
    apply(button.dataset.themeChoice);
  });
})();
