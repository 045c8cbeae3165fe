"""What was painted, and when: the frames that Chromium showed, read pixel by pixel.

A frame counts as the site's when it holds any pixel that is neither the blank page's nor a stand-in's plain
colour: text, border, picture, anything.
"""

import base64
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

BLANK = (255, 255, 255)


def png_colours(data: bytes) -> set[tuple[int, int, int]]:
    """Every colour of an 8-bit RGB or RGBA PNG that is not interlaced, as Chromium makes them."""
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    assert depth == 8
    assert kind in (2, 6)
    assert not interlaced
    size = 4 if kind == 6 else 3
    packed, at = b"", 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += length + 12
    raw, colours, stride = zlib.decompress(packed), set(), width * size
    above = bytearray(stride)
    for row in range(height):
        start = row * (stride + 1)
        line = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), above, size)
        if line != above or not row:
            colours.update(zip(line[0::size], line[1::size], line[2::size], strict=True))
        above = line
    return colours


def _unfiltered(kind: int, line: bytearray, above: bytearray, size: int) -> bytearray:
    """One row of a PNG, its filter (0 none, 1 left, 2 above, 3 mean, 4 Paeth) undone."""
    if kind == 2:
        return bytearray((a + b) & 255 for a, b in zip(line, above, strict=True))
    if kind:
        for i in range(len(line)):
            left = line[i - size] if i >= size else 0
            corner = above[i - size] if i >= size else 0
            guess = {1: left, 3: (left + above[i]) // 2, 4: _paeth(left, above[i], corner)}[kind]
            line[i] = (line[i] + guess) & 255
    return line


def _paeth(left: int, above: int, corner: int) -> int:
    return min((left, above, corner), key=lambda near: abs(left + above - corner - near))


@dataclass(frozen=True)
class Frame:
    at: float  # milliseconds since 1970, as Date.now()
    colours: frozenset

    def shows_site(self, *elsewhere: str) -> bool:
        plain = {BLANK, *(tuple(bytes.fromhex(colour.strip("#"))) for colour in elsewhere)}
        return not self.colours <= plain

    @property
    def is_blank(self) -> bool:
        return self.colours == {BLANK}


class Screencast:
    """Collects every frame of a page from start() to stop()."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.pictures = []
        self.session.on("Page.screencastFrame", self._keep)

    def _keep(self, frame):
        self.pictures.append((frame["metadata"]["timestamp"] * 1000, frame["data"]))
        self.session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    def start(self):
        # Small pictures: less to send and to read, so that fewer frames are left out.
        self.session.send(
            "Page.startScreencast", {"format": "png", "maxWidth": 160, "maxHeight": 240, "everyNthFrame": 1}
        )

    def stop(self) -> list[Frame]:
        self.session.send("Page.stopScreencast")
        self.session.detach()
        seen = {}
        return [
            Frame(at, seen.get(data) or seen.setdefault(data, frozenset(png_colours(base64.b64decode(data)))))
            for at, data in self.pictures
        ]


def blank_after(frames: list[Frame], moment: float, *elsewhere: str) -> float:
    """How long after the moment the last frame of the site was replaced by another, in milliseconds.

    Zero when none of its frames was shown after the moment; infinite when one stayed to the end.
    """
    late = 0.0
    for shown, following in pairwise(frames):
        if shown.at > moment - 1_000 and shown.shows_site(*elsewhere):
            late = max(late, following.at - moment)
    return float("inf") if frames[-1].shows_site(*elsewhere) else late
