// Questions that are asked only if another one has an answer: hidden while it hasn't. What was typed stays in its field.
// Without this script all of them are shown, each with its condition in words.
(() => {
  const conditions = [...document.querySelectorAll("form [data-only-if]")];
  if (!conditions.length) return;

  function given(name) {
    const fields = [...document.getElementsByName(name)];
    return fields.find((field) => field.checked)?.value ?? "";
  }
  function follow() {
    for (const each of conditions) {
      const question = each.closest(".field");
      if (!question) continue;
      const isMet = given(each.dataset.onlyIf) === each.dataset.onlyIfAnswer;
      question.hidden = !isMet && !question.classList.contains("field-error");
    }
  }
  follow();
  document.addEventListener("change", follow);
  document.addEventListener("htmx:afterSettle", follow);
})();
