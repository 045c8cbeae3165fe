"""Addresses of the directory of contacts."""

from django.urls import path, re_path

from reporting import views
from reporting.views import open_referral as feed

app_name = "reporting"
urlpatterns = [
    path("report/", views.report, name="report"),
    path("report/platforms/", views.platforms, name="platforms"),
    path("report/<slug:slug>/", views.concern, name="concern"),
    path("contacts/", views.contact_list, name="contact-list"),
    # Before the councils: "find", "national" and "data" are no council's name.
    path("contacts/find/", views.find, name="find"),
    path("contacts/data/", views.about_open_data, name="open-data"),
    path("contacts/national/", views.national, name="national"),
    path("contacts.csv", views.contacts_csv, name="contacts-csv"),
    path("contacts/<slug:slug>/", views.authority, name="authority"),
    path("contacts/<slug:slug>/card/", views.authority_card, name="authority-card"),
    path("contacts/<slug:slug>/poster/", views.authority_poster, name="authority-poster"),
    path("contacts/<slug:slug>/contact.vcf", views.authority_vcard, name="authority-vcard"),
    path("api/oruk/", feed.root, name="open-referral-root"),
    path("api/oruk/openapi.json", feed.openapi, name="open-referral-openapi"),
    path("api/oruk/services", feed.services),
    path("api/oruk/services/<str:identity>", feed.service),
    path("api/oruk/organizations", feed.organizations),
    path("api/oruk/organizations/<str:identity>", feed.organization),
    path("api/oruk/service_at_locations", feed.services_at_locations),
    path("api/oruk/service_at_locations/<str:identity>", feed.service_at_location),
    path("api/oruk/taxonomies", feed.taxonomies),
    path("api/oruk/taxonomies/<str:identity>", feed.one_taxonomy),
    path("api/oruk/taxonomy_terms", feed.taxonomy_terms),
    path("api/oruk/taxonomy_terms/<str:identity>", feed.one_taxonomy_term),
    # A path may hold a line break, which <path:…> does not match.
    re_path(r"^api/oruk/(?P<path>[\s\S]+)$", feed.not_in_feed),
]
