// Quick exit: everything that must work before the page paints, and still works if no other script loads.
// Inlined into every page by quick_exit.py, which drops these comment lines. Old syntax on purpose: a page
// that an old browser cannot read to the end would have no way out but the plain link.
(function (root, script) {
var neutral = script.getAttribute("data-to");
var aim = neutral, gone = false, thrown = false, left = false, top = 0, timer, channel;

// The flag says that this tab has left: "1", or the address of our own page when somebody tries the exit.
// It must outlive the landing: a page of ours further back in the tab, beyond another site, still asks for it.
// Where storage is forbidden or full, the name of the window carries it to the end of the sweep; the browser
// clears that name when another site opens. A kept page would not see it: without a channel, to have kept
// pages thrown away (see exit), there is no sweep then.
function flag(value) {
try {
if (value) sessionStorage.setItem("_", value);
if (value === "") sessionStorage.removeItem("_");
value = sessionStorage.getItem("_");
if (value) return value;
} catch (e) {
if (value && thrown) window.name = "_" + value;
}
return window.name[0] === "_" && window.name.slice(1);
}

function hide() { root.style.setProperty("display", "none", "important"); }

// Blank in the same frame. The title is a zero-width space: for an empty one, browsers show the address.
function blank() {
gone = true;
hide();
document.title = "\u200b";
document.querySelectorAll("audio,video").forEach(function (media) { media.pause(); });
}

function leave() {
if (left) return;
left = true;
clearTimeout(timer);
location.replace(aim);
}

// Empty the tab's history of this site. Entries are only the site's own neighbours; those whose page ran
// this guard carry a state (an editors' page or a file does not, and would show itself if we went there).
function sweep() {
timer = setTimeout(leave, 1000);
try {
var entries = navigation.entries(), first = 0;
if (!flag() || entries.length < 2 || navigator.onLine === false) return leave();
while (!entries[first].getState()) first++;
if (navigation.currentEntry.index === first) cut();
else if (entries[first].sameDocument) go(entries[first]);
else ask(function () { go(entries[first]); });
} catch (e) { leave(); }
}

// No kept page is left (see exit), so that entry's page must come from our server. If that does not answer,
// go straight out: the browser's own page for a server that is down has no way on.
function ask(answered) {
var image = new Image();
image.onload = function () { if (!left) answered(); };
image.onerror = leave;
image.src = script.getAttribute("data-ask") + "?" + Date.now();
}

// Settled here only if that entry is this very document (a link within the page); else its own guard goes on.
function go(entry) {
var journey = navigation.traverseTo(entry.key);
journey.committed.then(cut, leave);
journey.finished.catch(leave);
}

// On the first entry: an entry pushed here drops all later ones; then back from it, and out.
function cut() {
try {
var here = navigation.currentEntry.index;
addEventListener("popstate", leave);
history.pushState(null, "", "/exit/");
if (navigation.currentEntry.index > here) history.back(); else leave();
} catch (e) { leave(); }
}

// The journey begins once the blank page is on the screen: begun sooner, the browser may hold the last picture
// of the page until the next one comes. A tab in the background paints nothing, so there is nothing to wait for.
function afterPaint(begin) {
if (document.hidden) return begin();
var late = setTimeout(once, 100);
function once() {
clearTimeout(late);
if (begin) begin();
begin = null;
}
requestAnimationFrame(function () { setTimeout(once); });
}

// The other tabs of the site are told, and leave by themselves; not when somebody only tries the exit. Either
// message also makes the browser throw away every page of ours that it keeps: one that came back would show
// its last picture, painted before it was hidden, until it paints the next.
function exit(address, told) {
if (gone) return;
try { blank(); } catch (e) {}
aim = address || neutral;
try {
channel.postMessage(told || aim !== neutral ? 0 : 1);
thrown = true;
} catch (e) {}
afterPaint(function () {
flag(aim === neutral ? "1" : aim);
sweep();
});
}

function resume() {
try { blank(); } catch (e) {}
left = false;
if (flag() && flag() !== "1") aim = flag();
sweep();
}

// A modifier or the middle button would open a second tab and leave this one; Space does not press a link.
// On the blank page, Escape must not stop the journey.
function press(event) {
if (gone) return event.key === "Escape" && event.preventDefault();
var link = event.target.closest && event.target.closest("#quick-exit,.exit-skip,.exit-try");
if (!link || event.button > 1 || (event.type === "keydown" && event.key !== " ")) return;
event.preventDefault();
exit(link.getAttribute("href"));
}

// A page goes into the browser's cache hidden, so that it cannot flash when it comes out after an exit. For
// everybody else it comes out as it was: hiding loses the place on the page, so that is put back.
addEventListener("pagehide", function () {
top = window.pageYOffset;
hide();
if (!gone) flag("");
});
addEventListener("pageshow", function (event) {
if (!event.persisted) return;
if (gone || flag()) return resume();
root.style.removeProperty("display");
try { scrollTo({ top: top, behavior: "instant" }); } catch (e) {}
});
["click", "auxclick", "keydown"].forEach(function (type) { addEventListener(type, press, true); });
window.quickExit = exit;

// Reached by Back, Forward or Reload after an exit: leave again. Any other way is a fresh visit.
var visit = performance.getEntriesByType("navigation")[0] || performance.navigation;
try { navigation.updateCurrentEntry({ state: 1 }); } catch (e) {}
if (flag() && /^(back|rel|1|2)/.test(visit.type)) return resume();
flag("");
if (window.name[0] === "_") window.name = "";
try {
channel = new BroadcastChannel("_");
channel.onmessage = function (event) { if (event.data) exit(neutral, true); };
} catch (e) {}
})(document.documentElement, document.currentScript);
