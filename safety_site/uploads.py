"""Files that editors upload: what is taken in, under which name it is kept, and how it is sent.

A file is what its first bytes say, not what its name says. Nothing that a browser would run is taken in: no web
page, no picture with script, no PDF with a program in it, no archive behind a PDF.
"""

import os
import re
from dataclasses import dataclass
from pathlib import PurePath
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils._os import safe_join
from django.utils.deconstruct import deconstructible
from whitenoise.middleware import WhiteNoiseFileResponse
from whitenoise.responders import StaticFile

MB = 1024 * 1024


@dataclass(frozen=True)
class FileKind:
    """One kind of file that we take: how large, which contents count as it, and how browsers get it."""

    words: str
    most_bytes: int
    contents: frozenset[str]  # what puremagic calls it; empty: plain text, which has no first bytes to know it by
    content_type: str
    is_download: bool  # saved by the browser instead of opened beside our pages


KINDS = {
    ".mp3": FileKind("a sound recording (MP3)", 60 * MB, frozenset({".mp3", ".mpga"}), "audio/mpeg", False),
    ".mp4": FileKind("a film (MP4)", 150 * MB, frozenset({".mp4"}), "video/mp4", False),
    ".pdf": FileKind("a PDF", 10 * MB, frozenset({".pdf"}), "application/pdf", True),
    ".vtt": FileKind("captions (WebVTT)", 1 * MB, frozenset({".vtt"}), "text/vtt; charset=utf-8", False),
    ".txt": FileKind("plain text", 1 * MB, frozenset(), "text/plain; charset=utf-8", True),
}

# Of one edition: a page with more is no page for a parent.
MOST_FILES = 20

_HEAD = 4_096
_TAIL = 70_000  # the end mark of an archive stands in its last 65,557 bytes
_PROGRAMS_IN_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|OpenAction|AA|RichMedia|XFA)\b")
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def random_name(instance, filename: str) -> str:
    """A name that tells nothing and cannot be guessed: a draft's file must not be found by its name."""
    return f"resources/{uuid4().hex}{PurePath(filename).suffix.lower()}"


def size_in_words(size: int) -> str:
    return f"{size / MB:.0f} MB" if size >= MB else f"{max(size // 1024, 1)} kB"


def _ends_of(upload) -> tuple[bytes, bytes]:
    upload.seek(0)
    head = upload.read(_HEAD)
    upload.seek(max(upload.size - _TAIL, 0))
    tail = upload.read(_TAIL)
    upload.seek(0)
    return head, tail


def _contents(head: bytes) -> set[str]:
    """What the first bytes may be, as puremagic calls it."""
    # Only where an editor uploads something: a process that shows pages need not hold its tables.
    import puremagic  # noqa: PLC0415

    try:
        return {match.extension for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return set()


def _text_fault(upload, suffix: str) -> str:
    upload.seek(0)
    try:
        text = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return "It is not plain text in UTF-8: in your editor choose “Save as”, then UTF-8."
    finally:
        upload.seek(0)
    if _NOT_IN_TEXT.search(text):
        return "It holds characters that no text has."
    if suffix == ".vtt" and not re.match(r"WEBVTT([ \t\r\n]|$)", text):
        return "Captions begin with the word WEBVTT."
    return ""


def _pdf_fault(upload, tail: bytes) -> str:
    if b"%%EOF" not in tail:
        return "It breaks off before its end."
    if b"PK\x05\x06" in tail:
        return "There is an archive behind it."
    upload.seek(0)
    try:
        before = b""
        while block := upload.read(MB):
            if _PROGRAMS_IN_PDF.search(before + block):
                return "It has a program, a form or another file in it: print it to a new PDF, and upload that."
            before = block[-32:]
    finally:
        upload.seek(0)
    return ""


def upload_fault(upload, allowed: tuple[str, ...] = tuple(KINDS)) -> str:
    """What is wrong with an uploaded file, in words; empty when it can be taken in. ``upload`` has name and size."""
    suffix = PurePath(upload.name).suffix.lower()
    if suffix not in allowed:
        return (
            f"We take {', '.join(KINDS[each].words for each in allowed)}; not {suffix or 'a file without an ending'}."
        )
    kind = KINDS[suffix]
    if not upload.size:
        return "The file is empty."
    if upload.size > kind.most_bytes:
        most = size_in_words(kind.most_bytes)
        return f"The file has {size_in_words(upload.size)}; {kind.words} may have {most} at most."
    if suffix in (".txt", ".vtt"):
        return _text_fault(upload, suffix)
    head, tail = _ends_of(upload)
    if suffix == ".pdf" and not head.startswith(b"%PDF-"):
        return "Its contents are not a PDF, whatever its name says."
    if not _contents(head) & kind.contents:
        return f"Its contents are not {kind.words}, whatever its name says."
    return _pdf_fault(upload, tail) if suffix == ".pdf" else ""


@deconstructible
class UploadValidator:
    """Refuses a newly uploaded file that is not what it should be; a file that is kept already is not read again."""

    def __init__(self, *allowed: str):
        self.allowed = allowed

    def __call__(self, field_file) -> None:
        if getattr(field_file, "_committed", False):
            return
        fault = upload_fault(field_file, self.allowed)
        if fault:
            raise ValidationError(fault)

    def __eq__(self, other) -> bool:
        return isinstance(other, UploadValidator) and self.allowed == other.allowed

    def __hash__(self) -> int:
        return hash(self.allowed)


def send_upload(request: HttpRequest, path: str) -> HttpResponse:
    """An uploaded file, in parts where the browser asks for parts: only so can a recording be wound forward.

    It is sent as what it was taken in as, and may run nothing even when it is opened by itself.
    """
    kind = KINDS.get(PurePath(path).suffix.lower())
    if kind is None:
        raise Http404
    whole_path = safe_join(settings.MEDIA_ROOT, path)
    if not os.path.isfile(whole_path):
        raise Http404
    name = PurePath(path).name
    headers = [
        ("Content-Type", kind.content_type),
        ("Content-Disposition", f'{"attachment" if kind.is_download else "inline"}; filename="{name}"'),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Robots-Tag", "noindex"),
    ]
    answer = StaticFile(whole_path, headers).get_response(request.method, request.META)
    response = WhiteNoiseFileResponse(answer.file or (), status=int(answer.status))
    del response["Content-Type"]
    for key, value in answer.headers:
        response[key] = value
    # Parts of a file are counted in its own bytes: the answer must not be compressed on its way.
    response["Content-Encoding"] = "identity"
    return response
