"""Headers and rules for whoever sends the files of a mirror; the pages work without any of them, but less safely.

``_headers`` and ``_redirects`` lie among the files, where hosts for plain files (those that know these two names) look
for them. ``nginx.conf`` lies beside the mirror, to be included in a server of nginx.
"""

from pathlib import Path

from django.conf import settings

from safety_site.middleware import PERMISSIONS_POLICY
from safety_site.mirror.marks import copy_policy
from safety_site.uploads import KINDS

HEADERS, REDIRECTS = "_headers", "_redirects"
RULES = frozenset({HEADERS, REDIRECTS})
OF_ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": PERMISSIONS_POLICY,
}
NEVER_KEPT = "no-store"
KEPT_FOR_EVER = "max-age=315360000, public, immutable"
CLEARS = '"cookies", "storage"'
OF_UPLOADS = "default-src 'none'; sandbox"


def page_policy() -> str:
    return f"{copy_policy()}; frame-ancestors 'none'"


def headers_file() -> str:
    """``_headers``: rules by path; a later one may add, so what differs stands with each path alone."""
    of_all = "".join(f"  {name}: {value}\n" for name, value in OF_ALL.items())
    pages = f"  Cache-Control: {NEVER_KEPT}\n  Content-Security-Policy: {page_policy()}\n"
    return (
        f"/*\n{of_all}{pages}"
        f"/static/*\n  ! Cache-Control\n  Cache-Control: {KEPT_FOR_EVER}\n"
        f"/media/*\n  ! Content-Security-Policy\n  Content-Security-Policy: {OF_UPLOADS}\n  X-Robots-Tag: noindex\n"
        f"/exit/*\n  Clear-Site-Data: {CLEARS}\n  X-Robots-Tag: noindex, nofollow\n"
    )


def redirects_file() -> str:
    """``_redirects``: the exit in one hop, as the site does it."""
    return f"/exit/ {settings.QUICK_EXIT_URL} 302\n"


def nginx_conf(current: Path) -> str:
    """Rules for the ``server { … }`` of nginx that sends the mirror in ``current``."""
    downloads = "|".join(suffix.lstrip(".") for suffix, kind in KINDS.items() if kind.is_download)

    def add(**more: str) -> str:
        """Every header at every place: nginx drops those of the place above as soon as one is added."""
        hsts = {"Strict-Transport-Security": f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"}
        headers = {**OF_ALL, **(hsts if settings.HTTPS_ONLY else {}), **more}
        return "".join(f"  add_header {name} {_quoted(value)} always;\n" for name, value in headers.items())

    page = {"Cache-Control": NEVER_KEPT, "Content-Security-Policy": page_policy()}
    upload = {**page, "Content-Security-Policy": OF_UPLOADS, "X-Robots-Tag": "noindex"}
    clears = {**page, "Clear-Site-Data": CLEARS, "X-Robots-Tag": "noindex, nofollow"}
    return f"""\
# A mirror of the site, written by manage.py export_mirror. Include it in a server {{ … }} that has no database and no
# application behind it, with listen, server_name and certificates of your own.
root {current};
index index.html;
error_page 403 404 405 500 502 503 504 /404.html;
access_log off;
error_log /dev/null emerg;
charset utf-8;
etag on;
gzip on;
gzip_comp_level 6;
gzip_static on;
gzip_vary on;
gzip_min_length 500;
gzip_types text/css text/csv text/plain text/vcard application/javascript text/javascript application/xml text/xml;
# The name of the site stays the visitor's own: no address of this server in a redirect.
absolute_redirect off;

location / {{
{add(**page)}}}
location = /exit/ {{
{add(**clears)}  return 303 {settings.QUICK_EXIT_URL};
}}
location = /exit {{
{add(**clears)}  return 303 {settings.QUICK_EXIT_URL};
}}
location /static/ {{
{add(**{**page, "Cache-Control": KEPT_FOR_EVER})}}}
location /media/ {{
  types {{ audio/mpeg mp3; video/mp4 mp4; application/pdf pdf; text/vtt vtt; text/plain txt; }}
{add(**upload)}}}
location ~ ^/media/.*\\.({downloads})$ {{
  types {{ application/pdf pdf; text/plain txt; }}
{add(**upload, **{"Content-Disposition": "attachment"})}}}
location ~ \\.(csv|vcf)$ {{
  types {{ text/csv csv; text/vcard vcf; }}
{add(**page, **{"Content-Disposition": "attachment"})}}}
"""


def _quoted(value: str) -> str:
    """A value for nginx, which would read a dollar sign as the name of a variable; none of ours has one."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
