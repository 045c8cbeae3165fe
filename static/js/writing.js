// The edit screen: parts in order, counters, faults, the rich text editor by keyboard, pastes that come out clean.
// Without this script there is a box for the place of each part, and everything can still be written and saved.
"use strict";
{
  const say = document.createElement("div");
  say.className = "visually-hidden";
  say.setAttribute("role", "status");
  let pause;
  const announce = (words, wait = 0) => {
    clearTimeout(pause);
    pause = setTimeout(() => { say.textContent = words; }, wait);
  };
  const make = (tag, attributes = {}, words = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = words;
    return element;
  };

  // --- Parts in order ---------------------------------------------------------------------------------------

  const rowsOf = (group) => [...group.querySelectorAll(".inline-related:not(.empty-form)")];
  const placeOf = (row) => row.querySelector('input[name$="-position"]');
  const indexOf = (row) => Number(row.id.slice(row.id.lastIndexOf("-") + 1));
  const titleOf = (row) => row.querySelector(".part-title").textContent.trim();
  const groupOf = (element) => element.closest(".edition-parts");

  // A new part is called by the first words typed in it, else by a number that it keeps wherever it is moved.
  const called = (box) => ("long" in box.dataset ? plain(box.value) : box.value).replace(/\s+/g, " ").trim();
  const nameNew = (row) => {
    const group = groupOf(row);
    if (!row.dataset.called) {
      group.dataset.made = Number(group.dataset.made || 0) + 1;
      row.dataset.called = `New ${group.dataset.name} ${group.dataset.made}`;
    }
    const box = row.querySelector(".part-body :is(input[type=text], input[type=tel], textarea):not([name$='-position'])");
    const name = () => {
      const words = box ? called(box) : "";
      const title = words.length > 60 ? `${words.slice(0, 59).trimEnd()}…` : words || row.dataset.called;
      row.querySelector(".part-title").textContent = title;
      row.querySelectorAll(".part-tools .visually-hidden").forEach((hidden) => { hidden.textContent = `: ${title}`; });
    };
    if (box && !box.dataset.names) {
      box.dataset.names = "yes";
      box.addEventListener("input", name);
      box.addEventListener("change", name);
    }
    name();
  };

  const tellCount = (group) => {
    const staying = rowsOf(group).filter((row) => !row.querySelector(".part-head .delete input:checked")).length;
    const jump = document.querySelector(`.edition-jumps a[href="#${group.id}"] .jump-count`);
    group.querySelector(".part-count").textContent = `(${staying})`;
    if (jump) jump.textContent = staying ? `(${staying})` : "";
  };

  const number = (group) => {
    const rows = rowsOf(group);
    rows.forEach((row, index) => {
      const box = placeOf(row);
      if (box && box.value !== String(index + 1)) {
        box.value = index + 1;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }
      row.querySelector(".move-up")?.toggleAttribute("disabled", index === 0);
      row.querySelector(".move-down")?.toggleAttribute("disabled", index === rows.length - 1);
    });
    tellCount(group);
  };

  const move = (row, step) => {
    const group = groupOf(row);
    const rows = rowsOf(group);
    const neighbour = rows[rows.indexOf(row) + step];
    if (!neighbour) return;
    const button = document.activeElement;
    if (step < 0) neighbour.before(row); else neighbour.after(row);
    number(group);
    const place = rowsOf(group).indexOf(row) + 1;
    // A button at the end of its way cannot keep the focus.
    const other = row.querySelector(step < 0 ? ".move-down" : ".move-up");
    (button.disabled ? other : button).focus();
    row.scrollIntoView({ block: "nearest" });
    announce(`${titleOf(row)} is now ${place} of ${rows.length}.`, 100);
  };

  const fold = (row, folded) => {
    const button = row.querySelector(".fold");
    if (!button) return;
    row.querySelector(".part-body").hidden = folded;
    button.setAttribute("aria-expanded", String(!folded));
    button.firstChild.textContent = folded ? "Open" : "Fold";
  };

  const drag = (handle, row) => {
    const group = groupOf(row);
    let scroll = 0;
    let startedAt = 0;
    const follow = (event) => {
      for (const other of rowsOf(group)) {
        if (other === row) continue;
        const box = other.getBoundingClientRect();
        if (event.clientY < box.top || event.clientY > box.bottom) continue;
        const isBefore = row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING;
        if (isBefore && event.clientY < box.top + box.height / 2) other.before(row);
        if (!isBefore && event.clientY > box.top + box.height / 2) other.after(row);
        break;
      }
      // At an edge of the window the page follows, but not for who began there.
      const isUp = event.clientY < 60 && event.clientY < startedAt;
      scroll = isUp ? -12 : event.clientY > innerHeight - 60 && event.clientY > startedAt ? 12 : 0;
    };
    handle.addEventListener("pointerdown", (start) => {
      if (start.button) return;
      start.preventDefault();
      startedAt = start.clientY;
      const from = rowsOf(group).indexOf(row);
      row.classList.add("is-dragged");
      const timer = setInterval(() => scroll && scrollBy(0, scroll), 16);
      const end = () => {
        clearInterval(timer);
        scroll = 0;
        row.classList.remove("is-dragged");
        removeEventListener("pointermove", follow);
        removeEventListener("pointerup", end);
        removeEventListener("pointercancel", end);
        number(group);
        const to = rowsOf(group).indexOf(row);
        if (to !== from) announce(`${titleOf(row)} is now ${to + 1} of ${rowsOf(group).length}.`);
      };
      // On the window: a row that moves in the document loses a captured pointer.
      addEventListener("pointermove", follow);
      addEventListener("pointerup", end);
      addEventListener("pointercancel", end);
    });
  };

  const prepareRow = (row) => {
    const group = groupOf(row);
    row.querySelectorAll(".part-tools").forEach((old) => old.remove()); // a copy of the empty row has none
    if (!row.classList.contains("has_original")) nameNew(row);
    const tools = make("span", { class: "part-tools" });
    const title = titleOf(row);
    const button = (name, words, act) => {
      const made = make("button", { type: "button", class: `part-button ${name}` }, words);
      made.append(make("span", { class: "visually-hidden" }, `: ${title}`));
      made.addEventListener("click", act);
      tools.append(made);
      return made;
    };
    const box = placeOf(row);
    if (box && box.type !== "hidden") {
      box.closest(".form-row").classList.add("place-box");
      const handle = make("span", { class: "drag-handle", "aria-hidden": "true", title: "Drag to another place" }, "⠿");
      row.querySelector(".part-head").prepend(handle);
      drag(handle, row);
      button("move-up", "Up", () => move(row, -1));
      button("move-down", "Down", () => move(row, 1));
    }
    if ("folds" in group.dataset) {
      button("fold", "Fold", (event) => fold(row, event.currentTarget.getAttribute("aria-expanded") === "true"));
      fold(row, row.classList.contains("has_original") && !("wrong" in row.dataset));
    }
    row.querySelector(".part-title").after(tools);
    row.querySelector(".part-head .delete input")?.addEventListener("change", () => tellCount(group));
    row.querySelectorAll(".hours").forEach(prepareHours);
  };

  const byPlace = (group) => {
    const rows = rowsOf(group);
    if (!rows.length || !placeOf(rows[0])) return;
    const template = group.querySelector(".empty-form");
    rows.sort((one, other) => placeOf(one).value - placeOf(other).value || indexOf(one) - indexOf(other));
    rows.forEach((row) => (template ? template.before(row) : rows[0].parentNode.append(row)));
  };

  document.addEventListener("formset:added", (event) => {
    const row = event.target;
    if (!row.classList?.contains("inline-related") || !groupOf(row)) return;
    row.querySelectorAll(".drag-handle").forEach((old) => old.remove());
    const box = placeOf(row);
    if (box) box.value = rowsOf(groupOf(row)).length;
    prepareRow(row);
    row.querySelectorAll("[data-most]").forEach(count);
    number(groupOf(row));
    row.querySelector(".part-body :is(input, select, textarea):not([type=hidden], [name$='-position'])")?.focus();
    announce(`Added: ${titleOf(row)}, last of ${rowsOf(groupOf(row)).length}.`, 100);
  });

  // Django gives the rows new numbers after one was removed, in the order in which they stand; those that are
  // saved must keep theirs, so they stand in the order of their numbers while it does.
  document.addEventListener("formset:removed", (event) => {
    const group = document.getElementById(`${event.detail.formsetName}-group`);
    if (!group?.classList.contains("edition-parts")) return;
    const rows = rowsOf(group).sort((one, other) => indexOf(one) - indexOf(other));
    const template = group.querySelector(".empty-form");
    rows.forEach((row) => template.before(row));
    setTimeout(() => {
      byPlace(group);
      number(group);
      group.querySelector(".add-row a")?.focus();
      announce(`Removed. ${rows.length} left.`);
    });
  });

  // --- Opening hours ----------------------------------------------------------------------------------------

  const addLine = (hours, values = {}) => {
    const total = hours.querySelector('input[name$="-TOTAL_FORMS"]');
    const last = [...hours.querySelectorAll(".hours-line")].pop();
    const line = last.cloneNode(true);
    const prefix = hours.querySelector('input[name$="-TOTAL_FORMS"]').name.replace("-TOTAL_FORMS", "");
    line.querySelectorAll(".errorlist").forEach((list) => list.remove());
    for (const element of line.querySelectorAll("[id], [name], [for]")) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        const value = element.getAttribute(name);
        if (value?.includes(prefix)) {
          element.setAttribute(name, value.replace(new RegExp(`(${prefix})-\\d+`), `$1-${total.value}`));
        }
      }
      element.removeAttribute("aria-invalid");
      if (!("value" in element)) continue;
      const field = element.name.slice(element.name.lastIndexOf("-") + 1);
      if (element.type === "checkbox") element.checked = field === "is_sure";
      else if (field !== "phone") element.value = values[field] ?? "";
    }
    last.after(line);
    total.value = Number(total.value) + 1;
    return line;
  };

  function prepareHours(hours) {
    if (hours.querySelector(".hours-tools") || !hours.querySelector(".hours-line")) return;
    const tools = make("div", { class: "hours-tools" });
    const blank = () => [...hours.querySelectorAll(".hours-line")].find(
      (line) => !line.querySelector("select").value && !line.querySelector("input[type=time]").value);
    const one = make("button", { type: "button", class: "part-button" }, "Add a line");
    one.addEventListener("click", () => addLine(hours).querySelector("select").focus());
    const week = make("button", { type: "button", class: "part-button" }, "Add Monday to Friday");
    week.addEventListener("click", () => {
      let first;
      for (const weekday of ["0", "1", "2", "3", "4"]) {
        const line = blank() || addLine(hours);
        line.querySelector("select").value = weekday;
        first ??= line;
      }
      first.querySelector("input[type=time]").focus();
      announce("Five lines, Monday to Friday. Times set in the first are copied to the others while they are empty.", 100);
      first.querySelectorAll("input[type=time]").forEach((box, index) => box.addEventListener("change", () => {
        for (const line of hours.querySelectorAll(".hours-line")) {
          const other = line.querySelectorAll("input[type=time]")[index];
          if (line.querySelector("select").value && !other.value) other.value = box.value;
        }
      }));
    });
    tools.append(one, week);
    hours.append(tools);
  }

  // --- Counters ---------------------------------------------------------------------------------------------

  const reading = new DOMParser();
  const plain = (html) => reading.parseFromString(html.replace(/<\/(p|li|h3|h4|blockquote)>|<br>/g, " "), "text/html").body.textContent;
  const words = (text) => (text.trim() ? text.trim().split(/\s+/).length : 0);
  const several = (count, one) => `${count.toLocaleString("en-GB")} ${one}${count === 1 ? "" : "s"}`;

  function count(box) {
    if (box.id.includes("__prefix__") || box.dataset.counted) return;
    box.dataset.counted = "yes";
    const most = Number(box.dataset.most);
    const long = Number(box.dataset.long);
    const shown = make("span", { class: "counter", "aria-hidden": "true" });
    (box.closest(".prose-editor") || box.closest(".related-widget-wrapper") || box).after(shown);
    const tell = (isTyping) => {
      const length = [...box.value.replace(/\r?\n/g, "\r\n")].length;
      const left = most - length;
      const isOver = left < 0;
      let told = isOver ? `${several(-left, "character")} too many` : `${several(left, "character")} left`;
      let isLong = isOver || (most <= 400 && left < most / 10);
      if (long) {
        const many = words(plain(box.value));
        isLong = many > long;
        told = `${several(many, "word")}${isLong ? `: long for a phone; ${long} or fewer read best` : ""}${isOver ? `, ${told}` : ""}`;
      }
      // A box for as much as anybody writes has no number to watch.
      shown.textContent = long || most < 10000 || left < 1000 ? told : "";
      shown.classList.toggle("is-long", isLong);
      shown.classList.toggle("is-over", isOver);
      if (isTyping && isLong) announce(told, 1000);
    };
    box.addEventListener("input", () => tell(true));
    box.addEventListener("change", () => tell(false));
    tell(false);
  }

  // --- Rich text --------------------------------------------------------------------------------------------

  const NAMES = {
    "heading 3": "Heading", "heading 4": "Smaller heading", "unordered list": "List with dots",
    "ordered list": "Numbered list", blockquote: "Quotation", bold: "Bold", italic: "Italic",
    "insert link": "Link", "remove link": "Remove the link", undo: "Undo", redo: "Redo",
  };

  // Its buttons come a moment after the editor itself.
  document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
    const isWhole = textarea.closest(".prose-editor").querySelector(".prose-menubar");
    if (isWhole) dress(editor, textarea); else editor.on("create", () => dress(editor, textarea));
  });

  function dress(editor, textarea) {
    const area = editor.view.dom;
    const frame = textarea.closest(".prose-editor");
    const label = document.querySelector(`label[for="${textarea.id}"]`);
    area.setAttribute("role", "textbox");
    area.setAttribute("aria-multiline", "true");
    if (label) {
      label.id ||= `${textarea.id}_label`;
      area.setAttribute("aria-labelledby", label.id);
      label.addEventListener("click", (event) => { event.preventDefault(); editor.commands.focus(); });
    }
    const described = [`${textarea.id}_error`, `${textarea.id}_helptext`].filter((id) => document.getElementById(id));
    if (described.length) area.setAttribute("aria-describedby", described.join(" "));
    if (textarea.getAttribute("aria-invalid")) area.setAttribute("aria-invalid", "true");

    const bar = frame.querySelector(".prose-menubar");
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", `Format${label ? `: ${label.textContent.replace(":", "").trim()}` : ""}`);
    const buttons = [...bar.querySelectorAll("button")];
    const mirror = () => buttons.forEach((button) => {
      const isHidden = button.classList.contains("hidden");
      button.hidden = isHidden;
      button.setAttribute("aria-disabled", String(button.classList.contains("disabled")));
      if (!/undo|redo|link/i.test(button.dataset.name || "")) {
        button.setAttribute("aria-pressed", String(button.classList.contains("active")));
      }
    });
    for (const button of buttons) {
      const name = NAMES[button.getAttribute("aria-label")];
      if (name) {
        button.setAttribute("aria-label", name);
        button.title = name;
      }
    }
    editor.on("transaction", mirror);
    mirror();
    // One stop for Tab, arrows inside, as toolbars have it.
    buttons.forEach((button, index) => { button.tabIndex = index ? -1 : 0; });
    bar.addEventListener("keydown", (event) => {
      const seen = buttons.filter((button) => !button.hidden);
      const at = seen.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: seen.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      const next = seen[(to + seen.length) % seen.length];
      buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
      next.focus();
    });
    // Tab always leads on: the editor would nest a list with it, and hold whoever has no mouse.
    frame.addEventListener("keydown", (event) => {
      if (event.key === "Tab" && area.contains(event.target)) event.stopPropagation();
    }, true);
    editor.view.setProps({ transformPastedHTML: tidy });
  }

  // --- Pastes -----------------------------------------------------------------------------------------------

  // What a word processor or a web page puts on the clipboard, as paragraphs, lists and links. The editor drops
  // what it does not know, and the server cleans once more; this keeps the sense: lists of Word are paragraphs
  // with a dot in them, Google Docs puts everything in one bold element, tables would run together.
  function tidy(html) {
    const fragment = /<!--StartFragment-->([\s\S]*?)<!--EndFragment-->/.exec(html);
    const source = (fragment ? fragment[1] : html)
      .replace(/<!--\[if !supportLists\]-->([\s\S]*?)<!--\[endif\]-->/gi, "<i data-mark>$1</i>")
      .replace(/<!\[if !supportLists\]>([\s\S]*?)<!\[endif\]>/gi, "<i data-mark>$1</i>")
      .replace(/<!--[\s\S]*?-->|<!\[[^>]*>|<\?xml[^>]*>/g, "")
      .replace(/<(script|style|head|xml|title|svg|math|template|noscript)\b[\s\S]*?<\/\1\s*>/gi, "")
      .replace(/<(meta|link|base)\b[^>]*>/gi, "")
      // A style attribute would be reported by the security policy even in a document that is never shown.
      .replace(/(<[a-z][^>]*?)\sstyle\s*=/gi, "$1 data-style=");
    const body = reading.parseFromString(source, "text/html").body;
    const styleOf = (element) => (element.dataset.style || "").toLowerCase().replace(/\s+/g, "");
    const unwrap = (element) => element.replaceWith(...element.childNodes);
    const rename = (element, tag) => {
      const other = body.ownerDocument.createElement(tag);
      other.append(...element.childNodes);
      element.replaceWith(other);
      return other;
    };
    body.querySelectorAll("img, picture, video, audio, iframe, object, embed, form, button, input, select, textarea, hr").forEach(
      (element) => (element.matches("form, button") ? unwrap(element) : element.remove()));
    body.querySelectorAll("h1, h2").forEach((heading) => rename(heading, "h3"));
    body.querySelectorAll("h5, h6").forEach((heading) => rename(heading, "h4"));

    // Lists of Word: runs of paragraphs, each with its mark.
    let list = null;
    for (const item of body.querySelectorAll("p")) {
      const style = styleOf(item);
      const mark = item.querySelector("[data-mark], [data-style*='mso-list']");
      if (!/mso-list:l\d|mso-list:[^;]*level/.test(style) && !(mark && /^MsoList/.test(item.className))) {
        list = null;
        continue;
      }
      const tag = /^\s*(\d+|[a-z]|[ivx]+)[.)]/i.test(mark?.textContent || "") ? "ol" : "ul";
      mark?.remove();
      if (!list || list.localName !== tag || item.previousElementSibling !== list) {
        list = body.ownerDocument.createElement(tag);
        item.before(list);
      }
      const point = body.ownerDocument.createElement("li");
      point.append(rename(item, "p"));
      list.append(point);
    }
    // Tables: a paragraph for each row.
    body.querySelectorAll("tr").forEach((row) => {
      const line = body.ownerDocument.createElement("p");
      [...row.cells].filter((cell) => cell.textContent.trim()).forEach((cell, index) => {
        cell.querySelectorAll("p, div, li, ul, ol, h3, h4").forEach(unwrap);
        if (index) line.append(" – ");
        line.append(...cell.childNodes);
      });
      row.replaceWith(line);
    });
    body.querySelectorAll("table, tbody, thead, tfoot, caption, colgroup, col").forEach(unwrap);

    body.querySelectorAll("b, i, em, strong, span, font").forEach((element) => {
      const style = styleOf(element);
      const bold = /(^|;)font-weight:(bold|[6-9]00)/.test(style);
      const italic = /(^|;)font-style:italic/.test(style);
      const isUndone = /(^|;)(font-weight:(normal|[1-4]00)|font-style:normal)/.test(style);
      if (element.matches("b, strong, i, em") && !isUndone) return;
      if (bold || italic) rename(element, bold ? "strong" : "em"); else unwrap(element);
    });
    body.querySelectorAll("*").forEach((element) => {
      if (element.localName.includes(":")) { unwrap(element); return; }
      const href = element.localName === "a" ? element.getAttribute("href") : null;
      [...element.attributes].forEach((attribute) => element.removeAttribute(attribute.name));
      if (element.localName !== "a") return;
      if (href && /^(https:\/\/|tel:|mailto:|\/(?!\/))/i.test(href)) element.setAttribute("href", href);
      else unwrap(element);
    });
    body.querySelectorAll("p").forEach((line) => { if (!line.textContent.trim()) line.remove(); });
    return body.innerHTML.replace(/\u00a0/g, " ").replace(/&nbsp;/g, " ");
  }

  // --- Faults and the list of parts --------------------------------------------------------------------------

  const open = (target) => {
    for (let up = target; up; up = up.parentElement) {
      if (up.localName === "details") up.open = true;
      if (up.classList.contains("inline-related")) fold(up, false);
    }
    target.querySelector?.(":scope > fieldset > details")?.setAttribute("open", "");
    if (target.classList.contains("fieldset-heading")) target.closest("details")?.setAttribute("open", "");
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".edition-faults a, .edition-jumps a");
    const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    open(target);
    const box = target.closest(".prose-editor")?.querySelector(".ProseMirror") || target;
    if (!box.matches("input, select, textarea, [contenteditable], [tabindex]")) box.tabIndex = -1;
    event.preventDefault();
    box.scrollIntoView({ block: "start" });
    box.focus({ preventScroll: true });
  });

  // The rows that Django's own links add and take away answer to the space bar too, as buttons do.
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.("a[role=button]")) {
      event.preventDefault();
      event.target.click();
    }
  });

  // Django makes its lists to choose from when the page has loaded, with a name on what may have none.
  addEventListener("load", () => setTimeout(() => {
    document.querySelectorAll(".search-label-icon[aria-label]").forEach((icon) => icon.setAttribute("role", "img"));
  }));

  addEventListener("DOMContentLoaded", () => {
    document.body.append(say);
    document.querySelectorAll(".edition-parts").forEach((group) => {
      // The rows come in order, but not those of a form that was sent back.
      byPlace(group);
      rowsOf(group).forEach(prepareRow);
      if (rowsOf(group).some((row) => row.querySelector(".move-up"))) {
        rowsOf(group).forEach((row, index, rows) => {
          row.querySelector(".move-up").disabled = index === 0;
          row.querySelector(".move-down").disabled = index === rows.length - 1;
        });
      }
    });
    document.querySelectorAll("[data-most]").forEach(count);
    document.documentElement.classList.add("can-move");
    document.getElementById("edition-faults")?.focus();
  });
}
