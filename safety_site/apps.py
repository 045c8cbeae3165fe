"""How Django finds this package, and which admin site the editors get."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class SafetySiteConfig(AppConfig):
    default = True
    name = "safety_site"
    verbose_name = "Site"


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "safety_site.admin_site.EditorsSite"
