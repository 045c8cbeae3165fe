"""Made-up postcodes in the outward codes that there are, beside those that ship with the site."""

from collections.abc import Callable, Iterator
from itertools import product
from random import Random

from reporting.importing import Row, replace_postcodes, verify_loaded
from reporting.models import DataSource, Outcode, Postcode
from reporting.postcodes import INWARD_KEYS, inward_key, outward_key
from reporting.shipped import YEAR, version
from safety_site.growing.words import BY

# No inward code has one of C, I, K, M, O and V.
INWARD = [f"{digit}{a}{b}" for digit, a, b in product("0123456789", "ABDEFGHJLNPQRSTUWXYZ", "ABDEFGHJLNPQRSTUWXYZ")]


def grow_postcodes(count: int, seed: int, step: Callable[[int], object]) -> None:
    """Fill the table up to about so many; an outward code of which there are postcodes keeps just those."""
    there = list(Postcode.objects.order_by("key").values_list("key", "authority_id", "status", "place"))
    reached = list(Outcode.objects.values_list("outcode", "authority_id", "live_postcodes"))
    taken = {key // INWARD_KEYS for key, *_ in there}
    free: dict[str, list[tuple[int, int]]] = {}
    for outcode, authority, live in reached:
        if outward_key(outcode) // INWARD_KEYS not in taken:
            free.setdefault(outcode, []).append((authority, live + 1))
    missing = count - len(there)
    if missing <= 0:
        return
    if missing > len(free) * len(INWARD):
        raise ValueError(f"There is room for {len(there) + len(free) * len(INWARD):,} postcodes at most.")
    made, loaded = _made_up(free, missing, Random(f"{seed}/postcodes")), 0  # noqa: S311

    def counted() -> Iterator[Row]:
        nonlocal loaded
        for loaded, row in enumerate(_in_order(there, made), 1):
            if loaded % 10_000 == 0:
                step(10_000)
            yield row
        step(loaded % 10_000)

    source = DataSource(name=f"Made up by {BY}", year=YEAR, is_whole=True, shipped_version=version())
    outcodes = {(outcode, authority): live for outcode, authority, live in reached}
    replace_postcodes(counted(), lambda: outcodes, source, lambda changes: verify_loaded(changes, loaded))


def _made_up(free: dict[str, list[tuple[int, int]]], count: int, chance: Random) -> Iterator[Row]:
    """The same number in each outward code, in the order of their keys."""
    inward = [inward_key(each) for each in INWARD]
    for number, outcode in enumerate(sorted(free, key=outward_key)):
        here = (number + 1) * count // len(free) - number * count // len(free)
        start, (authorities, weights) = outward_key(outcode), zip(*free[outcode], strict=True)
        chosen = chance.choices(authorities, weights, k=here)
        for key, authority in zip(sorted(inward[:here]), chosen, strict=True):
            yield start + key, authority, Postcode.Status.LIVE.value, Postcode.Place.UK.value


def _in_order(there: list[Row], made: Iterator[Row]) -> Iterator[Row]:
    """Both by key, so that each row is added at the end of the table."""
    rest = iter(there)
    old = next(rest, None)
    for row in made:
        while old is not None and old[0] < row[0]:
            yield old
            old = next(rest, None)
        yield row
    while old is not None:
        yield old
        old = next(rest, None)
