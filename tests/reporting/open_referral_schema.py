"""What Open Referral 3.0 asks of each answer, stated in our own words as JSON Schema 2020-12.

Only what a reader of the feed relies on: which fields must be there, their types and formats, and the values
that are allowed. HSDS 3.0 and the UK profile 3.0 ask for the same here; where only one has a field, it is not
required. The Human Services Data Specification is an Open Referral resource: https://openreferral.org/
"""

from jsonschema import Draft202012Validator

ID = {"type": "string", "format": "uuid", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
TEXT = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "format": "uri", "pattern": "^https?://"}
DAY = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
CLOCK = {"type": "string", "pattern": r"^\d\d:\d\d$"}
MOMENT = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$"}
WEEKDAYS = {"type": "string", "pattern": "^(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*$"}


def thing(*required: str, **fields: dict) -> dict:
    return {"type": "object", "required": ["id", *required], "properties": {"id": ID, **fields}}


def many(of: dict) -> dict:
    return {"type": "array", "items": of}


def must(whole: dict, *names: str) -> dict:
    """The same, with more that must be there."""
    return {**whole, "required": [*whole["required"], *names]}


TAXONOMY = thing("name", "description", name=TEXT, description=TEXT, version=TEXT)
TERM = thing(
    "name",
    "description",
    name=TEXT,
    description=TEXT,
    code=TEXT,
    taxonomy=TEXT,
    taxonomy_id=ID,
    taxonomy_detail=TAXONOMY,
    language=TEXT,
)
ATTRIBUTE = thing(link_id=ID, taxonomy_term_id=ID, link_type=TEXT, link_entity=TEXT, taxonomy_term=TERM)
PHONE = thing("number", number=TEXT, type=TEXT, description=TEXT, service_id=ID, organization_id=ID)
SCHEDULE = thing(
    service_id=ID,
    freq={"enum": ["WEEKLY", "MONTHLY"]},
    byday=WEEKDAYS,
    opens_at=CLOCK,
    closes_at=CLOCK,
    dtstart=DAY,
    valid_from=DAY,
    valid_to=DAY,
    description=TEXT,
    notes=TEXT,
)
SERVICE_AREA = thing(
    service_id=ID, name=TEXT, extent=TEXT, extent_type={"enum": ["geojson", "topojson", "kml", "text"]}
)
LANGUAGE = thing(service_id=ID, name=TEXT, code=TEXT, note=TEXT)
ACCESSIBILITY = thing(location_id=ID, description=TEXT, details=TEXT, url=ADDRESS)
LOCATION = thing(
    "location_type",
    location_type={"enum": ["physical", "postal", "virtual"]},
    name=TEXT,
    description=TEXT,
    url=ADDRESS,
    accessibility=many(ACCESSIBILITY),
)
IDENTIFIER = thing("identifier_type", "identifier", organization_id=ID, identifier_type=TEXT, identifier=TEXT)
ORGANIZATION_IN_LIST = thing("name", "description", name=TEXT, description=TEXT, website=ADDRESS)
ORGANIZATION = {
    **ORGANIZATION_IN_LIST,
    "properties": {
        **ORGANIZATION_IN_LIST["properties"],
        "phones": many(PHONE),
        "organization_identifiers": many(IDENTIFIER),
    },
}
SERVICE_IN_LIST = thing(
    "name",
    "status",
    organization_id=ID,
    name=TEXT,
    alternate_name=TEXT,
    description=TEXT,
    url=ADDRESS,
    email={"type": "string", "format": "email", "pattern": "^[^@ ]+@[^@ ]+$"},
    status={"enum": ["active", "inactive", "defunct", "temporarily closed"]},
    application_process=TEXT,
    fees=TEXT,
    fees_description=TEXT,
    eligibility_description=TEXT,
    assured_date=DAY,
    alert=TEXT,
    last_modified=MOMENT,
    organization=ORGANIZATION_IN_LIST,
)
AT_LOCATION = thing(service_id=ID, location_id=ID, location=LOCATION)
SERVICE = {
    **must(SERVICE_IN_LIST, "phones", "schedules", "service_areas", "organization", "last_modified"),
    "properties": {
        **SERVICE_IN_LIST["properties"],
        "phones": many(PHONE),
        "schedules": many(SCHEDULE),
        "service_areas": many(SERVICE_AREA),
        "service_at_locations": many(AT_LOCATION),
        "languages": many(LANGUAGE),
        "attributes": many(ATTRIBUTE),
        "organization": must(ORGANIZATION, "phones"),
    },
}
AT_LOCATION_IN_LIST = {**AT_LOCATION, "properties": {**AT_LOCATION["properties"], "service": SERVICE_IN_LIST}}
AT_LOCATION_IN_FULL = {
    **must(AT_LOCATION, "location", "phones", "schedules"),
    "properties": {**AT_LOCATION["properties"], "phones": many(PHONE), "schedules": many(SCHEDULE), "service": SERVICE},
}
ROOT = {
    "type": "object",
    "required": ["version", "profile", "openapi_url"],
    "properties": {"version": {"const": "HSDS-UK-3.0"}, "profile": ADDRESS, "openapi_url": ADDRESS},
}


def page_of(item: dict) -> dict:
    """The envelope of a list. The standard requires none of its members; we send all eight, and nothing more."""
    count = {"type": "integer", "minimum": 0}
    members = {
        "total_items": count,
        "total_pages": count,
        "page_number": {"type": "integer", "minimum": 1},
        "size": count,
        "first_page": {"type": "boolean"},
        "last_page": {"type": "boolean"},
        "empty": {"type": "boolean"},
        "contents": many(item),
    }
    return {"type": "object", "required": list(members), "properties": members, "additionalProperties": False}


LISTS = {
    "services": SERVICE_IN_LIST,
    "organizations": ORGANIZATION_IN_LIST,
    "service_at_locations": AT_LOCATION_IN_LIST,
    "taxonomies": TAXONOMY,
    "taxonomy_terms": TERM,
}
WHOLE = {
    "services": SERVICE,
    "organizations": ORGANIZATION,
    "service_at_locations": AT_LOCATION_IN_FULL,
    "taxonomies": TAXONOMY,
    "taxonomy_terms": TERM,
}


def faults(answer: dict, schema: dict) -> list[str]:
    """What is wrong with an answer, each with where; nothing if all is right."""
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(answer)]
