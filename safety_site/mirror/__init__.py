"""The mirror: the whole public site as files that any web server can send, for when application and database are gone.

``folder``      where a mirror lies, how the next one takes its place, how old it is
``asking``      pages made by the site itself, in this process
``addresses``   which file an address is, also one with a question mark
``links``       what a page links to and loads, and its links written anew
``export``      asks for every page, and writes what changed
``taking_down`` pages that were taken down go from the mirror before the next export
``pages``       the pages that a copy has instead of those that need the site; ``urls`` puts them in their place
``marks``       what templates say in a copy: ``{% full_site %}…{% in_copy %}…{% endfull_site %}``, the age, the policy
``put_banner``  an emergency banner on every page of a mirror; needs Python alone
``servers``     headers and rules for the web server that sends the files

Only ``folder`` is imported here: it needs no database, so that anybody may ask for the age.
"""

from safety_site.mirror.folder import age

__all__ = ["age"]
