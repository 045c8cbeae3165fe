"""Which addresses the link checker asks for, and that it connects to the very address that it checked."""

import asyncio
import socket

import httpx
import pytest

from safety_site.link_guard import NoSuchHost, Refused, checked_url, guarded_client, is_public, public_addresses

PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "192.0.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1",
          "172.32.0.1", "192.167.1.1", "223.255.255.254", "2606:4700:4700::1111", "2a00:1450:4009:81f::200e",
          "2001:4860:4860::8888"]  # fmt: skip
NOT_PUBLIC = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3",  # noqa: S104
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "169.254.169.254", "169.254.0.1", "168.63.129.16", "100.64.0.1", "100.127.255.255", "192.0.0.1",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::",
    "2002:a9fe:a9fe::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fd12:3456:789a::1", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1", "4000::1",
    "", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "8.8.8.8 ", "8.8.8.8/32",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_may_be_asked(address):
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_address_that_is_not_public_may_not(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.gov.uk/", "http://www.gov.uk/a?b=c#d", "https://www.gov.uk:443/", "http://www.gov.uk:80/",
        "https://8.8.8.8/", "https://[2606:4700:4700::1111]/", "https://a-b.c1.example.co.uk./x",
        "https://xn--bcher-kva.example/", "https://bücher.example/", "https://3m.co.uk/", "https://1.gov.uk/",
        "https://my_site.wordpress.com/",
    ],
)  # fmt: skip
def test_web_address_of_a_public_name_is_asked(url):
    assert checked_url(url).host


@pytest.mark.parametrize(
    "url",
    [
        "", "gov.uk", "/topics/", "//gov.uk/", "ftp://gov.uk/", "file:///etc/passwd", "javascript:alert(1)",
        "data:text/html,x", "gopher://gov.uk/", "https://", "https:///x", "https://user@gov.uk/",
        "https://user:word@gov.uk/", "https://gov.uk@127.0.0.1/", "https://gov.uk:8080/", "https://gov.uk:22/",
        "http://gov.uk:6379/", "https://gov.uk:0/", "https://gov.uk:99999/", "https://127.0.0.1/", "https://127.1/",
        "https://127.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/",
        "https://017700000001/", "https://00000177.0.0.1/", "https://134744072/", "https://8.8.2056/", "https://0/",
        "https://127.0.0.1./", "https://[::1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[fe80::1%25eth0]/", "https://[fd00::1]/",
        "https://169.254.169.254/latest/meta-data/", "https://metadata.google.internal/", "https://localhost/",
        "https://localhost./", "https://LOCALHOST/", "https://a.localhost/", "https://printer.local/",
        "https://server.lan/", "https://intranet/", "https://router.home.arpa/", "https://a..b/", "https://-a.uk/",
        "https://gov.uk\\@127.0.0.1/", "https://gov.uk/\n", "https://go v.uk/", "https://gov.uk\x00/",
        "https://①②⑦.⓪.⓪.①/", "https://１２７.0.0.1/", "https://127。0。0。1/", "https://[/", "https://%31%32%37.0.0.1/",
        "https://x.onion/", "https://" + "a" * 64 + ".uk/",
    ],
)  # fmt: skip
def test_address_in_disguise_is_refused(url):
    with pytest.raises(Refused):
        checked_url(url)


def test_allowance_is_for_one_address_with_its_port():
    allowed = frozenset({("127.0.0.1", 8123)})
    assert checked_url("http://127.0.0.1:8123/", allowed).port == 8123
    for url in ("http://127.0.0.1:8124/", "http://127.0.0.1/", "http://127.0.0.2:8123/", "http://localhost:8123/"):
        with pytest.raises(Refused):
            checked_url(url, allowed)


def answering(*addresses):
    async def resolve(host, port):
        return list(addresses)

    return resolve


def test_every_address_of_a_name_must_be_public():
    async def found(*addresses):
        return await public_addresses("a.example", 443, answering(*addresses))

    assert asyncio.run(found("8.8.8.8", "2606:4700:4700::1111")) == ["8.8.8.8", "2606:4700:4700::1111"]
    for addresses in (["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::1"], ["fe80::1%eth0"], ["8.8.8.8", "x"]):
        with pytest.raises(Refused):
            asyncio.run(found(*addresses))


def test_name_that_nobody_knows_is_told_from_a_name_server_that_is_silent():
    def failing(code):
        async def resolve(host, port):
            raise socket.gaierror(code, "as a resolver says it")

        return resolve

    with pytest.raises(NoSuchHost):
        asyncio.run(public_addresses("a.example", 443, failing(socket.EAI_NONAME)))
    with pytest.raises(NoSuchHost):
        asyncio.run(public_addresses("a.example", 443, answering()))
    with pytest.raises(httpx.ConnectError):
        asyncio.run(public_addresses("a.example", 443, failing(socket.EAI_AGAIN)))


def test_connection_is_made_to_the_address_that_was_checked_and_keeps_the_name():
    """A second answer of the name server is not asked for, so it cannot lead elsewhere."""
    heard, asked = [], []

    async def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async def answer(reader, writer):
        heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def visit():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, guarded_client("Test/1", 1, 5, resolve, frozenset({("127.0.0.1", port)})) as client:
            response = await client.get(f"http://charity.example:{port}/page")
        return response.status_code, port

    status, port = asyncio.run(visit())
    assert status == 200
    assert asked == ["charity.example"]
    assert f"Host: charity.example:{port}" in heard[0]


def test_connection_to_a_name_that_turns_private_is_refused():
    async def visit():
        async with guarded_client("Test/1", 1, 5, answering("127.0.0.1")) as client:
            await client.get("http://charity.example/")

    with pytest.raises(Refused):
        asyncio.run(visit())


def test_proxies_of_the_environment_do_not_count(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async def visit():
        async with guarded_client("Test/1", 1, 5, answering("10.0.0.1")) as client:
            await client.get("https://charity.example/")

    with pytest.raises(Refused):  # by our own guard, not by a proxy
        asyncio.run(visit())
