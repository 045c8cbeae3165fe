// The one deferred script of the site: enhancement only. Each part stands alone in a function of its own.
"use strict";

// --- Leaving by keyboard ------------------------------------------------------------------------------
// Shift three times, each press within five seconds of the last, as the GOV.UK component counts it. The
// guard in <head> does the leaving; this part counts, lights and announces.
function shiftThreeTimes() {
  const control = document.getElementById("quick-exit");
  if (!control) return;
  const lights = control.querySelectorAll(".exit-lights > *");
  const status = document.getElementById("exit-status");
  const patience = 5000;
  const said = ["", "Shift pressed. Press it 2 more times to leave this site.",
    "Shift pressed. Press it 1 more time to leave this site."];
  let presses = 0;
  // True from the moment Shift goes down alone until anything else happens: only then is it a press.
  let alone = false;
  let timer;

  function show(count, words) {
    presses = count;
    clearTimeout(timer);
    lights.forEach((light, place) => light.classList.toggle("is-lit", place < count));
    if (status) status.textContent = words;
  }

  function startAgain(words = "") {
    alone = false;
    if (presses) show(0, words);
  }

  function leave() {
    alone = false;
    show(3, "");
    // Without the guard (an extension took it out, say) the plain way is still a way.
    if (window.quickExit) window.quickExit();
    else location.replace(control.href);
    // A fourth and fifth press, made in fear, must not begin a new count.
    window.removeEventListener("keydown", down, true);
    window.removeEventListener("keyup", up, true);
  }

  function down(event) {
    if (event.key !== "Shift" || event.ctrlKey || event.altKey || event.metaKey) startAgain();
    else if (!event.repeat) alone = true;
  }

  function up(event) {
    if (event.key !== "Shift" || !alone) return;
    alone = false;
    if (presses === 2) return leave();
    show(presses + 1, said[presses + 1]);
    timer = setTimeout(startAgain, patience, "Leaving with Shift: too slow, start again.");
  }

  window.addEventListener("keydown", down, true);
  window.addEventListener("keyup", up, true);
  // Shift with a click or a drag is Shift as a modifier; a window that loses the focus hears no keyup.
  window.addEventListener("pointerdown", () => startAgain(), true);
  window.addEventListener("blur", () => startAgain());
  window.addEventListener("pagehide", () => startAgain());
}

// --- Printing -------------------------------------------------------------------------------------------
// The buttons stand hidden in the page: without this script they could do nothing.
function printButtons() {
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
}

// --- Copying a number -----------------------------------------------------------------------------------
// Hidden where the browser cannot copy (without https, say): the number can still be marked by hand.
function copyButtons() {
  if (!navigator.clipboard) return;
  document.querySelectorAll("[data-copy]").forEach((button) => {
    const words = button.textContent;
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = words; }, 2000);
    }));
  });
}

shiftThreeTimes();
printButtons();
copyButtons();
