"""How Django finds this package, and which admin site the editors get."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate


class SafetySiteConfig(AppConfig):
    default = True
    name = "safety_site"
    verbose_name = "Site"

    def ready(self):
        from safety_site import content_version  # noqa: PLC0415 - models cannot be imported before the apps are ready

        # Not of one migration: on SQLite a later change of a table makes it anew and drops its triggers.
        post_migrate.connect(content_version.after_migrations, sender=self)


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "safety_site.admin_site.EditorsSite"
