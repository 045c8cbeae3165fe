"""Django's two databases, with a sense of time: a dead one is noticed once, and is not asked by every request.

``health.py`` is what this process knows of each; ``watched.py`` is what both have in common. Connections are kept by
each thread from one request to the next. Before the first query of a request it is looked at whether the connection
still stands, without asking the server, so that a restart of the database costs no page.
"""
