// The steps beside the form work on what was last saved. Whoever has typed since is told to save first.
(() => {
  const form = document.querySelector("#content-main form[id$=_form]");
  const steps = document.querySelector(".edition-steps");
  const note = steps?.querySelector(".unsaved");
  if (!form || !note) return;
  let isChanged = false;
  const changed = (event) => {
    // Scripts of the page fill in fields while it opens; those events are not an editor's.
    if (event.isTrusted) isChanged = true;
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  const hold = (event) => {
    if (!isChanged) return;
    event.preventDefault();
    note.textContent = note.dataset.words;
    form.querySelector("[name=_continue], [name=_save]")?.focus();
  };
  steps.addEventListener("submit", hold);
  steps.addEventListener("click", (event) => event.target.closest("a.button, a.deletelink") && hold(event));
})();
