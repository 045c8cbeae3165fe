"""Files that editors upload: what they may be, told by their content and not by their name, and how they are sent.

A file is refused in words. What is kept has a random name, so that nobody guesses the address of what is not live.
"""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from whitenoise.responders import MissingFileError, NotARegularFileError, StaticFile

MEGABYTE = 1_000_000
# Enough for a topic; more would be a page that nobody reads to its end.
MOST_FILES_OF_AN_EDITION = 12
# Only names that this module could have made, or that were made before it.
STORED_NAME = re.compile(r"resources/[A-Za-z0-9_-]{1,120}\.[a-z0-9]{3}")


@dataclass(frozen=True)
class FileKind:
    """One kind of file that may be uploaded."""

    called: str
    content_type: str
    most_bytes: int
    is_shown: bool = False  # played on the page; otherwise saved by the reader


KINDS = {
    "pdf": FileKind("PDF", "application/pdf", 10 * MEGABYTE),
    "mp3": FileKind("MP3 recording", "audio/mpeg", 50 * MEGABYTE, is_shown=True),
    "mp4": FileKind("MP4 film", "video/mp4", 150 * MEGABYTE, is_shown=True),
    "vtt": FileKind("WebVTT captions", "text/vtt; charset=utf-8", MEGABYTE, is_shown=True),
    "txt": FileKind("plain text", "text/plain; charset=utf-8", MEGABYTE),
}
_FILM_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash")
_HEAD, _TAIL = 4_096, 70_000
_PAGE_OR_DRAWING = re.compile(rb"<(?:!doctype|html|script|svg|iframe|body|\?xml|\?php)\b", re.IGNORECASE)
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)(?![A-Za-z])")


def extension_of(name: str) -> str:
    return Path(name).suffix.lower().removeprefix(".")


def random_name(instance, filename: str) -> str:
    """Where an upload is kept: nothing of the name it came with but its kind."""
    extension = extension_of(filename)
    return f"resources/{secrets.token_hex(12)}.{extension if extension in KINDS else 'txt'}"


def _is_pdf(head: bytes, tail: bytes) -> bool:
    return head.startswith(b"%PDF-") and b"%%EOF" in tail[-2_048:]


def _is_mp3(head: bytes) -> bool:
    is_frame = len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 == 0x02
    return head.startswith(b"ID3") or is_frame


def _is_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _FILM_BRANDS


def _words(content: bytes) -> str | None:
    """The text of a file, if it is plain text in UTF-8 and nothing else."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text) else text


def _guesses(head: bytes) -> set[str]:
    """What the first bytes look like to a library that knows some thousand kinds."""
    try:
        return {guess.extension.removeprefix(".") for guess in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return set()


def _is_what_it_says(extension: str, head: bytes, tail: bytes, content: bytes) -> bool:
    if extension in ("vtt", "txt"):
        text = _words(content)
        if text is None or _PAGE_OR_DRAWING.search(content):
            return False
        return extension == "txt" or bool(re.match(r"WEBVTT(?:[ \t\n\r]|$)", text))
    own = {"pdf": lambda: _is_pdf(head, tail), "mp3": lambda: _is_mp3(head), "mp4": lambda: _is_mp4(head)}
    families = {"pdf": {"pdf"}, "mp3": {"mp3", "mpga"}, "mp4": {"mp4", "m4v", "m4a", "mov", "3gp"}}
    guesses = _guesses(head)
    return own[extension]() and (not guesses or bool(guesses & families[extension]))


def _hides_something(extension: str, head: bytes, tail: bytes, content: bytes) -> bool:
    """Whether it is a second thing as well: a page, an archive, a program, a PDF that runs something."""
    if _PAGE_OR_DRAWING.search(head[:1_024]) or head.startswith((b"MZ", b"\x7fELF", b"PK\x03\x04")):
        return True
    if b"PK\x05\x06" in tail:  # the end of a ZIP archive, which may stand behind anything
        return True
    return extension == "pdf" and bool(_ACTIVE_PDF.search(content))


def check_upload(file) -> None:
    """Raise ValidationError, in words for an editor, unless a new file is what it says and no more."""
    if getattr(file, "_committed", False):
        return  # checked when it came
    extension = extension_of(file.name or "")
    kind = KINDS.get(extension)
    if kind is None:
        raise ValidationError("We take PDF, MP3, MP4, plain text (.txt) and captions (.vtt), and no other files.")
    if not file.size:
        raise ValidationError("The file is empty.")
    if file.size > kind.most_bytes:
        size, most = file.size / MEGABYTE, kind.most_bytes // MEGABYTE
        raise ValidationError(f"It has {size:.1f} MB; a {kind.called} may have {most} MB. Make it smaller first.")
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(max(0, file.size - _TAIL))
    tail = file.read()
    content = b""
    if not kind.content_type.startswith(("audio", "video")):
        file.seek(0)
        content = file.read()
    file.seek(0)
    if not _is_what_it_says(extension, head, tail, content):
        raise ValidationError(f"Its name ends in .{extension}, but what is in it is no {kind.called}.")
    if _hides_something(extension, head, tail, content):
        raise ValidationError("There is something else hidden in this file. Save it anew from its program.")


def check_captions(file) -> None:
    """As ``check_upload``, for captions alone."""
    if not getattr(file, "_committed", False) and extension_of(file.name or "") != "vtt":
        raise ValidationError("Captions are a file in WebVTT format: its name ends in .vtt.")
    check_upload(file)


def send(request: HttpRequest, name: str) -> HttpResponse:
    """A stored file, also a part of it, which is how browsers wind a recording forward. 404 where there is none."""
    kind = KINDS.get(extension_of(name))
    if kind is None or not STORED_NAME.fullmatch(name):
        raise Http404
    headers = [("Content-Type", kind.content_type), ("X-Content-Type-Options", "nosniff"), ("Accept-Ranges", "bytes")]
    headers.append(("Content-Disposition", "inline" if kind.is_shown else f'attachment; filename="{Path(name).name}"'))
    try:
        stored = StaticFile(str(Path(settings.MEDIA_ROOT) / name), headers)
    except (MissingFileError, NotARegularFileError):
        raise Http404 from None
    # Compressing would change the length that the answer to a request for a part names.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    answer = stored.get_response(request.method, request.META)
    response = FileResponse(answer.file or (), status=int(answer.status))
    for header in ("Content-Type", "Content-Length", "Content-Disposition"):
        if header in response.headers:
            del response.headers[header]
    for header, value in answer.headers:
        response.headers[header] = value
    return response
