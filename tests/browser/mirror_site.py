"""A mirror of the site that ``real_site.py`` prepares, served as files: by nginx, and by a server that knows nothing.

It is exported once for all workers, by the command. Nothing of the site runs while it is read: no application, no
database.
"""

import fcntl
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser.real_site import NEUTRAL, ROOT, _environment, _free_port

# What every nginx has in a file of its own, wherever that is; the mirror's rules are included after it.
NGINX = """\
daemon off; master_process off; pid {place}/pid; error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  types {{ text/html html; text/css css; application/javascript js; image/svg+xml svg; text/plain txt;
           application/xml xml; }}
  client_body_temp_path {place}/a; proxy_temp_path {place}/b; fastcgi_temp_path {place}/c;
  uwsgi_temp_path {place}/d; scgi_temp_path {place}/e;
  # As where a machine writes down what goes wrong: the mirror's rules must keep visitors out of it.
  error_log {place}/errors info;
  server {{ listen 127.0.0.1:{port}; include {mirror}/nginx.conf; }}
}}
"""


def mirror_environment(prepared: Path) -> dict[str, str]:
    return _environment(prepared, prepared / "db.sqlite3", port=0)


def export_command(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", "export_mirror", *arguments]


@pytest.fixture(scope="session")
def mirror_folder(prepared) -> Path:
    """The folder of the mirror."""
    folder = prepared / "mirror"
    with (prepared / "mirror.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "current").exists():
            done = subprocess.run(
                export_command(str(folder)),
                cwd=ROOT,
                env=mirror_environment(prepared),
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def mirror_by_nginx(mirror_folder, tmp_path_factory) -> Iterator[str]:
    """The address of the mirror as nginx sends it, by the rules that lie beside it."""
    place, port = tmp_path_factory.mktemp("nginx"), _free_port()
    configuration = place / "nginx.conf"
    configuration.write_text(NGINX.format(place=place, port=port, mirror=mirror_folder))
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert program, "These tests need nginx (Debian: apt-get install nginx-light)."
    server = subprocess.Popen([program, "-p", str(place), "-c", str(configuration)])
    try:
        address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 10
        while True:
            assert server.poll() is None, "nginx stopped before it answered"
            assert time.monotonic() < deadline, "nginx does not answer"
            with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(f"{address}/robots.txt"):
                break
            time.sleep(0.02)
        yield address
    finally:
        server.terminate()
        server.wait(10)
    assert "client:" not in (place / "errors").read_text()


class PlainFiles(SimpleHTTPRequestHandler):
    """Files and nothing else: no header of ours, nothing compressed. The neutral site of a test stands for the real."""

    protocol_version = "HTTP/1.1"
    exit_to = NEUTRAL

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir() and not self.path.partition("?")[0].endswith("/"):
            return super().do_GET()  # leads on to the address with a slash
        path = path / "index.html" if path.is_dir() else path
        missing = not path.is_file()
        body = (Path(self.directory) / "404.html" if missing else path).read_bytes()
        if missing or path.suffix == ".html":
            body = body.replace(NEUTRAL.encode(), self.exit_to.encode())
        self.send_response(404 if missing else 200)
        self.send_header("Content-Type", "text/html" if missing else self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *args):
        """Nothing: the output of the tests is long enough."""


@contextmanager
def plain_server(pages: Path, exit_to: str = NEUTRAL, host: str = "localhost") -> Iterator[str]:
    """The address of a server of files in a thread of this process."""
    handler = type("Files", (PlainFiles,), {"exit_to": exit_to})
    server = ThreadingHTTPServer((host, 0), partial(handler, directory=str(pages)))
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
