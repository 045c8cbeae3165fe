"""Figures of one process for whoever runs the site: how many answers of each kind, how fast, from where."""


def answered(route: str, status: int, seconds: float, store: str) -> None:
    """Count one answer."""


def lost(number: int) -> None:
    """Count what could not be counted."""


def round() -> None:
    """Put this process's figures where the others can read them."""
