// Keeps the words of the form on the server every half minute while somebody writes, and when the page goes out of
// sight. Nothing is ever put into the browser's own storage. Without JavaScript the form works as before.
"use strict";

(() => {
  const EVERY_MS = 30_000;
  const KEEPALIVE_LIMIT = 60_000; // browsers refuse more from a page that is closing
  const MOST_FIELDS = 10_000; // as the settings of the site

  const line = document.querySelector("[data-keep]");
  const form = line?.closest("form");
  if (!form) return;
  const said = line.querySelector("[data-keep-said]");
  const aloud = document.querySelector("[data-keep-aloud]");
  const mostCharacters = Number(line.dataset.mostCharacters);
  let isTouched = false; // since the words were last sent
  let isLeaving = false;
  let lastSent = null;
  let lastAloud = "";
  let running = null;

  // What a save would send. Files are left out; lists with two boxes send what is chosen, as on a save.
  function fields() {
    const sent = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken") sent.append(name, value);
    }
    for (const chosen of form.querySelectorAll("select[multiple][id$='_to']")) {
      sent.delete(chosen.name);
      sent.delete(`${chosen.name}_old`);
      for (const option of chosen.options) sent.append(chosen.name, option.value);
    }
    return sent;
  }

  // Seen each time, spoken only when the news is new: not every half minute.
  function say(words, isWrong, kind) {
    said.textContent = words;
    line.classList.toggle("kept-failed", isWrong);
    if (kind !== lastAloud) aloud.textContent = words;
    lastAloud = kind;
  }

  async function keep(isClosing) {
    if (!isTouched || isLeaving) return;
    const body = fields().toString();
    if (body === lastSent) {
      isTouched = false;
      return;
    }
    if (body.length > mostCharacters) {
      say("Not kept: this form is too long. Save it in smaller pieces.", true, "long");
      return;
    }
    isTouched = false;
    running = new AbortController();
    try {
      const response = await fetch(line.dataset.keep, {
        method: "POST",
        body,
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        keepalive: isClosing && body.length < KEEPALIVE_LIMIT,
        signal: running.signal,
      });
      const answer = await response.json();
      if (response.ok) lastSent = body;
      else isTouched = true;
      const isFine = response.ok && answer.is_signed_in;
      say(answer.said, !isFine, response.ok ? `kept ${answer.is_signed_in}` : `refused ${response.status}`);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      isTouched = true;
      say("Not kept: no connection. It will be tried again in half a minute.", true, "lost");
    }
  }

  // A page that was only looked at is not kept; one that came back with words not saved is, at once.
  addEventListener("load", () => {
    if ("unsaved" in line.dataset) isTouched = true;
    else lastSent ??= fields().toString();
  });

  const touch = () => (isTouched = true);
  for (const kind of ["input", "change", "click", "keyup", "drop"]) form.addEventListener(kind, touch);

  // A form that the site could not take whole stays here, with its words.
  form.addEventListener("submit", (event) => {
    if (isLeaving) {
      event.preventDefault(); // pressed twice: one save is on its way
      return;
    }
    const sent = fields();
    if (sent.toString().length > mostCharacters || sent.size > MOST_FIELDS) {
      event.preventDefault();
      say("Not saved: this form is too long. Take the longest text out, save, then add it in smaller pieces.", true, "long");
      line.scrollIntoView({ block: "center" });
    }
  });
  // Whatever is sent settles what becomes of the words: keeping them once more would bring back what was thrown away.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    isLeaving = true;
    running?.abort();
  });
  // Back from a page that did not come, or from the browser's memory.
  addEventListener("pageshow", () => (isLeaving = false));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep(true));
  addEventListener("pagehide", () => keep(true));
  setInterval(() => keep(false), EVERY_MS);
})();
