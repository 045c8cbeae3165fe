"""Addresses of the guidance."""

from django.urls import path, register_converter

from guidance import feedback_views, views
from safety_site.vocabulary import Audience


class AudienceConverter:
    """Only our three audiences; anything else is 404 before any view."""

    regex = "|".join(Audience.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(AudienceConverter, "audience")

app_name = "guidance"
urlpatterns = [
    path("age/<slug:slug>/", views.age_band, name="age-band"),
    path("topics/", views.topic_list, name="topic-list"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("topics/<slug:slug>/handout/", views.handout, name="handout"),
    path("apps/", views.app_list, name="app-list"),
    # Before the apps: no app may be called "compare" (models/apps.py holds it).
    path("apps/compare/", views.app_compare, name="app-compare"),
    path("apps/<slug:slug>/", views.app, name="app"),
    path("parental-controls/", views.control_list, name="control-list"),
    path("parental-controls/<slug:slug>/", views.control, name="control"),
    path("talk/", views.talk, name="talk"),
    path("law/", views.law, name="law"),
    path("figures/", views.figures, name="figures"),
    path("old-names/", views.old_names, name="old-names"),
    path("for/<audience:audience>/", views.for_audience, name="for-audience"),
    path("feedback/", feedback_views.say, name="feedback"),
]
