"""The request by which the store asks Django for a page."""

from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from safety_site.page_store.declared import Target

Environ = dict[str, object]


def environ_for(target: Target) -> Environ:
    """A request for a kept page as the site itself would make it: no header of whoever asked first."""
    site = urlsplit(settings.SITE_URL)
    host = site.netloc
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        host = next((each.lstrip(".") for each in settings.ALLOWED_HOSTS if each != "*"), "localhost")
    environ: Environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": target.path,
        "QUERY_STRING": target.query,
        "SERVER_NAME": split_domain_port(host)[0],
        "SERVER_PORT": "443" if settings.HTTPS_ONLY else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "REMOTE_ADDR": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if settings.HTTPS_ONLY else "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if settings.HTTPS_ONLY and settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = value
    return environ
