"""Numbers to tap."""

import pytest
from django.template import Context, Template

from safety_site.phones import telephone_address
from safety_site.templatetags.site_tags import host


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("999", "tel:999"),
        ("101", "tel:101"),
        ("116 123", "tel:116123"),
        ("0800 555 111", "tel:0800555111"),
        ("0808 800 5000", "tel:08088005000"),
        ("(01702) 215-007", "tel:01702215007"),
        ("+44 20 7946 0000", "tel:+442079460000"),
        (" +44 20 7946 0000 ", "tel:+442079460000"),
        ("0800\u00a0555\u00a0111", "tel:0800555111"),
    ],
)
def test_telephone_address_keeps_digits_and_leading_plus(number, address):
    assert telephone_address(number) == address


def test_short_code_gets_no_country_code():
    assert "+" not in telephone_address("999")


def render(template: str, **context) -> str:
    return Template("{% load site_tags %}" + template).render(Context(context))


def test_phone_tag_shows_the_number_as_published():
    assert render("{% phone '0800 1111' %}") == '<a class="phone" href="tel:08001111">0800 1111</a>'


def test_phone_tag_with_label_shows_the_label():
    assert render("{% phone '999' 'Call 999' %}") == '<a class="phone" href="tel:999">Call 999</a>'


def test_phone_tag_escapes_what_it_shows():
    assert render("{% phone number %}", number='1"><script>') == (
        '<a class="phone" href="tel:1">1&quot;&gt;&lt;script&gt;</a>'
    )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.nspcc.org.uk/keeping-children-safe/", "nspcc.org.uk"),
        ("https://saferinternet.org.uk", "saferinternet.org.uk"),
        ("https://learning.nspcc.org.uk/x?y=https://z.example/", "learning.nspcc.org.uk"),
    ],
)
def test_host_names_the_site_as_people_say_it(url, name):
    assert host(url) == name
