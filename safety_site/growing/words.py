"""Made-up words that look like a language: as long, as often and in sentences as real ones are."""

from datetime import UTC, date, datetime, timedelta
from random import Random

MADE_UP = "Made up"
BY = "manage.py grow"
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)

_SMALL = (
    "the", "a", "to", "and", "of", "in", "is", "it", "you", "for", "on", "that", "they", "can", "with", "your", "not",
    "or", "be", "at", "if", "this", "are", "from", "have",
)  # fmt: skip
_STARTS = (
    "b", "bl", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "pr", "r",
    "s", "sh", "sl", "st", "t", "th", "tr", "v", "w",
)  # fmt: skip
_MIDDLES = ("a", "e", "i", "o", "u", "ai", "ea", "ee", "oa", "ou")
_ENDS = ("", "", "n", "r", "l", "t", "m", "s", "ck", "nd", "st")

# Ofcom keeps these numbers for drama, so that no telephone ever rings: "Telephone numbers for use in TV and radio
# drama programmes", https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama/
_GEOGRAPHIC, _FREE, _MOBILE = "01632 960", "0808 157 0", "07700 900"


class Words:
    """Text from one seed; two of the same seed and name say the same."""

    def __init__(self, seed: int, name: str):
        self.chance = Random(f"{seed}/{name}")  # noqa: S311 - not for secrets: the same words each time
        syllables = [s + m + e for s in _STARTS for m in _MIDDLES for e in _ENDS]
        self._words = sorted({"".join(self.chance.choices(syllables, k=1 + i % 3)) for i in range(4_000)})
        self.chance.shuffle(self._words)
        # Few words stand often and many seldom, as in every language.
        often = [1 / rank for rank in range(1, len(self._words) + 1)]
        long = iter(self.chance.choices(self._words, often, k=60_000))
        self._sentences = [self._sentence(long) for _ in range(4_000)]

    def _sentence(self, long) -> str:
        words = [
            next(long) if self.chance.random() < 0.6 else self.chance.choice(_SMALL) for _ in range(self.count(12))
        ]
        return f"{' '.join(words)}.".capitalize()

    def count(self, usual: int) -> int:
        """A number around the usual one, from half of it to half as much again."""
        return self.chance.randint(usual - usual // 2, usual + usual // 2)

    def some(self, rows: list, usual: int) -> list:
        """A few of some rows, each once."""
        return self.chance.sample(rows, min(self.count(usual), len(rows)))

    def phrase(self, count: int) -> str:
        return " ".join(self.chance.choices(self._words, k=count)).capitalize()

    def title(self, number: int) -> str:
        """Unique by its number, and plainly made up."""
        return f"{MADE_UP}: {self.phrase(2)} {number}"

    def text(self, characters: int) -> str:
        """Whole sentences of about so many characters."""
        said = self.chance.choice(self._sentences)
        while len(said) < characters - 40:
            said += " " + self.chance.choice(self._sentences)
        return said if len(said) <= characters else f"{said[: characters - 1].rsplit(' ', 1)[0]}."

    def html(self, characters: int) -> str:
        """Paragraphs, and a list at the end, as an editor writes them."""
        paragraphs = [f"<p>{self.text(220)}</p>" for _ in range(max(characters // 300, 1))]
        points = "".join(f"<li><p>{self.text(60)}</p></li>" for _ in range(characters // 250))
        return "".join(paragraphs) + (f"<ul>{points}</ul>" if points else "")

    def link(self) -> str:
        """Leads nowhere for ever: no site can have a name that ends in ".example"."""
        return f"https://made-up.example/{self.chance.randrange(10**6)}/"

    def phone(self, number: int, *, is_text: bool = False) -> str:
        """A number that Ofcom keeps for drama."""
        start = _MOBILE if is_text else self.chance.choice((_GEOGRAPHIC, _GEOGRAPHIC, _FREE))
        return f"{start}{number % 1_000:03d}"


def as_approved(number: int) -> dict:
    """What makes an edition live, and says that nobody wrote it: minutes after each other, from a day long past."""
    return {
        "number": 1,
        "state": "approved",
        "publish_at": EPOCH + timedelta(minutes=number),
        "created_at": EPOCH,
        "imported_from": f"made up by {BY}",
        "checked_on": date(2025, 1, 1),
        "checked_by": f"nobody: {MADE_UP.lower()} by {BY}",
        "review_by": date(2099, 1, 1),
    }
