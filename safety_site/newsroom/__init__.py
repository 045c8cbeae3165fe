"""The newsroom: how editors write, check, publish and undo, in the Django admin.

A page about an edition is a mixin of ``safety_site.admin_editions.EditionAdmin``, one module each:

- ``writing``: the edit screen: parts in order, counters, the panel at the side
- ``saving``: a draft beside what is live, two people in one draft, saving by itself
- ``review``: sent, sent back, approved, withdrawn, gone back to
- ``preview``: as a reader will see it, also by a signed link (``preview_links``)
- ``comparing``: two editions word by word (``reading`` reads them out, ``differences`` compares)
- ``gate``, ``usage``: what stops an approval; where a thing is used

``as_of`` is a page of its own, the site as it stood on a day; it and the previews are made by ``showing``, which
renders readers' pages inside ``safety_site.viewing``.

Beside them, for rows of any kind:

- ``cells``: the fields of a row as plain text, and back
- ``suggestions``, ``suggesting``: changes to rows without editions, which wait for a publisher; their pages
- ``sheet_files``, ``sheets``, ``sheet_admin``: rows out to a spreadsheet and in again, as drafts or suggestions
  (contacts: ``reporting.contact_sheet``)
- ``posted_texts``: what a form brought while the database was away, to be copied

These modules know no model of the apps: they work on any edition.
"""
