"""The form of an admin page as a browser would send it, so that tests save what a page really showed."""

import html5lib
from django.utils.datastructures import MultiValueDict

BUTTONS = {"submit", "button", "reset", "image", "file"}


def sent_by_page(response, form_id: str) -> MultiValueDict:
    """The fields of one form of a page that nobody touched. Parts to be added ("__prefix__") are left out."""
    content = response.content.decode()
    page = html5lib.parse(content, namespaceHTMLElements=False)
    [form] = [form for form in page.iter("form") if form.get("id") == form_id]
    sent = MultiValueDict()
    for element in form.iter():
        name = element.get("name")
        if not name or "__prefix__" in name or element.get("disabled") is not None:
            continue
        if element.tag == "input" and element.get("type") not in BUTTONS:
            if element.get("type") not in ("checkbox", "radio") or element.get("checked") is not None:
                sent.appendlist(name, element.get("value", "on" if element.get("type") == "checkbox" else ""))
        elif element.tag == "textarea":
            # A browser drops the first line end, and sends each as two characters.
            sent.appendlist(name, (element.text or "").replace("\n", "\r\n"))
        elif element.tag == "select":
            for option in element.iter("option"):
                if option.get("selected") is not None:
                    sent.appendlist(name, option.get("value", option.text or ""))
    return sent
