"""What the sweep looks at on a page, as plain functions that answer with a list of what is wrong."""

from contextlib import contextmanager
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

# Every rule of WCAG 2.0, 2.1 and 2.2, A and AA, and axe’s best practice; one is off in one test, which says why.
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# The rules that look at colours: what another colour scheme can change.
AXE_COLOURS = ("color-contrast", "link-in-text-block")
_axe = Axe()


def axe_faults(page, without: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> list[str]:
    """Each violation that axe finds, with the elements; ``without`` some rules, or with a few ``only``, for a reason
    that the caller gives.

    The script is put into a page once, and only what it found comes back: both cost more than most of its rules.
    """
    options = {**AXE_OPTIONS, "rules": {rule: {"enabled": False} for rule in without}}
    if only:
        options["runOnly"] = list(only)
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe.axe_script)
    violations = page.evaluate(
        """async (options) => (await axe.run(document, options)).violations.map(
          (fault) => [fault.id, fault.nodes.map((node) => node.target)])""",
        options,
    )
    return [f"{rule}: {targets}" for rule, targets in violations]


def sideways_faults(page) -> list[str]:
    """What makes the page wider than the window."""
    return page.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return [];
          return [...document.body.querySelectorAll("*")]
            .filter((element) => element.getBoundingClientRect().right > room + 0.5)
            .map((element) => "wider than the window: " + element.outerHTML.slice(0, 80));
        }"""
    )


def spilled_faults(page) -> list[str]:
    """Text that is cut off by its box, or reaches out of it sideways or downwards."""
    return page.evaluate(
        """() => [...document.body.querySelectorAll("*")].filter((element) => {
            if (element.closest(".visually-hidden, svg") || !element.checkVisibility()) return false;
            if (!element.clientWidth || ![...element.childNodes].some((node) => node.data?.trim())) return false;
            const sideways = element.scrollWidth - element.clientWidth;
            return sideways > 1 || element.scrollHeight - element.clientHeight > 4;
          }).map((element) => "text leaves its box: " + element.outerHTML.slice(0, 80))"""
    )


def exit_faults(page) -> list[str]:
    """What keeps the exit from being pressed: not there, too small, out of sight or covered."""
    return page.evaluate(
        """() => {
          const control = document.getElementById("quick-exit");
          if (!control) return ["no exit"];
          const box = control.getBoundingClientRect();
          const faults = [];
          if (box.width < 44 || box.height < 44) faults.push(`exit is ${box.width} by ${box.height}`);
          if (box.top < 0 || box.left < 0 || box.right > innerWidth || box.bottom > innerHeight)
            faults.push("exit is out of sight");
          const spots = [0.1, 0.5, 0.9].map((part) => [box.left + box.width * part, box.top + box.height / 2]);
          if (!spots.every((spot) => control.contains(document.elementFromPoint(...spot))))
            faults.push("exit is covered");
          return faults;
        }"""
    )


# What a thumb aims at; anything else may be smaller, down to 24 px, and links in a sentence follow its lines.
PRIMARY = (
    "#quick-exit, .button, summary, .age-cards a, .worries a, .tiles a, .card, .app-card, .ages a, .brand, "
    ".masthead nav a, .foot nav a, .big-number a, .find input, .find button, .call-number a, .copy, .letters a, "
    ".index-grid a, .choice, .tell textarea"
)


def target_faults(page) -> list[str]:
    """Links, buttons and boxes too small to hit: 44 px for those of PRIMARY, 24 px for others outside running text.

    A card whose link spreads over all of it counts as the link.
    """
    return page.evaluate(
        """(primary) => {
          const inSentence = (element) => {
            const text = element.closest("p, li, dd, figcaption, blockquote");
            if (!text) return false;
            const around = document.createRange();
            around.selectNodeContents(text);
            const own = element.textContent.trim().length;
            return getComputedStyle(element).display === "inline" && around.toString().trim().length > own;
          };
          const all = "a[href], button, summary, input, textarea, label.choice";
          return [...document.querySelectorAll(all)].flatMap((element) => {
            if (!element.checkVisibility() || element.closest(".skip-links")) return [];
            const card = element.closest(".card, .app-card");
            const spread = card && getComputedStyle(element, "::after").position === "absolute";
            const target = spread ? card : element;
            const box = target.getBoundingClientRect();
            const least = target.matches(primary) ? 44 : inSentence(element) ? 0 : 24;
            if (box.width >= least - 0.01 && box.height >= least - 0.01) return [];
            const size = `${box.width.toFixed(1)} by ${box.height.toFixed(1)}`;
            return [`${size} px, not ${least}: ${element.outerHTML.slice(0, 90)}`];
          });
        }""",
        PRIMARY,
    )


def focus_faults(page) -> list[str]:
    """What is wrong with how the element that has the focus shows: unseen, unmarked or under the exit's bar."""
    return page.evaluate(
        """() => {
          const element = document.activeElement;
          const faults = [];
          const style = getComputedStyle(element);
          if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push("no outline");
          const box = element.getBoundingClientRect();
          const bar = document.querySelector(".exit-bar");
          const barBox = bar.getBoundingClientRect();
          if (box.bottom < 1 || box.top > innerHeight - 1) faults.push("out of sight");
          if (!bar.contains(element)) {
            if (box.top < barBox.bottom && box.bottom > barBox.top) faults.push("under the exit's bar");
            const line = element.getClientRects()[0];
            const found = document.elementFromPoint(line.left + line.width / 2, line.top + line.height / 2);
            if (!found || !(element.contains(found) || found.contains(element))) faults.push("covered");
          }
          return faults.map((fault) => `${fault}: ${element.outerHTML.slice(0, 90)}`);
        }"""
    )


