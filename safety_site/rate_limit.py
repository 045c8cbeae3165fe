"""How often one address may ask. Nothing about who asked is kept.

``RateLimit`` is for many requests in a short time, such as those for open data. Its counts live in the memory
of this process, under a hash of the address that is salted afresh with the first request of each minute, when all
counts start anew. So neither the address nor anything that could be turned back into it gets onto a disk or into a
log, and two minutes cannot be linked. The price: each process counts for itself, so a site with two of them allows
up to twice as much.

Where ``CACHE_URL`` names a Redis, limits with a name are counted there, for all processes and machines together:
under a hash whose key all of them make from SECRET_KEY and the minute, and which is gone when the minute is over.
Without SECRET_KEY nobody can turn it back, and two minutes cannot be linked. While Redis does not answer, each
process counts for itself.

A limit that must hold for a whole day keeps ``scrambled`` addresses in the database (``guidance/feedback.py``).
"""

import hashlib
import ipaddress
import math
import secrets
from threading import Lock

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from safety_site.shared_counts import shared_counts

# So many addresses are counted apart; what comes after shares one count. Keeps a flood from filling memory.
MOST_ADDRESSES = 20_000
EVERYBODY_ELSE = b""


class RateLimit:
    """At most so many requests of one address in each stretch of time.

    With a name it is shared by all machines; then moments must be seconds of Unix time, which all of them agree on.
    """

    def __init__(self, name: str = "", seconds: int = 60):
        self.name, self.seconds = name, seconds
        self._counts: dict[bytes, int] = {}
        self._salt = b""
        self._window: int | None = None
        self._lock = Lock()

    def wait(self, address: str, now: float, limit: int) -> int:
        """Count one request at a moment (seconds on any clock). Returns how many seconds to wait; 0: go ahead."""
        window = math.floor(now / self.seconds)
        count = self._shared(address, window)
        if count is None:
            count = self._own(address, window)
        return 0 if count <= limit else max(1, math.ceil((window + 1) * self.seconds - now))

    def _shared(self, address: str, window: int) -> int | None:
        """The count of all machines with this request; None without a Redis that answers."""
        counts = shared_counts() if self.name else None
        if counts is None:
            return None
        field = salted_hmac(f"rate limit {self.name} {window}", address, algorithm="sha256").digest()[:16]
        return counts.count(f"hearthside:limit:{self.name}:{window}", field, MOST_ADDRESSES, self.seconds)

    def _own(self, address: str, window: int) -> int:
        """The count of this process with this request."""
        with self._lock:
            if window != self._window:
                self._window, self._counts, self._salt = window, {}, secrets.token_bytes(32)
            key = hashlib.blake2b(address.encode(), key=self._salt, digest_size=16).digest()
            if key not in self._counts and len(self._counts) >= MOST_ADDRESSES:
                key = EVERYBODY_ELSE
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]


def address_of(request: HttpRequest) -> str:
    """Who asks, as far as a limit needs to know: an IPv4 address, or the network of an IPv6 one.

    Behind our own proxies every request comes from a proxy, and each of them appends the address that asked it to
    X-Forwarded-For; what stands further left came from outside and may be made up. One home has a whole IPv6
    network (/64), so an address of it is not counted alone.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:  # the site says that it stands behind proxies of its own
        written = request.headers.get("X-Forwarded-For", "").split(",")[-settings.TRUSTED_PROXIES :]
        if len(written) == settings.TRUSTED_PROXIES:
            address = written[0].strip() or address
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    # A proxy that listens for both kinds may write 192.0.2.1 as ::ffff:192.0.2.1: all of those are one /64.
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip.packed, 64), strict=False)) if ip.version == 6 else str(ip)


def scrambled(address: str, salt: str) -> str:
    """An address under a salt, to count it by. Without the salt, or without SECRET_KEY, nobody can turn it back."""
    return salted_hmac(salt, address, algorithm="sha256").hexdigest()
