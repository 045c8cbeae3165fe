"""The doors of the editors' pages: who comes in, how they prove it, and the list of what was changed.

- ``lockout``: how many wrong passwords and codes, by name and address
- ``passwords``: which passwords are too easy to guess
- ``factors``: the code of a phone, and recovery codes
- ``sessions``: how long a sign-in lasts, who is through, and asking again before what matters most
- ``views``, ``forms``: the pages for all of that
- ``people``: users and groups in the admin
- ``audit``, ``audit_admin``: every change with before and after; nobody can edit it
"""