def complaints(page, address: str):
    """Opens an address; what the browser wrote to its console, but for the status of a page that is a refusal."""
    said = []

    def hear(message):
        own_status = message.text.startswith("Failed to load resource") and message.location["url"] == address
        if message.type in ("error", "warning") and not own_status:
            said.append(f"console: {message.text}")

    def fail(error):
        said.append(f"script: {error}")

    page.on("console", hear)
    page.on("pageerror", fail)
    try:
        page.goto(address)
    finally:
        page.remove_listener("console", hear)
        page.remove_listener("pageerror", fail)
    return said


@contextmanager
def wire(page):
    """Everything that goes over the wire meanwhile: a list of addresses, and the bytes with their headers."""
    session = page.context.new_cdp_session(page)
    seen = {"addresses": [], "bytes": 0}

    def asked(event):
        if urlsplit(event["request"]["url"]).scheme != "data":
            seen["addresses"].append(event["request"]["url"])

    def came(event):
        seen["bytes"] += event["encodedDataLength"]

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", came)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    try:
        yield seen
    finally:
        session.detach()


def shift_faults(page) -> list[str]:
    """What moved after it was first painted."""
    return page.evaluate(
        """() => new Promise((resolve) => {
          const shifts = [];
          new PerformanceObserver((list) => list.getEntries().forEach((shift) => shifts.push(`moved ${shift.value}: `
            + shift.sources.map((source) => source.node?.outerHTML?.slice(0, 80)).join()))
          ).observe({type: "layout-shift", buffered: true});
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(shifts), 20)));
        })"""
    )


def kept_faults(page) -> list[str]:
    """What is left on the visitor's device."""
    stores = page.evaluate(
        """async () => ({
          "document.cookie": document.cookie.length, localStorage: localStorage.length,
          sessionStorage: sessionStorage.length, indexedDB: (await indexedDB.databases()).length,
          caches: (await caches.keys()).length,
          workers: (await navigator.serviceWorker.getRegistrations()).length,
        })"""
    )
    stores["cookies"] = len(page.context.cookies())
    return [f"{store} holds {number}" for store, number in stores.items() if number]
