"""A web server that answers as a test says."""

import threading

import pytest

from tests.safety_site.newsroom.link_server import Server


@pytest.fixture
def server():
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
