"""The directory as rows and columns: one row for each phone or other way of each contact.

The columns are a promise to people who load the file by machine: new ones go to the end, none is renamed,
none changes its meaning.
"""

import re
from collections.abc import Iterable, Iterator

from reporting.models import ContactEdition, Coverage, OtherWay, Phone
from reporting.open_hours import bank_holidays_in_words, hours_in_words
from reporting.open_referral import last_modified
from reporting.open_referral_terms import service_id

# Name, and what stands in it, for the page about the data.
COLUMNS = {
    "contact_id": "Stays the same for ever. The same id as in the API.",
    "contact": "Short name of the contact in web addresses. Stays the same too.",
    "name": "Name of the service.",
    "kind": "What sort of service it is, for example front-door, helpline or police.",
    "way": "How to get in touch: phone, text, webchat, form, email, bsl, textphone, website or other.",
    "number": "The number to call or text, as you dial it in the UK.",
    "web_address": "Where to go for a form, a chat or a website.",
    "detail": "What this number or way is for.",
    "hours": "When it answers, London time.",
    "bank_holidays": "What happens on bank holidays.",
    "hours_note": "The hours of the whole service in the words of the source.",
    "what_for": "What to use it for.",
    "not_for": "What it cannot do.",
    "who_for": "Who may use it: parents, young-people, professionals. A semicolon between them.",
    "coverage": "national (all of the UK), nations or authorities.",
    "areas": "The nations or councils that it serves. A semicolon between them.",
    "area_codes": "The official codes of those councils, in the same order.",
    "cost": "What a call costs.",
    "anonymity": "Whether you can stay anonymous.",
    "languages": "Languages.",
    "website": "Website of the service.",
    "source": "Where we read the number, and when.",
    "checked_on": "The day a person last checked it, as year-month-day.",
    "checked_by": "Who checked it.",
    "review_by": "The day by which we check it again.",
    "last_modified": "When this entry last changed.",
}

# What a spreadsheet takes for the start of a formula, also in the wide shapes of East Asian keyboards.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
LINE_ENDS_AND_TABS = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")
OTHER_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def safe_cell(value: str) -> str:
    """Text that a spreadsheet shows and does not run: one line, and never the start of a formula.

    An apostrophe in front makes a spreadsheet take the rest as text. Blanks in front do not hide a formula
    from every spreadsheet, so they are looked through.
    """
    value = OTHER_CONTROLS.sub("", LINE_ENDS_AND_TABS.sub(" ", value)).strip()
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def national_form(number: str) -> str:
    """A number as it is dialled in the UK, without a leading plus, which starts a formula in a spreadsheet.

    Eleven digits in a row get their usual spaces: a spreadsheet would take them for a number and drop the
    leading zero. Everything else stays as published.
    """
    number = number.strip()
    if not number.startswith("+") and not re.fullmatch(r"0\d{8,}", number):
        return number
    # Only where somebody downloads the list: a process that shows pages need not hold the world's dialling plans.
    import phonenumbers  # noqa: PLC0415

    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return number.replace("+", "00")
    if parsed.country_code == 44:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_out_of_country_calling_number(parsed, "GB")


def rows(editions: Iterable[ContactEdition]) -> Iterator[list[str]]:
    """The header, then the rows; every cell is safe. Editions come with what ``for_page()`` fetches."""
    yield list(COLUMNS)
    for edition in editions:
        shared = _of_contact(edition)
        for way in _ways(edition):
            values = {**shared, **way}
            yield [safe_cell(values.get(column, "")) for column in COLUMNS]


def _ways(edition: ContactEdition) -> list[dict[str, str]]:
    """What differs between the rows of one contact; a contact has one row at least."""
    ways = [_of_phone(phone) for phone in edition.phones.all()] + [_of_way(way) for way in edition.ways.all()]
    return ways or [{"way": "website", "web_address": edition.website}]


def _of_phone(phone: Phone) -> dict[str, str]:
    return {
        "way": "text" if phone.is_text else "phone",
        "number": national_form(phone.number),
        "detail": phone.purpose,
        "hours": hours_in_words(phone),
        "bank_holidays": bank_holidays_in_words(phone),
    }


def _of_way(way: OtherWay) -> dict[str, str]:
    return {"way": way.kind, "web_address": way.url, "detail": way.detail}


def _of_contact(edition: ContactEdition) -> dict[str, str]:
    if edition.coverage == Coverage.AUTHORITIES:
        authorities = list(edition.authorities.all())
        areas = [authority.name for authority in authorities]
        codes = [authority.gss_code or "" for authority in authorities]
    else:
        areas = [row.get_nation_display() for row in edition.nations.all()] or ["United Kingdom"]
        codes = []
    return {
        "contact_id": service_id(edition.contact.slug),
        "contact": edition.contact.slug,
        "name": edition.name,
        "kind": edition.kind,
        "hours_note": edition.hours_text,
        "what_for": edition.what_for,
        "not_for": edition.not_for,
        "who_for": "; ".join(row.audience for row in edition.audiences.all()),
        "coverage": edition.coverage,
        "areas": "; ".join(areas),
        "area_codes": "; ".join(codes),
        "cost": edition.cost,
        "anonymity": edition.anonymity,
        "languages": edition.languages,
        "website": edition.website,
        "source": edition.source,
        "checked_on": edition.checked_on.isoformat() if edition.checked_on else "",
        "checked_by": edition.checked_by,
        "review_by": edition.review_by.isoformat() if edition.review_by else "",
        "last_modified": last_modified(edition).isoformat(timespec="seconds"),
    }
