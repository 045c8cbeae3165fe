"""A real nginx or Varnish before the site, from a folder of its own and on free ports, with the shipped configuration.

Only what ``deploy/nginx/site.conf`` tells its readers to change is changed: names, places and ports.
"""

import http.client
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from tests.faults.servers import ROOT, free_port, until

DEPLOY = ROOT / "safety_site" / "deploy"
PLACES = os.environ["PATH"] + ":/usr/sbin:/sbin"


def program(name: str, package: str) -> str:
    found = shutil.which(name, path=PLACES)
    assert found, f"These tests need {name} on the PATH (Debian: apt-get install {package})."
    return found


def certificate(folder: Path) -> None:
    """A certificate that nobody trusts, for the length of a test."""
    names = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(
        [program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", *names],
        check=True, capture_output=True,
    )  # fmt: skip


# The name by which TLS asks for the site; an address of numbers cannot be asked for.
NAME = "families.example"


# What of Debian's own nginx.conf concerns ours; and, which Debian has not, a log for every site that names none.
DEBIAN = """
user www-data;
pid /run/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log {folder}/access.log;
  error_log {folder}/error-of-sites.log info;
  include site.conf;
}}
"""


class Nginx:
    """nginx with ``site.conf``. ``port`` speaks plain HTTP to our name, as ``tls_port`` does over TLS.

    ``socket`` is where gunicorn has to listen, ``static``, ``front`` and ``mirror`` are the folders to be filled.
    What it would write to standard error stands in the file ``errors``, at the level that is shipped.
    """

    is_beside_others = False  # site.conf in a configuration like Debian's, in place of our own nginx.conf

    def __init__(self, folder: Path, name: str = "127.0.0.1", **changes: str):
        self.folder, self.name, self.changes = folder, name, changes
        self.port, self.tls_port, self.plain_port = free_port(), free_port(), free_port()
        self.socket, self.static = folder / "site.sock", folder / "static"
        self.front, self.mirror = folder / "front", folder / "mirror"
        for each in (self.front, self.mirror):
            each.mkdir(parents=True, exist_ok=True)
        self.process: subprocess.Popen | None = None

    def configuration(self) -> str:
        """The shipped file for these places."""
        words = (DEPLOY / "nginx" / "site.conf").read_text("utf-8")
        words = re.sub(r"^ *listen \[::\].*\n", "", words, flags=re.MULTILINE)
        for old, new in {
            "listen 80": f"listen 127.0.0.1:{self.plain_port}",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.tls_port} ssl http2; listen 127.0.0.1:{self.port};",
            "listen 443 ssl http2 default_server;": f"listen 127.0.0.1:{self.tls_port} ssl http2 default_server; "
            f"listen 127.0.0.1:{self.port} default_server;",
            "server_name families.example": f"server_name {self.name} {NAME}",
            "https://families.example": f"https://{self.name}",
            "/etc/hearthside/tls/": f"{self.folder}/",
            "/run/hearthside/site.sock": str(self.socket),
            "/run/hearthside-mirror.sock": f"{self.folder}/mirror.sock",
            "root /var/lib/hearthside;": f"root {self.static.parent};",
            "/var/lib/hearthside/front/": f"{self.front}/",
            "/var/lib/hearthside/mirror/": f"{self.mirror}/",
            "/var/lib/hearthside/acme": f"{self.folder}/acme",
            "/var/cache/nginx/hearthside": f"{self.folder}/cache",
            **self.changes,
        }.items():
            assert old in words, f"{old} does not stand in site.conf any more"
            words = words.replace(old, new)
        return words

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "fullchain.pem").exists():
            certificate(self.folder)
        (self.folder / "site.conf").write_text(self.configuration(), "utf-8")
        if self.is_beside_others:
            whole = DEBIAN.format(folder=self.folder)
        else:
            whole = (DEPLOY / "nginx" / "nginx.conf").read_text("utf-8")
            assert "error_log stderr " in whole
            whole = whole.replace("error_log stderr ", f"error_log {self.folder}/errors ")
        whole = whole.replace("user www-data;\n", "" if os.geteuid() else "user root;\n")
        whole = whole.replace("/run/nginx.pid", f"{self.folder}/nginx.pid")
        whole = whole.replace("worker_processes auto", "worker_processes 2").replace("65536", "4096")
        whole = whole.replace("include site.conf", f"{self._temporary_folders()}  include site.conf")
        place = self.folder / "nginx.conf"
        place.write_text(whole, "utf-8")
        return place

    def _temporary_folders(self) -> str:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return "".join(f"{kind}_temp_path {self.folder}/temporary-{kind};\n" for kind in kinds)

    def start(self) -> "Nginx":
        command = [program("nginx", "nginx-light"), "-c", str(self.write()), "-e", str(self.folder / "errors")]
        tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert tried.returncode == 0, tried.stderr
        self.process = subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        until(self._listens, 10, "nginx listens", pause=0.02)
        return self

    def _listens(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=2):
            return True

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)

    def __enter__(self) -> "Nginx":
        return self.start()

    def __exit__(self, *_problem) -> None:
        self.stop()

    @property
    def address(self) -> str:
        return f"http://{self.name}:{self.port}"

    def ask(self, path: str, method: str = "GET", tls: bool = False, **options) -> "Said":
        port = self.tls_port if tls else options.pop("port", self.port)
        return ask(port, path, method, tls=tls, **{"host": self.name, **options})


