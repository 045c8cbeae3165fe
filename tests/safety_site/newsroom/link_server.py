"""A server with odd answers of every kind, for the tests of outside links."""

import socketserver
import time

from safety_site.link_checks import Manners


class Answers(socketserver.StreamRequestHandler):
    """One answer for each path; ``server.asked`` keeps what was asked for, with when."""

    timeout = 10

    def handle(self):
        line = self.rfile.readline(10_000).decode()
        headers = []
        while (header := self.rfile.readline(10_000)) not in (b"\r\n", b""):
            headers.append(header.decode().strip())
        if not line:
            return
        method, path, _version = line.split()
        self.server.asked.append((method, path, time.monotonic(), headers))
        answer = getattr(self, "get" + path.split("/")[1].replace("-", "_"), None)
        try:
            if answer:
                answer(method)
            else:
                self.say(404)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def say(self, status: int, *headers: str, body: bytes = b"") -> None:
        lines = [f"HTTP/1.1 {status} As told", *headers, f"Content-Length: {len(body)}", "Connection: close"]
        self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def lead(self, status: int, location: str) -> None:
        self.say(status, f"Location: {location}")

    def get(self, method):
        self.say(200)

    def getok(self, method):
        self.say(200)

    def getforbidden(self, method):
        self.say(403)

    def gettoo_often(self, method):
        self.say(429)

    def getmembers(self, method):
        self.say(401)

    def geterror(self, method):
        self.say(503)

    def getno_head(self, method):
        self.say(200 if method == "GET" else 405)

    def getnot_for_head(self, method):
        self.say(200 if method == "GET" else 403)

    def getmoved(self, method):
        self.lead(301, "/ok")

    def getfor_now(self, method):
        self.lead(302, "/ok")

    def gethome(self, method):
        self.lead(301, "/")

    def getloop(self, method):
        self.lead(302, "/loop")

    def gethops_3(self, method):
        self.lead(302, "/hops-2")

    def gethops_2(self, method):
        self.lead(302, "/moved")

    def getto_private(self, method):
        self.lead(302, "http://127.0.0.1:1/")

    def getto_mapped(self, method):
        self.lead(302, "http://[::ffff:7f00:1]/")

    def getto_metadata(self, method):
        self.lead(302, "http://169.254.169.254/latest/meta-data/")

    def getto_file(self, method):
        self.lead(302, "file:///etc/passwd")

    def getto_nonsense(self, method):
        self.lead(302, "http://[oh/no")

    def getto_nowhere(self, method):
        self.say(302)

    def getendless(self, method):
        self.wfile.write(b"HTTP/1.1 404 As told\r\n\r\n" if method == "HEAD" else b"HTTP/1.1 200 As told\r\n\r\n")
        while method == "GET":
            self.wfile.write(b"x" * 65536)
            self.server.sent += 65536

    def getloris(self, method):
        for letter in b"HTTP/1.1 200 As told\r\nX-Slow: " + b"y" * 1000:
            self.wfile.write(bytes([letter]))
            time.sleep(0.05)

    def getsilent(self, method):
        time.sleep(3)

    def gethuge_headers(self, method):
        self.wfile.write(b"HTTP/1.1 200 As told\r\n")
        for number in range(4000):
            self.wfile.write(b"X-%d: %s\r\n" % (number, b"z" * 1000))

    def getnot_http(self, method):
        self.wfile.write(b"220 mail.example ready\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked, self.sent = [], 0

    def manners(self, **changes) -> Manners:
        values = {"pause": 0, "deadline": 1, "also_allowed": frozenset({("127.0.0.1", self.port)})}
        return Manners(**{**values, **changes})

    def paths(self, method: str) -> list[str]:
        return [asked[1] for asked in self.asked if asked[0] == method]
