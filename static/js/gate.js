// A finding leads to its field: open the part that holds it, and put the cursor there.
// Without this script the browser jumps to the field, where that is one of its own.
"use strict";

(function () {
  function place(id) {
    const field = document.getElementById(id);
    if (field) return field;
    // A row of a part that is not on this page: its group is.
    return document.getElementById(id.replace(/^id_/, "").replace(/-\d+-.*$/, "-group"));
  }

  function show(id) {
    const field = place(id);
    if (!field) return false;
    for (let above = field.parentElement; above; above = above.parentElement) {
      if (above.tagName === "DETAILS") above.open = true;
    }
    const row = field.closest(".form-row") || field;
    row.scrollIntoView({ block: "center" });
    // The rich text editor hides the field that it stands for.
    const editor = row.querySelector('[contenteditable="true"]');
    const target = editor || field;
    if (!target.matches("input, select, textarea, button, a, [contenteditable]")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    return true;
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[data-field]");
    if (link && show(link.dataset.field)) event.preventDefault();
  });
})();
