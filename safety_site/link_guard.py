"""A client for addresses that others wrote: it connects to the public internet and to nothing else.

Editors, imports and other people's redirects name the addresses that ``check_links`` asks for. None of them may make
this machine knock at its own network: a name is resolved here, **every** address behind it must be public, and the
connection is made to the very address that was checked, so that a second answer of the name server changes nothing.
The name stays what TLS and the Host header say.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable

import httpcore
import httpx

PORTS = (80, 443)
#: Addresses with their ports that are asked although they are not public. Empty, but for tests that serve themselves.
NOTHING_ELSE: frozenset[tuple[str, int]] = frozenset()

# What ``ipaddress`` takes for public in some version of Python, or what leads somewhere else than it says.
NEVER = [
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32",  # this network; shared by a provider; metadata of one cloud
        "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",  # Teredo and the like, examples, 6to4, examples
    )
]  # fmt: skip
# All public addresses of version 6 lie here; those that carry one of version 4 (mapped, NAT64) lie elsewhere.
PUBLIC_6 = ipaddress.ip_network("2000::/3")
# A last label that is a number makes a name an address in disguise: 2130706433, 0x7f.1, 0177.0.0.1, 127.1.
ENDS_IN_A_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$", re.IGNORECASE)
NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\.?", re.IGNORECASE)
LOCAL_ENDINGS = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "onion", "home.arpa")

Resolve = Callable[[str, int], Awaitable[list[str]]]


class Refused(Exception):
    """An address that is not asked; says why, for editors."""


class NoSuchHost(Exception):
    """No name server knows this name."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; False for whatever is not an IP address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and (ip.scope_id or ip not in PUBLIC_6):
        return False
    return ip.is_global and not any(ip in network for network in NEVER if network.version == ip.version)


def checked_url(address: str, also_allowed: frozenset[tuple[str, int]] = NOTHING_ELSE) -> httpx.URL:
    """An address that may be asked for, as far as its text can tell; raises ``Refused``. Nothing is resolved here."""
    if not address.isprintable() or " " in address or "\\" in address:
        raise Refused("It is not a proper web address.")
    try:
        url = httpx.URL(address)
        host = url.raw_host.decode("ascii")
        port = {"http": 80, "https": 443}.get(url.scheme) if url.port is None else url.port
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise Refused("It is not a proper web address.") from None
    if url.scheme not in ("https", "http"):
        raise Refused("It is not a web address: only https and http are asked for.")
    if url.userinfo:
        raise Refused("It has a user name or a password in it.")
    bare = host.strip("[]")
    if (bare, port) in also_allowed:
        return url
    if port not in PORTS:
        raise Refused(f"It asks for port {port}: only 80 and 443 are asked.")
    if ":" in bare or _is_ipv4(bare):
        if not is_public(bare):
            raise Refused("It leads to a private network.")
    elif ENDS_IN_A_NUMBER.search(bare) or not NAME.fullmatch(bare):
        raise Refused("Its host is not a public name.")
    elif _is_local(bare):
        raise Refused("It leads to a private network.")
    return url


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)  # strict: four numbers without leading zeros
    except ValueError:
        return False
    return True


def _is_local(name: str) -> bool:
    name = name.rstrip(".").lower()
    return any(name == ending or name.endswith(f".{ending}") for ending in LOCAL_ENDINGS)


async def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a name, as this machine's resolver gives them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(entry[4][0] for entry in found))


async def public_addresses(
    host: str, port: int, resolve: Resolve = resolve, also_allowed: frozenset[tuple[str, int]] = NOTHING_ELSE
) -> list[str]:
    """The addresses of a host, if every one of them is public; else ``Refused``."""
    try:
        addresses = await resolve(host, port)
    except socket.gaierror as problem:
        if problem.errno == socket.EAI_AGAIN:
            raise httpx.ConnectError("The name server did not answer.") from problem
        raise NoSuchHost(host) from problem
    except UnicodeError as problem:
        raise NoSuchHost(host) from problem
    if not addresses:
        raise NoSuchHost(host)
    if not all(is_public(address) or (address, port) in also_allowed for address in addresses):
        raise Refused("It leads to a private network.")
    return addresses


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to a checked address of a name, and to no socket of this machine."""

    def __init__(self, resolve: Resolve, also_allowed: frozenset[tuple[str, int]]):
        self._resolve, self._also_allowed = resolve, also_allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await public_addresses(host, port, self._resolve, self._also_allowed)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, path, timeout=None, socket_options=None):
        raise Refused("It leads to this machine.")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over a guarded network; proxies and certificates of the environment do not count."""

    def __init__(self, resolve: Resolve, also_allowed: frozenset[tuple[str, int]], connections: int):
        super().__init__(trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=connections,
            max_keepalive_connections=0,
            network_backend=GuardedBackend(resolve, also_allowed),
        )


def guarded_client(
    user_agent: str,
    connections: int,
    timeout: float,
    resolve: Resolve = resolve,
    also_allowed: frozenset[tuple[str, int]] = NOTHING_ELSE,
) -> httpx.AsyncClient:
    """A client that follows no redirect by itself: whoever uses it checks each hop with ``checked_url``."""
    return httpx.AsyncClient(
        transport=GuardedTransport(resolve, also_allowed, connections),
        headers={"User-Agent": user_agent, "Accept": "text/html,*/*;q=0.8", "Accept-Language": "en-GB,en;q=0.8"},
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        max_redirects=0,
    )
