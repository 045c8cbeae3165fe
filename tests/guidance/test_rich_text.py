"""What of an editor's HTML reaches a page: the allow-list and nothing else, even if stored raw."""

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guidance.models import Section
from safety_site.rich_text import clean
from tests import factories


@pytest.mark.parametrize(
    "html",
    [
        "<p>Words with <strong>weight</strong> and <em>tone</em>.<br>Next line.</p>",
        "<h3>A part</h3><h4>A smaller part</h4>",
        "<ul><li>One</li><li>Two</li></ul>",
        "<ol><li>First</li><li>Then</li></ol>",
        "<blockquote><p>“Said by someone.”</p></blockquote>",
        "<p>Five &lt; six &amp; seven.</p>",
        "",
    ],
)
def test_allowed_html_stays_as_it_is(html):
    assert clean(html) == html


@pytest.mark.parametrize(
    "address", ["https://www.nspcc.org.uk/", "tel:999", "mailto:a@charity.example", "/topics/#risk"]
)
def test_allowed_link_stays_and_says_noreferrer(address):
    assert clean(f'<a href="{address}">Go</a>') == f'<a href="{address}" rel="noreferrer">Go</a>'


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
        "&#106;avascript:alert(1)", "data:text/html,x", "vbscript:x", "http://plain.example/", "file:///etc/passwd",
        "blob:https://x.example/1",
    ],
)  # fmt: skip
def test_link_with_another_scheme_loses_its_address(address):
    assert clean(f'<a href="{address}">Go</a>') == '<a rel="noreferrer">Go</a>'


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<script>alert(1)</script>After", "After"),
        ("<ScRiPt src=https://x.example/></ScRiPt>After", "After"),
        ("<style>p { display: none }</style>After", "After"),
        ('<iframe src="https://x.example/"></iframe>After', "After"),
        ("<object data=x></object><embed src=x>After", "After"),
        ("<img src=x onerror=alert(1)>After", "After"),
        ("<svg onload=alert(1)><script>x</script></svg>After", "After"),
        ("<video src=x autoplay></video><audio src=x></audio>After", "After"),
        ('<p style="display:none" class="x" id="help" onclick="x()">After</p>', "<p>After</p>"),
        ('<form action="https://x.example/"><input name=q><button>Send</button></form>', "Send"),
        ("<h1>Top</h1><h2>Second</h2>", "TopSecond"),
        ('<base href="https://x.example/"><meta http-equiv=refresh><link rel=stylesheet href=x>After', "After"),
        ('<a href="https://x.example/" target="_blank" rel="opener" onclick="x()" style="x">Go</a>',
         '<a href="https://x.example/" rel="noreferrer">Go</a>'),
        ("<!-- a note -->After", "After"),
        ("<p>Never closed", "<p>Never closed</p>"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_goes(html, left):
    assert clean(html) == left


@pytest.mark.django_db
def test_what_was_stored_raw_is_cleaned_on_the_page(client):
    edition = factories.topic_edition()
    section = Section.objects.create(edition=edition, heading="A part", body="<p>Kept</p>")
    factories.store_raw(
        section,
        body='<p onclick="MARK()">Kept</p><script>MARK()</script><iframe src="https://MARK.example/"></iframe>'
        '<img src=x onerror=MARK()><a href="javascript:MARK()">Go</a><style>MARK</style>',
    )
    page = client.get(edition.get_absolute_url()).content.decode()
    assert "<p>Kept</p>" in page
    assert "MARK" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["app", "control", "age band", "shared note"])
def test_every_rich_text_is_cleaned_on_its_page(client, kind):
    raw = "<p>Kept</p><script>MARK()</script>"
    if kind == "app":
        row, field = factories.app_edition(), "description"
        address = row.get_absolute_url()
    elif kind == "control":
        row, field = factories.control_edition(), "limits"
        address = row.get_absolute_url()
    elif kind == "age band":
        row, field = factories.age_band(), "introduction"
        address = row.get_absolute_url()
    else:
        row, field = factories.shared_note(), "body"
        edition = factories.app_edition()
        edition.shared_notes.add(row)
        address = edition.get_absolute_url()
    factories.store_raw(row, **{field: raw})
    page = client.get(address).content.decode()
    assert "<p>Kept</p>" in page
    assert "MARK" not in page


ALLOWED = {
    "a": {"href", "rel", "title"}, "ol": {"start", "type", "data-type"}, "p": set(), "h3": set(), "h4": set(),
    "ul": set(), "li": set(), "strong": set(), "em": set(), "br": set(), "blockquote": set(),
}  # fmt: skip
PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<a href=", "javascript:", "'", '"', ">", "<", "</", "<script>", "</script>", "<svg>", "<math>",
        "<style>", "onerror=x ", "<img src=x ", "<!--", "-->", "<![CDATA[", "]]>", "<template>", "<noscript>", "&#0;",
        "<mtext>", "<textarea>", "<title>", "<ol start=", "https://", " style=x ", "<iframe srcdoc=", "/", "\x00",
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=24).map("".join))
@example("<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=x>'>")
@example("<noscript><p title='</noscript><img src=x onerror=x>'>")
def test_clean_leaves_only_allowed_elements_and_attributes(html):
    tree = html5lib.parseFragment(clean(html), namespaceHTMLElements=False)
    for element in list(tree.iter())[1:]:
        assert element.tag in ALLOWED
        assert set(element.attrib) <= ALLOWED[element.tag]
        assert element.get("href", "/").strip().lower().partition(":")[0] not in {
            "javascript",
            "data",
            "vbscript",
            "http",
        }


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=24).map("".join))
def test_clean_twice_is_clean_once(html):
    assert clean(clean(html)) == clean(html)
