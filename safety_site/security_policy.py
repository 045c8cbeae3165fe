"""The content security policy of each kind of page. Strict: nothing inline but what a hash names."""

from safety_site.quick_exit import EXIT_GUARD_HASH


def public_policy() -> dict[str, list[str]]:
    """Public pages: own files only, and the exit guard by its hash (a nonce would not survive a kept page)."""
    return {
        "default-src": ["'none'"],
        "script-src": ["'self'", EXIT_GUARD_HASH],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "media-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


def admin_policy() -> dict[str, list[str]]:
    """The editors' pages: Django's admin draws its icons from data: images and asks its own server."""
    return {
        **public_policy(),
        "script-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
    }
