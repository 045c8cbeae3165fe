"""Our own drawings: one SVG file each in ``templates/icons/``, inlined so that they cost no request."""

from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe

ICONS = Path(__file__).resolve().parent.parent / "templates" / "icons"


@cache
def icon_svg(name: str, css_class: str) -> SafeString:
    """The drawing ``name`` as an element. Raises FileNotFoundError for a name that is not drawn."""
    drawing = (ICONS / f"{name}.svg").read_text(encoding="utf-8").strip()
    return mark_safe(  # noqa: S308 - our own files
        drawing.replace("<svg ", f'<svg class="{css_class}" aria-hidden="true" focusable="false" ', 1)
    )
