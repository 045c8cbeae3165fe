"""What a browser would send for a page of the admin, so that a test can change one box and save."""

import html5lib


def form_data(response) -> dict[str, list[str]]:
    """The boxes of the edit form as they stand on the page; files and buttons left out."""
    page = html5lib.parse(response.content, namespaceHTMLElements=False)
    [form] = [
        form for form in page.iter("form") if form.get("id", "").endswith("_form") and form.get("novalidate") == ""
    ]
    data: dict[str, list[str]] = {}
    for box in (box for box in form.iter() if box.tag in ("input", "textarea", "select")):
        name = box.get("name")
        if name and "disabled" not in box.attrib:
            data.setdefault(name, []).extend(_values(box))
    return {name: values for name, values in data.items() if values}


def _values(box) -> list[str]:
    if box.tag == "textarea":
        return [(box.text or "").removeprefix("\n")]
    if box.tag == "select":
        options = list(box.iter("option"))
        chosen = [option.get("value", "") for option in options if "selected" in option.attrib]
        return chosen or ([] if "multiple" in box.attrib else [option.get("value", "") for option in options[:1]])
    if box.get("type") in ("checkbox", "radio"):
        return [box.get("value", "on")] if "checked" in box.attrib else []
    return [] if box.get("type") in ("submit", "button", "file", "image") else [box.get("value", "")]
