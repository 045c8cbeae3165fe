"""What stops an approval, and what is worth a second look."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from safety_site.editions import Edition
from safety_site.newsroom import gate_rules as rules
from safety_site.newsroom.gate_rules import Finding
from safety_site.newsroom.pieces import Reading, read


@dataclass(frozen=True)
class Findings:
    """What the gate found: faults, with which nothing can be approved, and warnings."""

    faults: list[Finding]
    warnings: list[Finding]


def _rules_of_apps() -> dict[str, ModuleType]:
    """The module ``gate_rules`` of each app that has one, by the label of the app.

    It may offer ``findings(reading)``, ``past_names()``, ``proper_names()`` and ``LENGTHS``. Found by name, as
    Django finds an app's admin: the newsroom knows no app.
    """
    configs = [each for each in apps.get_app_configs() if module_has_submodule(each.module, "gate_rules")]
    return {each.label: import_module(f"{each.name}.gate_rules") for each in configs}


def _every_finding(reading: Reading) -> Iterator[Finding]:
    edition, of_apps = reading.edition, _rules_of_apps()
    own = of_apps.get(edition._meta.app_label)
    proper_names = [name for each in of_apps.values() for name in each.proper_names()]
    if edition.is_withdrawal:
        # Readers see its reason and where to go instead, and nothing else of it.
        yield from rules.internal_links(Reading(edition, []))
        yield from rules.withdrawal_leads_elsewhere(reading)
        yield from rules.banned_phrases(Reading(edition, []), proper_names)
        return
    yield from rules.something_in_it(reading)
    if own:
        yield from own.findings(reading)
    for rule in (rules.link_words, rules.link_targets, rules.headings, rules.pictures, rules.internal_links):
        yield from rule(reading)
    yield from rules.banned_phrases(reading, proper_names)
    yield from rules.check_dates(reading)
    yield from rules.editor_note(reading)
    yield from rules.related_things(reading)
    yield from rules.past_names(reading, [name for each in of_apps.values() for name in each.past_names()])
    yield from rules.figures_in_text(reading)
    yield from rules.checked_links(reading)
    yield from rules.reading_age_of(reading)
    if own and edition._meta.model_name in own.LENGTHS:
        yield from rules.length(reading, *own.LENGTHS[edition._meta.model_name])


def inspect(edition: Edition) -> Findings:
    """Everything that the gate finds in an edition as it was last saved; nobody approves one with faults."""
    found = list(dict.fromkeys(_every_finding(read(edition))))
    return Findings([each for each in found if each.stops], [each for each in found if not each.stops])


class GatePage:
    """A mixin of EditionAdmin: the findings of a draft, beside its form."""

    def edition_urls(self) -> list:
        """Patterns below the admin pages of one kind of edition."""
        return super().edition_urls()

    def edition_context(self, request, edition) -> dict:
        """What the edit screen shows; ``edition`` is None on the page for a new one."""
        findings = inspect(edition) if edition and not edition.is_approved else None
        return {**super().edition_context(request, edition), "findings": findings}
