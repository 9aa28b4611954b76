// Cite: a reference to an answer or a document goes into the comment that was edited last, at the cursor. Without this
// script there is no button, and a citation can be typed.
(() => {
  const form = document.querySelector("[data-cites]");
  if (!form) return;
  const LONGEST = 200;
  let last = null, held = "";

  const show = (root) => { for (const each of root.querySelectorAll("[data-cite-tool]")) each.hidden = false; };
  show(document);
  document.addEventListener("htmx:afterSettle", (event) => show(event.target.parentElement ?? document));
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("textarea[name^=comment-]")) last = event.target;
  });

  // Words that are selected in this answer. A press of the mouse may take the selection away before the click.
  function selected(button) {
    const answer = button.closest("[data-answer]"), found = getSelection();
    if (!answer || !found.rangeCount || found.isCollapsed) return "";
    return answer.contains(found.anchorNode) && answer.contains(found.focusNode) ? found.toString() : "";
  }
  const hold = (event) => {
    const button = event.target.closest?.("[data-cite]");
    if (button) held = selected(button);
  };
  document.addEventListener("pointerdown", hold);
  document.addEventListener("keydown", hold);

  function words(button) {
    const page = button.closest("[data-cite-tool]").querySelector("[data-cite-page]");
    if (page) return page.value && page.checkValidity() ? `${button.dataset.cite.slice(0, -1)}, page ${Number(page.value)}]` : button.dataset.cite;
    const said = held.replace(/[“”]/g, '"').replace(/\s+/g, " ").trim().slice(0, LONGEST);
    return said ? button.dataset.cite.replace(/: .*\]$/s, `: “${said}”]`) : button.dataset.cite;
  }

  // The comment beside the button, else the one edited last, else that of the criterion that is open.
  function comment(button) {
    const near = button.closest("[data-cite-here]")?.querySelector("textarea[name^=comment-]");
    if (near) return near;
    if (last?.isConnected) return last;
    return form.querySelector("details[open] textarea[name^=comment-]") ?? form.querySelector("textarea[name^=comment-]");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-cite]");
    const to = button && comment(button);
    if (!to) return;
    const at = to === last ? to.selectionEnd : to.value.length;
    const before = to.value.slice(0, at), after = to.value.slice(at);
    const text = `${before && !/\s$/.test(before) ? " " : ""}${words(button)}${after && !/^\s/.test(after) ? " " : ""}`;
    held = "";
    if (to.maxLength > 0 && to.value.length + text.length > to.maxLength) {
      button.textContent = "Comment is full";
      return;
    }
    for (let open = to.closest("details"); open; open = open.parentElement.closest("details")) open.open = true;
    to.setRangeText(text, at, at, "end");
    to.focus();
    last = to;
    to.dispatchEvent(new Event("input", { bubbles: true }));
    to.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
