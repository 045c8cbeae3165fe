"""Pages that the server in front of the site shows by itself: it refused a request, or no process of the site answers.

They are written as files, with the headers that every page of the site has, for ``deploy/nginx/site.conf`` and
``deploy/varnish/site.vcl``.
"""

import os
from pathlib import Path

from csp.utils import build_policy
from django.conf import settings
from django.template.loader import render_to_string

from safety_site import quick_exit

# Films that editors upload may fill the screen; nothing else of this is used by any page.
PERMISSIONS_POLICY = "fullscreen=(self), " + ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
        "publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip
# Pages by the names of their files, with their templates: they read no database and need no request. The last stands
# in for any page.
PAGES = {"400": "400.html", "413": "413.html", "414": "414.html", "429": "429.html", "503": "front_503.html"}
HEADERS = "headers.conf"
VCL = "front.vcl"


def security_headers() -> dict[str, str]:
    """What the site says with each of its own pages."""
    headers = {
        "Content-Security-Policy": build_policy(),
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
    return headers


def page(name: str) -> str:
    return render_to_string(PAGES[name], {**quick_exit.context(None), "seconds": 10})


def headers_file() -> str:
    """The headers in the words of nginx, which would read a dollar sign as the name of a variable; none has one."""
    return "".join(f"add_header {name} {_quoted(value)} always;\n" for name, value in security_headers().items())


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def vcl_file() -> str:
    """Pages and headers in the words of Varnish: a file that it includes is read anew with each configuration.

    (What ``std.fileread`` read once stays until Varnish is started anew.)
    """
    headers = {**security_headers(), "Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8"}
    lines = [f"    set resp.http.{name} = {_long(value)};" for name, value in headers.items()]
    return "\n".join([
        "sub front_page {", *lines,
        "    if (resp.status == 413) {", f"        set resp.body = {_long(page('413'))};",
        "    } else if (resp.status == 503) {", '        set resp.http.Retry-After = "60";',
        f"        set resp.body = {_long(page('503'))};",
        "    } else {", f"        set resp.body = {_long(page('400'))};", "    }", "}", "",
    ])  # fmt: skip


def _long(value: str) -> str:
    """A string of VCL that may hold quotes; where it would end too soon it is two."""
    return '{"' + value.replace('"}', '""} + {"}') + '"}'


def write(folder: Path) -> list[str]:
    """Write all of it into a folder, each file in one step. Returns the names. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {**{f"{name}.html": page(name) for name in PAGES}, HEADERS: headers_file(), VCL: vcl_file()}
    for name, words in files.items():
        beside = folder / f".{name}.new"
        beside.write_text(words, "utf-8")
        os.replace(beside, folder / name)
    return list(files)
