"""Phone numbers as links. Short codes (999, 101, 116 123) stay bare digits: E.164 would make +44999 of them."""

import re


def telephone_address(number: str) -> str:
    """``0800 555 111`` → ``tel:0800555111``. A leading plus is kept; anything else but digits goes."""
    plus = "+" if number.strip().startswith("+") else ""
    return f"tel:{plus}{re.sub(r'[^0-9]', '', number)}"
