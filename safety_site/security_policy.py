"""The content security policy of each kind of page. Strict: nothing inline but what a hash names."""

import base64
import hashlib

from safety_site.quick_exit import EXIT_GUARD


def source_hash(inline: str) -> str:
    """The source expression that allows exactly this inline script or style."""
    digest = hashlib.sha256(inline.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def public_policy() -> dict[str, list[str]]:
    """Public pages: own files only, and the exit guard by its hash (a nonce would not survive a kept page)."""
    return {
        "default-src": ["'none'"],
        "script-src": ["'self'", source_hash(EXIT_GUARD)],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # data: for the picture of the tab
        "media-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


def admin_policy(script_hashes: list[str], style_hashes: list[str]) -> dict[str, list[str]]:
    """The editors' pages: Django's admin asks its own server, and its icons are a font of its own."""
    return {
        **public_policy(),
        "script-src": ["'self'", *script_hashes],
        "style-src": ["'self'", *style_hashes],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
    }
