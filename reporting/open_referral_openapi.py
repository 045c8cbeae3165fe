"""The OpenAPI document of the feed: what may be asked, and what comes back. Pure."""

from reporting import open_referral_parameters as parameters
from reporting.open_referral_parameters import PARAMETERS

LICENCE = {
    "name": "Open Government Licence v3.0",
    "url": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
PROFILE = "https://github.com/OpenReferralUK/uk-profile"
STANDARD = "HSDS-UK-3.0"

TEXT = {"type": "string"}
ID = {"type": "string", "format": "uuid"}
ADDRESS = {"type": "string", "format": "uri"}
DAY = {"type": "string", "format": "date"}
MOMENT = {"type": "string", "format": "date-time"}
CLOCK = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}


def _ref(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: str, **properties: dict) -> dict:
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(name: str) -> dict:
    return {"type": "array", "items": _ref(name)}


SCHEMAS = {
    "Root": _object("version profile openapi_url", version=TEXT, profile=ADDRESS, openapi_url=ADDRESS),
    "Problem": _object("status error", status={"type": "integer"}, error=TEXT, parameter=TEXT),
    "Taxonomy": _object("id name description", id=ID, name=TEXT, description=TEXT, version=TEXT),
    "TaxonomyWithTerms": _object(
        "id name description taxonomy_terms", id=ID, name=TEXT, description=TEXT, taxonomy_terms=_list("TaxonomyTerm")
    ),
    "TaxonomyTerm": _object(
        "id code name description taxonomy_id",
        id=ID,
        code=TEXT,
        name=TEXT,
        term=TEXT,
        description=TEXT,
        taxonomy=TEXT,
        taxonomy_id=ID,
        taxonomy_detail=_ref("Taxonomy"),
        language=TEXT,
    ),
    "Attribute": _object(
        "id link_id taxonomy_term_id taxonomy_term",
        id=ID,
        link_id=ID,
        link_entity=TEXT,
        link_type=TEXT,
        taxonomy_term_id=ID,
        taxonomy_term=_ref("TaxonomyTerm"),
    ),
    "Phone": _object(
        "id number type",
        id=ID,
        service_id=ID,
        organization_id=ID,
        number={"type": "string", "minLength": 1},
        type={"enum": ["voice", "text"]},
        description=TEXT,
    ),
    "Schedule": _object(
        "id service_id description valid_from",
        id=ID,
        service_id=ID,
        phone_id=ID,
        freq={"const": "WEEKLY"},
        byday={"type": "string", "pattern": "^(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*$"},
        opens_at=CLOCK,
        closes_at=CLOCK,
        dtstart=DAY,
        valid_from=DAY,
        valid_to=DAY,
        description=TEXT,
        notes=TEXT,
    ),
    "ServiceArea": _object(
        "id service_id name", id=ID, service_id=ID, name=TEXT, extent=TEXT, extent_type={"const": "text"}
    ),
    "Accessibility": _object("id", id=ID, location_id=ID, description=TEXT, details=TEXT, url=ADDRESS),
    "Location": _object(
        "id location_type",
        id=ID,
        location_type={"const": "virtual"},
        name=TEXT,
        description=TEXT,
        url=ADDRESS,
        accessibility=_list("Accessibility"),
    ),
    "OrganizationIdentifier": _object(
        "id identifier_type identifier", id=ID, organization_id=ID, identifier_type=TEXT, identifier=TEXT
    ),
    "OrganizationInList": _object("id name description", id=ID, name=TEXT, description=TEXT, website=ADDRESS),
    "Organization": {
        "allOf": [
            _ref("OrganizationInList"),
            _object(
                "phones organization_identifiers",
                phones=_list("Phone"),
                organization_identifiers=_list("OrganizationIdentifier"),
                services={"type": "array", "items": {"anyOf": [_ref("Service"), _ref("ServiceName")]}},
            ),
        ]
    },
    "ServiceName": _object("id name status", id=ID, name=TEXT, status=TEXT),
    "ServiceAtAGlance": _object("id modified_date last_modified", id=ID, modified_date=MOMENT, last_modified=MOMENT),
    "ServiceInList": _object(
        "id organization_id name status last_modified organization source",
        id=ID,
        organization_id=ID,
        name=TEXT,
        alternate_name=TEXT,
        description=TEXT,
        url=ADDRESS,
        email={"type": "string", "format": "email"},
        status={"enum": ["active", "defunct"]},
        application_process=TEXT,
        fees=TEXT,
        fees_description=TEXT,
        eligibility_description=TEXT,
        assured_date=DAY,
        alert=TEXT,
        last_modified=MOMENT,
        source=TEXT,
        checked_by=TEXT,
        review_by=DAY,
        organization=_ref("OrganizationInList"),
    ),
    "Service": {
        "allOf": [
            _ref("ServiceInList"),
            _object(
                "phones schedules service_areas service_at_locations attributes",
                phones=_list("Phone"),
                schedules=_list("Schedule"),
                service_areas=_list("ServiceArea"),
                service_at_locations=_list("ServiceAtLocation"),
                languages={"type": "array", "items": _object("id service_id note", id=ID, service_id=ID, note=TEXT)},
                additional_urls={
                    "type": "array",
                    "items": _object("id service_id label url", id=ID, service_id=ID, label=TEXT, url=ADDRESS),
                },
                attributes=_list("Attribute"),
                organization=_ref("Organization"),
            ),
        ]
    },
    "ServiceAtLocation": _object(
        "id service_id location_id location", id=ID, service_id=ID, location_id=ID, location=_ref("Location")
    ),
    "ServiceAtLocationInList": {
        "allOf": [_ref("ServiceAtLocation"), _object("service", service=_ref("ServiceInList"))]
    },
    "ServiceAtLocationWhole": {
        "allOf": [
            _ref("ServiceAtLocation"),
            _object(
                "service phones schedules",
                service=_ref("Service"),
                phones=_list("Phone"),
                schedules=_list("Schedule"),
            ),
        ]
    },
    "Page": _object(
        "total_items total_pages page_number size first_page last_page empty contents",
        total_items={"type": "integer", "minimum": 0},
        total_pages={"type": "integer", "minimum": 0},
        page_number={"type": "integer", "minimum": 1},
        size={"type": "integer", "minimum": 0},
        first_page={"type": "boolean"},
        last_page={"type": "boolean"},
        empty={"type": "boolean"},
        contents={"type": "array"},
    ),
}  # fmt: skip


