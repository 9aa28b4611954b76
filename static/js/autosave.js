// Drafts: what is typed is kept on this device until our server has it, so neither a closed laptop nor an expired
// sign-in loses a word. Saving itself is htmx's; without scripts the Save buttons do it.
(() => {
  const form = document.querySelector("form[data-autosave]");
  const said = document.getElementById("saved");
  const stampIn = (root) => root?.querySelector("[data-saved-at]")?.dataset.savedAt || "";
  // When our server last saved this draft, as far as this page knows; the words on the page may change meanwhile.
  let stamp = stampIn(said);
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  function read(of) {
    try { return JSON.parse(localStorage.getItem(of)) || {}; } catch { return {}; }
  }
  function write(of, kept) {
    try {
      if (Object.keys(kept).length) localStorage.setItem(of, JSON.stringify(kept));
      else localStorage.removeItem(of);
    } catch { /* Private mode or full: the server still saves. */ }
  }

  // A form was sent whole just before. When the draft's time of saving has moved since, our server has those answers;
  // when it has not, the sign-in had expired and they are still here only.
  const SENT = "draft-sent";
  try {
    const before = JSON.parse(sessionStorage.getItem(SENT) || "null");
    sessionStorage.removeItem(SENT);
    if (before && stamp && before.stamp !== stamp) {
      const kept = read(before.key);
      for (const [name, value] of Object.entries(before.kept)) {
        const field = form && (document.getElementById(name) || document.getElementById(`id_${name}`));
        const refused = field && field.closest(".field-error");
        if (same(kept[name], value) && !refused) delete kept[name];
      }
      write(before.key, kept);
    }
  } catch { /* No session storage: answers are put back once more than needed. */ }

  if (!form) return;
  const key = `draft:${form.dataset.autosave}`;
  const RETRY = 15000; // milliseconds until a lost connection is tried again
  let waiting = 0;
  form.addEventListener("submit", () => {
    if (merges) {
      const names = form.querySelector(`input[name="${CHANGED}"]`) || form.appendChild(document.createElement("input"));
      names.type = "hidden"; names.name = CHANGED; names.value = changed().join(" ");
    }
    try { sessionStorage.setItem(SENT, JSON.stringify({ key, stamp, kept: read(key) })); } catch { /* as above */ }
  });

  const stored = (field) => ["text", "textarea", "number", "date", "email", "url", "search", "select-one"].includes(field.type);
  function valueOf(field) {
    const group = form.querySelectorAll(`[name="${CSS.escape(field.name)}"]`);
    return stored(field) ? field.value : [...group].filter((each) => each.checked).map((each) => each.value);
  }
  function put(name, value) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (Array.isArray(value)) field.checked = value.includes(field.value);
      else if (stored(field)) field.value = value;
    }
  }

  // The same form may be open twice. A form with `data-merge` says which fields were changed here, so that the others
  // keep what somebody saved meanwhile. `data-changed` names those that an earlier try brought and were not saved.
  const CHANGED = "changed_here";
  const merges = "merge" in form.dataset;
  const refused = new Set((form.dataset.changed || "").split(" ").filter(Boolean));
  const base = new Map();
  for (const field of form.elements) {
    if (!field.name || ["hidden", "file", "submit", "button"].includes(field.type) || base.has(field.name)) continue;
    base.set(field.name, cameWith(field));
  }
  function cameWith(field) {
    if (field.type === "select-one") return ([...field.options].find((each) => each.defaultSelected) || field.options[0])?.value || "";
    if (stored(field)) return field.defaultValue;
    const group = form.querySelectorAll(`[name="${CSS.escape(field.name)}"]`);
    return [...group].filter((each) => each.defaultChecked).map((each) => each.value);
  }
  function current(name) {
    const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
    return field ? valueOf(field) : "";
  }
  function changed() {
    return [...base.keys()].filter((name) => refused.has(name) || !same(current(name), base.get(name)));
  }

  // What the page came with: a kept value is only put back when it differs.
  const restored = [];
  const found = read(key);
  for (const [name, value] of Object.entries(found)) {
    const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!field || field.type === "hidden" || same(valueOf(field), value)) { delete found[name]; continue; }
    put(name, value);
    restored.push(field);
  }
  write(key, found);

  let sent = {};
  form.addEventListener("input", (event) => {
    const field = event.target;
    // What is marked private is never kept on the device.
    if (!field.name || field.type === "hidden" || field.type === "file" || "private" in field.dataset) return;
    write(key, { ...read(key), [field.name]: valueOf(field) });
  });
  form.addEventListener("htmx:configRequest", (event) => {
    sent = read(key);
    if (!merges) return;
    const names = changed();
    // Another window's answers are not ours to call saved; what is private is sent but was never kept.
    sent = Object.fromEntries(names.map((name) => [name, current(name)]));
    event.detail.parameters[CHANGED] = names.join(" ");
  });

  function forgetSaved(problems) {
    const kept = read(key);
    for (const [name, value] of Object.entries(sent)) {
      if (problems.has(name) || problems.has(`id_${name}`)) continue;
      if (same(kept[name], value)) delete kept[name];
      base.set(name, value);
      refused.delete(name);
    }
    write(key, kept);
  }

  function say(text, link) {
    if (!said) return;
    said.textContent = text;
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.href; anchor.textContent = link.text;
      said.append(" ", anchor);
    }
  }

  // Asked on the element that is about to be filled, not on the form.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig?.elt !== form) return;
    const answer = event.detail.xhr;
    const elsewhere = answer.responseURL && new URL(answer.responseURL).pathname !== location.pathname;
    if (!elsewhere) return;
    event.detail.shouldSwap = false;
    const here = encodeURIComponent(location.pathname + location.search);
    if (new URL(answer.responseURL).pathname.startsWith("/accounts/")) {
      say("You are signed out. We kept what you typed on this device.", { href: `/accounts/login/?next=${here}`, text: "Sign in and continue" });
    } else location.assign(answer.responseURL);
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    const answer = event.detail.xhr;
    if (!answer || answer.status !== 200 || new URL(answer.responseURL || location.href).pathname !== location.pathname) return;
    const page = new DOMParser().parseFromString(answer.responseText, "text/html");
    stamp = stampIn(page) || stamp;
    // A rule about several fields at once: nothing was saved, so nothing is forgotten.
    if (page.querySelector("[data-nothing-saved]")) return;
    const found = new Map([...page.querySelectorAll("[data-problem]")].map((each) => [each.dataset.problem, each.dataset.words || each.textContent]));
    const problems = new Set(found.keys());
    for (const field of form.querySelectorAll("[aria-invalid][data-live]")) {
      if (!problems.has(field.id)) { field.removeAttribute("aria-invalid"); field.removeAttribute("data-live"); }
    }
    for (const words of form.querySelectorAll(".error-live")) {
      const field = form.querySelector(`[aria-describedby~="${CSS.escape(words.id)}"]`);
      const rest = (field?.getAttribute("aria-describedby") || "").split(" ").filter((each) => each && each !== words.id);
      if (rest.length) field.setAttribute("aria-describedby", rest.join(" ")); else field?.removeAttribute("aria-describedby");
      words.remove();
    }
    for (const [id, words] of found) {
      const field = document.getElementById(id);
      if (!field || !form.contains(field)) continue;
      field.setAttribute("aria-invalid", "true"); field.dataset.live = "1";
      // Beside the field too; the line above is what is read aloud.
      if (!document.getElementById(`${id}_error`)) {
        const beside = document.createElement("p");
        beside.className = "error-text error-live"; beside.textContent = words; beside.id = `${id}_live`;
        field.before(beside);
        field.setAttribute("aria-describedby", `${beside.id} ${field.getAttribute("aria-describedby") || ""}`.trim());
      }
    }
    forgetSaved(problems);
  });
  // Somebody else changed a field that was changed here: both texts stand beside it until one is chosen.
  const baseOf = () => form.querySelector('input[name="base"]');
  function choose(note, keepMine) {
    const base = baseOf(), prints = JSON.parse(base.value), id = note.dataset.conflict;
    const fields = [...form.querySelectorAll(`[name="${CSS.escape(note.dataset.target)}"]`)];
    if (keepMine) prints[id] = `${note.dataset.now}-:${note.dataset.now}`;
    base.value = JSON.stringify(prints);
    if (!keepMine) {
      const kept = read(key);
      delete kept[note.dataset.target];
      write(key, kept);
      location.reload();
      return;
    }
    note.remove();
    (fields[0] ?? form).dispatchEvent(new Event("input", { bubbles: true }));
  }
  function place() {
    for (const note of document.querySelectorAll("#conflicts [data-conflict]")) {
      const target = note.dataset.target;
      const field = document.getElementById(target) || form.querySelector(`[name="${CSS.escape(target)}"]`);
      note.querySelector("[data-choose]").hidden = false;
      note.querySelector("[data-keep-mine]").addEventListener("click", () => choose(note, true));
      note.querySelector("[data-use-theirs]").addEventListener("click", () => choose(note, false));
      if (!field || field.closest("td")) continue;
      form.querySelectorAll(`.conflict-placed[data-conflict="${CSS.escape(note.dataset.conflict)}"]`).forEach((each) => each.remove());
      note.classList.add("conflict-placed");
      (field.closest(".field") ?? field.parentElement).append(note);
    }
  }
  form.addEventListener("htmx:beforeRequest", () => form.querySelectorAll(".conflict-placed").forEach((each) => each.remove()));
  document.addEventListener("htmx:oobAfterSwap", (event) => { if (event.detail.target?.id === "conflicts") place(); });
  place();
  // Leaving with something that was not saved says so.
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("[data-not-saved]") && Object.keys(read(key)).length) event.preventDefault();
  });
  const again = () => form.dispatchEvent(new Event("change", { bubbles: true }));
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    form.addEventListener(name, () => {
      say("Not saved: no connection. We kept what you typed on this device and will keep trying.");
      clearTimeout(waiting);
      waiting = setTimeout(again, RETRY);
    });
  }
  addEventListener("online", () => { if (waiting) { clearTimeout(waiting); waiting = 0; again(); } });
  form.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 503) {
      say("Not saved yet: we can’t reach our database. What you typed is kept on this device; we try again by ourselves.");
      clearTimeout(waiting);
      waiting = setTimeout(again, RETRY);
      return;
    }
    say(event.detail.xhr.status === 403
      ? "Not saved: your sign-in changed. We kept what you typed on this device. Reload the page."
      : "Not saved. We kept what you typed on this device.");
  });

  if (restored.length) {
    say(`Restored unsaved changes (${restored.length} ${restored.length === 1 ? "answer" : "answers"}).`);
    // htmx listens once the page is there.
    addEventListener("load", () => restored[0].dispatchEvent(new Event("input", { bubbles: true })));
  }
})();
