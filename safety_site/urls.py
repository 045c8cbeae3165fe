"""The map of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import path

from safety_site import quick_exit

urlpatterns = [
    path("exit/", quick_exit.leave, name="exit"),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
]
handler400 = "safety_site.errors.bad_request"
handler403 = "safety_site.errors.forbidden"
handler404 = "safety_site.errors.not_found"
handler500 = "safety_site.errors.server_error"
