"""Contacts as a vCard 4.0 file (RFC 6350), to keep in a phone's address book."""

from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

from reporting.models import ContactEdition, Phone
from safety_site.phones import telephone_address

LONGEST_LINE = 75  # octets, line break not counted (RFC 6350, 3.2)
COUNTRY_CODE = "+44"


def escaped(text: str) -> str:
    """A value as RFC 6350 (3.4) asks: backslash, comma, semicolon and line break are written with a backslash."""
    text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def folded(line: str) -> str:
    """A line broken so that none is longer than 75 octets; never inside a character."""
    parts, part, size, room = [], "", 0, LONGEST_LINE
    for character in line:
        octets = len(character.encode())
        if size + octets > room:
            parts.append(part)
            # A following line begins with a space, which counts.
            part, size, room = "", 0, LONGEST_LINE - 1
        part += character
        size += octets
    return "\r\n ".join([*parts, part])


def telephone_line(phone: Phone) -> str:
    """The TEL property. A short code (101) is text: as a ``tel:`` address it would need a country, and be wrong."""
    kind = "text" if phone.is_text else "voice"
    digits = telephone_address(phone.number).removeprefix("tel:")
    if digits.startswith("0"):
        return f"TEL;VALUE=uri;TYPE=work,{kind}:tel:{COUNTRY_CODE}{digits[1:]}"
    if digits.startswith("+"):
        return f"TEL;VALUE=uri;TYPE=work,{kind}:tel:{digits}"
    return f"TEL;TYPE=work,{kind}:{digits}"


def provenance(edition: ContactEdition) -> str:
    """Who checked a number and when, or that nobody rang it yet."""
    if edition.checked_on:
        day = edition.checked_on
        return f"Checked on {day.day} {day:%B %Y} by {edition.checked_by}."
    return f"Imported from {edition.imported_from}. Not yet rung by us."


def vcard(edition: ContactEdition, address: str) -> str:
    """One contact as a vCard; ``address`` is the whole address of the page that it comes from."""
    note = " ".join(filter(None, [edition.what_for, edition.hours_text, provenance(edition)]))
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:org",
        # Stays the same for ever, so that keeping a newer file replaces the older entry.
        f"UID:urn:uuid:{uuid5(NAMESPACE_URL, f'contact:{edition.contact.slug}')}",
        f"FN:{escaped(edition.name)}",
        *(telephone_line(phone) for phone in edition.phones.all()),
        *([f"URL:{edition.website}"] if edition.website else []),
        f"NOTE:{escaped(note)}",
        f"SOURCE:{address}",
        "END:VCARD",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def vcards(editions: Iterable[ContactEdition], address: str) -> str:
    """Several contacts in one file, those with a number only."""
    return "".join(vcard(edition, address) for edition in editions if edition.phones.all())