def _page_of(*names: str) -> dict:
    items = {"anyOf": [_ref(name) for name in names]} if len(names) > 1 else _ref(names[0])
    contents = {"type": "object", "properties": {"contents": {"type": "array", "items": items}}}
    return {"allOf": [_ref("Page"), contents]}


def _answer(description: str, schema: dict) -> dict:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problem(description: str) -> dict:
    return _answer(description, _ref("Problem"))


HEADERS = {
    "ETag": {"description": "Send it back as If-None-Match.", "schema": TEXT},
    "Last-Modified": {"description": "Send it back as If-Modified-Since.", "schema": TEXT},
    "Access-Control-Allow-Origin": {"description": "Always *.", "schema": TEXT},
}
TOO_MANY = {
    **_problem("Too many requests. Wait as many seconds as Retry-After says."),
    "headers": {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}},
}

# The site refuses such an address before it looks at what it is for, with a page for people.
TOO_LONG = {"description": "What follows the question mark is too long.", "content": {"text/html": {"schema": TEXT}}}


def _operation(name: str, summary: str, schema: dict, asked: tuple[str, ...] = (), by_id: bool = False) -> dict:
    get = {
        "operationId": name,
        "summary": summary,
        "parameters": [_parameter(one) for one in asked],
        "responses": {
            "200": {**_answer(summary, schema), "headers": HEADERS},
            "304": {"description": "Nothing has changed since you last asked."},
            "400": _problem("A parameter cannot be used. The answer says which, and why."),
            "414": TOO_LONG,
            "429": TOO_MANY,
        },
    }
    if by_id:
        get["parameters"].insert(0, {"name": "id", "in": "path", "required": True, "schema": ID})
        get["responses"]["404"] = _problem("There is nothing with this id.")
        get["responses"]["410"] = _problem("It was here and was withdrawn. The answer says why.")
    return {"get": get}


def _parameter(name: str) -> dict:
    one = PARAMETERS[name]
    return {"name": name, "in": "query", "description": one.description, "schema": dict(one.schema)}


def document(address: str, title: str) -> dict:
    """The whole document for a feed at an address without a closing slash."""
    lists = {
        "services": ("Service", parameters.SERVICES, ("ServiceInList", "ServiceAtAGlance", "Service")),
        "organizations": ("Organization", parameters.ORGANIZATIONS, ("OrganizationInList", "Organization")),
        "service_at_locations": (
            "ServiceAtLocationWhole",
            parameters.SERVICES_AT_LOCATIONS,
            ("ServiceAtLocationInList", "ServiceAtLocationWhole"),
        ),
        "taxonomies": ("TaxonomyWithTerms", parameters.TAXONOMIES, ("Taxonomy",)),
        "taxonomy_terms": ("TaxonomyTerm", parameters.TERMS, ("TaxonomyTerm",)),
    }
    paths = {"/": _operation("root", "What this is.", _ref("Root"))}
    for path, (whole, asked, in_list) in lists.items():
        thing = path.replace("_", " ")
        paths[f"/{path}"] = _operation(f"list_{path}", f"A page of {thing}.", _page_of(*in_list), asked)
        first = {"operationId": f"one_of_{path}", "parameters": {"id": "$response.body#/contents/0/id"}}
        paths[f"/{path}"]["get"]["responses"]["200"]["links"] = {"first": first}
        of_one = parameters.ORGANIZATION if path == "organizations" else ()
        paths[f"/{path}/{{id}}"] = _operation(
            f"one_of_{path}", f"One of the {thing}, in full.", _ref(whole), of_one, by_id=True
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "1",
            "description": "Whom to call when a child is at risk: contacts as HSDS-UK 3.0 with HSDS 3.0 phones. "
            "Human Services Data Specification: an Open Referral resource (https://openreferral.org/).",
            "license": LICENCE,
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": address}],
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }
