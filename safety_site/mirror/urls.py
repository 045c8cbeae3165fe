"""The map of a copy: pages of its own where the site has a form, and the site's addresses for all others."""

from django.urls import path

from safety_site import urls
from safety_site.mirror import pages

urlpatterns = [
    path("search/", pages.all_pages, name="search"),
    path("search/<str:key>/", pages.one_letter, name="one-letter"),
    path("contacts/find/", pages.councils),
    path("finder/", pages.finder, name="finder"),
    path("plan/", pages.plan, name="plan"),
    path("apps/compare/", pages.compare),
    path("feedback/", pages.feedback),
    path("exit/", pages.leave, name="exit"),
    path("copy/", pages.about_copy, name="copy"),
    *urls.urlpatterns,
]

handler400, handler403, handler404, handler500 = (urls.handler400, urls.handler403, urls.handler404, urls.handler500)
