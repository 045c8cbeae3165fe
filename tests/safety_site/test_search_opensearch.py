"""Search in OpenSearch by one setting, against a small server of our own that speaks as much of it as we use.

No OpenSearch runs in the tests. The server keeps what it is sent and answers a query by the words in it; what is
shown is that the setting is enough, that both indexes are kept, and that a dead server costs nobody an answer.
"""

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from safety_site.models import SearchEntry
from safety_site.search import search
from safety_site.search_index import index_edition
from safety_site.search_sources import reindex
from tests import factories


class StandIn(ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.documents: dict[str, dict] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, body: dict, status: int = 200) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_HEAD(self):
        self.send_response(404)
        self.end_headers()

    def do_DELETE(self):
        self.server.documents.pop(self.path.rpartition("/")[2].partition("?")[0], None)
        self.answer({"acknowledged": True, "result": "deleted"})

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer({"acknowledged": True})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if "_bulk" in self.path:
            lines = [json.loads(line) for line in body.splitlines()]
            for action, document in zip(lines[::2], lines[1::2], strict=True):
                self.server.documents[action["index"]["_id"]] = document
            self.answer({"errors": False, "items": [{"index": {"status": 201}} for _ in lines[::2]]})
        elif "/_search" in self.path and "scroll_id" not in body:
            self.server.asked.append(body)
            words = set(re.findall(r"\b[a-z]+[01]\b", body))
            found = [d for d in self.server.documents.values() if words <= set(d["stems"].split())]
            hits = [{"_score": 1.0, "fields": {"pk": [document["pk"]]}} for document in found]
            self.answer({"hits": {"hits": hits}})
        else:
            self.answer({"hits": {"hits": []}})


@pytest.fixture
def opensearch(settings):
    """The stand-in, named by the same entry that SEARCH_URL makes in settings.py."""
    server = StandIn()
    Thread(target=server.serve_forever, daemon=True).start()
    backends = {
        **settings.MODELSEARCH_BACKENDS,
        "opensearch": {
            "BACKEND": "modelsearch.backends.opensearch3", "URLS": [server.url], "INDEX_PREFIX": "t_", "TIMEOUT": 2,
        },
    }  # fmt: skip
    settings.MODELSEARCH_BACKENDS = backends
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
def test_both_indexes_are_kept_and_opensearch_is_asked(opensearch):
    index_edition(factories.app_edition(name="Snapchat"))
    assert [document["pk"] for document in opensearch.documents.values()] == [str(SearchEntry.objects.get().pk)]
    assert [row.entry.title for row in search("snapchat").best] == ["Snapchat"]
    assert len(opensearch.asked) == 1
    assert "snapchat0" in opensearch.asked[0]


@pytest.mark.django_db
def test_index_is_made_anew_in_both(opensearch):
    factories.app_edition(name="Snapchat")
    assert reindex() == len(opensearch.documents) == SearchEntry.objects.count()


@pytest.mark.django_db
def test_database_answers_while_opensearch_is_away(opensearch, caplog):
    index_edition(factories.app_edition(name="Snapchat"))
    opensearch.shutdown()
    opensearch.server_close()
    assert [row.entry.title for row in search("snapchat").best] == ["Snapchat"]
    index_edition(factories.app_edition(name="Roblox"))
    assert [row.entry.title for row in search("roblox").best] == ["Roblox"]
    assert "snapchat" not in caplog.text.lower()
    assert "the database was searched instead" in caplog.text
