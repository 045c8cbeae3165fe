"""Our fixed lists as taxonomies of Open Referral, and the ids of everything in the feed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID, uuid5

from reporting.models import ContactEdition, Kind
from safety_site.vocabulary import Audience, Concern

# Drawn once at random. Another value would give everything another id, and every copy elsewhere would lose track.
NAMESPACE = UUID("45e08cfd-fbdf-49b5-a3b7-2227872b326b")


@lru_cache(maxsize=20_000)
def id_of(*parts: str) -> str:
    """The id of what these words name: the same for ever, in every edition, on every copy of the site."""
    return str(uuid5(NAMESPACE, "/".join(parts)))


def service_id(slug: str) -> str:
    return id_of("service", slug)


@dataclass(frozen=True)
class Term:
    """One word of one of our lists, by which services can be asked for."""

    list_name: str  # kind, audience or concern
    value: str
    name: str

    @property
    def id(self) -> str:
        return id_of("taxonomy-term", self.list_name, self.value)


TAXONOMY_NAMES = {
    "kind": ("Kind of contact", "What sort of service it is."),
    "audience": ("Who may use it", "The people that a service is for."),
    "concern": ("What has happened", "The worries for which this site sends people to a service."),
}
TERMS = {
    term.id: term
    for list_name, choices in (("kind", Kind), ("audience", Audience), ("concern", Concern))
    for term in (Term(list_name, value, label) for value, label in choices.choices)
}


def taxonomy_id(list_name: str) -> str:
    return id_of("taxonomy", list_name)


LIST_OF_TAXONOMY = {taxonomy_id(list_name): list_name for list_name in TAXONOMY_NAMES}


def taxonomy(list_name: str) -> dict:
    name, description = TAXONOMY_NAMES[list_name]
    return {"id": taxonomy_id(list_name), "name": name, "description": description, "version": "1"}


def taxonomy_term(term: Term) -> dict:
    name, _ = TAXONOMY_NAMES[term.list_name]
    return {
        "id": term.id,
        "code": term.value,
        "name": term.name,
        "term": term.name,
        "description": f"{name}: {term.name}.",
        "taxonomy": name,
        "taxonomy_id": taxonomy_id(term.list_name),
        "taxonomy_detail": taxonomy(term.list_name),
        "language": "en",
    }


def attributes(edition: ContactEdition, concerns: Iterable[str]) -> list[dict]:
    values = [("kind", edition.kind)]
    values += [("audience", row.audience) for row in edition.audiences.all()]
    values += [("concern", concern) for concern in concerns]
    terms = (TERMS.get(id_of("taxonomy-term", *value)) for value in values)
    service = service_id(edition.contact.slug)
    return [
        {
            "id": id_of("attribute", edition.contact.slug, term.list_name, term.value),
            "link_id": service,
            "link_entity": "service",
            "link_type": term.list_name,
            "taxonomy_term_id": term.id,
            "taxonomy_term": taxonomy_term(term),
        }
        for term in terms
        if term
    ]
