"""What stops an approval, and what is worth a second look."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One thing that the gate has found, in words for an editor."""

    where: str
    field: str  # the id of the field on the edit screen; empty: the edition as a whole
    wrong: str
    do: str = ""


@dataclass(frozen=True)
class Findings:
    """What the gate found: faults, with which nothing can be approved, and warnings."""

    faults: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


def inspect(edition) -> Findings:
    """A placeholder: nothing is looked at yet."""
    return Findings()


class GatePage:
    """A mixin of EditionAdmin."""

    def edition_urls(self) -> list:
        """Patterns below the admin pages of one kind of edition."""
        return super().edition_urls()

    def edition_context(self, request, edition) -> dict:
        """What the edit screen shows; ``edition`` is None on the page for a new one."""
        return super().edition_context(request, edition)