class Said:
    """One answer: ``status``, ``headers`` (names in small letters; several of one name with commas), ``body``."""

    def __init__(self, answer: http.client.HTTPResponse):
        self.status, self.body = answer.status, answer.read()
        self.headers: dict[str, str] = {}
        for name, value in answer.getheaders():
            before = self.headers.get(name.lower())
            self.headers[name.lower()] = f"{before}, {value}" if before else value

    @property
    def words(self) -> str:
        return self.body.decode("utf-8", "replace")

    def is_page_of_ours(self) -> bool:
        """With the way out and the number for danger, and nothing that a browser would keep."""
        return (
            'id="quick-exit" href="https://www.bbc.co.uk/weather"' in self.words
            and 'href="tel:999"' in self.words
            and self.headers.get("cache-control") == "no-store"
            and self.headers.get("referrer-policy") == "no-referrer"
            and "default-src 'none'" in self.headers.get("content-security-policy", "")
        )


def ask(
    port: int,
    path: str,
    method: str = "GET",
    *,
    host: str = "127.0.0.1",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    tls: bool = False,
    source: str = "127.0.0.1",
    seconds: float = 15,
) -> Said:
    """One request on a connection of its own, with no header but Host and those given."""
    if tls:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=seconds, context=trusting)
        connection.sock = trusting.wrap_socket(
            socket.create_connection(("127.0.0.1", port), timeout=seconds), server_hostname=NAME
        )
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds, source_address=(source, 0))
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": host, **(headers or {})}.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return Said(connection.getresponse())
    finally:
        connection.close()


def raw(port: int, request: bytes, seconds: float = 5) -> bytes:
    """Everything that comes back for these very bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        received = b""
        try:
            connection.sendall(request)
            while piece := connection.recv(65_536):
                received += piece
        except (TimeoutError, ConnectionError):
            pass
        return received


def varnish_options() -> list[str]:
    """Storage and parameters with which the shipped unit starts Varnish; its places are not those of a test."""
    unit = (DEPLOY / "varnish" / "hearthside.conf").read_text("utf-8")
    words = shlex.split(unit.rpartition("ExecStart=")[2].replace("\\\n", " ").partition("\n")[0])
    return [word for pair in pairwise(words) if pair[0] in ("-s", "-p") for word in pair]


class Varnish:
    """varnishd with ``site.vcl`` before the application on ``listen``; the mirror is asked for at ``mirror_port``."""

    def __init__(self, folder: Path, listen: Path, front: Path, mirror_port: int):
        self.folder, self.port = folder, free_port()
        self.working, self.behind_tls = folder / "varnish", folder / "tls.sock"
        words = (DEPLOY / "varnish" / "site.vcl").read_text("utf-8")
        for old, new in {
            'Host !~ "(?i)^families\\.example': 'Host !~ "(?i)^127\\.0\\.0\\.1',
            '"families.example"': '"127.0.0.1"',
            "Host: families.example": "Host: 127.0.0.1",
            "/run/hearthside/site.sock": str(listen),
            "/var/lib/hearthside/front/": f"{front}/",
            '"8081"': f'"{mirror_port}"',
        }.items():
            assert old in words, f"{old} does not stand in site.vcl any more"
            words = words.replace(old, new)
        (folder / "site.vcl").write_text(words, "utf-8")
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Varnish":
        with (self.folder / "varnish.log").open("w") as log:
            self._start(log)
        until(self._listens, 20, "Varnish listens", pause=0.05)
        return self

    def _start(self, log) -> None:
        self.process = subprocess.Popen(
            [program("varnishd", "varnish"), "-F", "-j", "none", "-n", str(self.working), "-f",
             str(self.folder / "site.vcl"), "-a", f"127.0.0.1:{self.port}", "-a", f"{self.behind_tls},PROXY",
             *varnish_options(),
             "-p", "thread_pool_min=20"],
            stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip

    def told(self, *words: str) -> str:
        """What Varnish itself answers to whoever runs it."""
        command = [program("varnishadm", "varnish"), "-n", str(self.working), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout

    def _listens(self) -> bool:
        assert self.process.poll() is None, (self.folder / "varnish.log").read_text()
        with socket.create_connection(("127.0.0.1", self.port), timeout=2):
            return True

    def __exit__(self, *_problem) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    def ask(self, path: str, method: str = "GET", **options) -> "Said":
        return ask(self.port, path, method, **options)


@contextmanager
def gunicorn_on(listen: Path, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    """The site on a socket, as its unit of systemd starts it, from the moment that it listens."""
    with log.open("w") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:safety_site.server", "safety_site.wsgi"],
            cwd=ROOT, env={**environment, "BIND": f"unix:{listen}"}, stderr=lines, start_new_session=True,
        )  # fmt: skip
        try:
            until(lambda: accepts(listen), 30, "the site listens")
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def accepts(listen: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(listen))
        return True


def children(process: subprocess.Popen) -> list[int]:
    """The process ids of the workers, as the kernel tells them."""
    return [int(each) for each in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


class Small:
    """A small WSGI application behind gunicorn, for what no page of the site does when it is asked to.

    What it answers is a file of Python in ``folder``; it can be killed and started again on the same socket.
    """

    def __init__(self, folder: Path, listen: Path, code: str):
        self.folder, self.listen = folder, listen
        (folder / "small_application.py").write_text(code, "utf-8")
        self.process: subprocess.Popen | None = None

    def start(self) -> "Small":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-b", f"unix:{self.listen}", "--no-control-socket", "--threads", "4",
             "--log-level", "critical", "small_application"],
            cwd=self.folder, start_new_session=True,
        )  # fmt: skip
        until(lambda: accepts(self.listen), 10, "the small application listens", pause=0.02)
        return self

    def kill(self) -> None:
        """At once, with its worker. The socket goes too: a process that is on its way out would still accept there."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.listen.unlink(missing_ok=True)


@contextmanager
def small_application(folder: Path, listen: Path, code: str) -> Iterator[Small]:
    small = Small(folder, listen, code).start()
    try:
        yield small
    finally:
        if small.process.poll() is None:
            small.kill()
