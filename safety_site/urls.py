"""The map of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from safety_site import quick_exit, views
from safety_site.figures_page import metrics
from safety_site.newsroom.preview_links import preview_by_link
from safety_site.sitemaps import sitemap_xml

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("guidance.urls")),
    path("", include("reporting.urls")),
    path("search/", views.search_page, name="search"),
    path("finder/", views.finder, name="finder"),
    path("plan/", views.plan, name="plan"),
    path("exit/", quick_exit.leave, name="exit"),
    path("leaving-no-trace/", views.leaving_no_trace, name="leaving-no-trace"),
    path("leaving-no-trace/tried/", views.tried, name="tried"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("preview/<str:token>/", preview_by_link, name="preview-by-link"),
    path("media/<path:path>", views.uploaded_file, name="uploaded-file"),
    path("sitemap.xml", sitemap_xml, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("health/live", views.health_live, name="health-live"),
    path("health/ready", views.health_ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
]

handler400 = "safety_site.errors.bad_request"
handler403 = "safety_site.errors.forbidden"
handler404 = "safety_site.errors.not_found"
handler500 = "safety_site.errors.server_error"
