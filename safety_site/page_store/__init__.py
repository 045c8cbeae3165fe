"""The page store: finished answers, served at the WSGI door before Django does any work.

``declared``  which pages are kept, and which parts of an address make a page of their own
``answer``    one finished answer: headers, and its body in each encoding, with and without what is true only now
``memory``    those that this process holds
``disk``      those that this machine holds, for all processes and for one that starts while the database is away
``asking``    the request by which Django is asked for one
``flights``   one thread makes a page, the others wait for it
``door``      the WSGI application around Django's: hit, miss, stale, or past the store
``filler``    makes anew what a change has put out of date, so that what stands on disk is never old

When the content changes is told by ``safety_site/watch.py``; what holds for a short time only, by ``freshness.py``.
"""
