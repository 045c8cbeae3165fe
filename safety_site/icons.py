"""Our own drawings: one SVG file each in ``templates/icons/``, inlined so that they cost no request."""

from functools import cache
from pathlib import Path
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe

BASE = Path(__file__).resolve().parent.parent
ICONS = BASE / "templates" / "icons"
TAB_ICON = BASE / "static" / "img" / "icon.svg"


@cache
def tab_icon_address() -> str:
    """The picture of the browser's tab as a data: address, so that a first visit costs no request for it."""
    return "data:image/svg+xml," + quote(TAB_ICON.read_text(encoding="utf-8").strip(), safe=" /:='")


@cache
def icon_svg(name: str, css_class: str) -> SafeString:
    """The drawing ``name`` as an element. Raises FileNotFoundError for a name that is not drawn."""
    drawing = (ICONS / f"{name}.svg").read_text(encoding="utf-8").strip()
    return mark_safe(  # noqa: S308 - our own files
        drawing.replace("<svg ", f'<svg class="{css_class}" aria-hidden="true" focusable="false" ', 1)
    )
