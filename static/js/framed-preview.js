// A preview in one of the three frames of the editors' page of widths. The guard of a readers' page knows its own
// frame only; here the way out must take the whole window, and leave no trace of the page around it.
"use strict";

function leaveWhole(event) {
  const link = event && event.target.closest("#quick-exit, .exit-skip");
  if (event && !link) return;
  if (event) event.preventDefault();
  window.top.document.documentElement.style.setProperty("display", "none", "important");
  try { new BroadcastChannel("_").postMessage(1); } catch (e) { /* the other tabs stay */ }
  window.top.location.replace(document.getElementById("quick-exit").href);
}

addEventListener("click", leaveWhole, true);
window.quickExit = () => leaveWhole();
// A link to a place on the same page stays in its frame; every other one opens in the window (base target).
document.querySelectorAll('a[href^="#"]').forEach((link) => { link.target = "_self"; });
