"""The figures in the format that Prometheus reads, for whoever has the token."""

from collections.abc import Iterator
from hmac import compare_digest
from itertools import accumulate

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric

from safety_site import figures
from safety_site.release import release


def may_read(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").encode("utf-8", "replace")
    return bool(token) and compare_digest(given, f"Bearer {token}".encode()) and request.method in ("GET", "HEAD")


def hidden(get_response):
    """Without the token this address is sent on to https, as any other: Django lets all through to it without TLS."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_without_tls = settings.SECURE_SSL_REDIRECT and not request.is_secure()
        if is_without_tls and request.path_info == "/metrics" and not may_read(request):
            return HttpResponsePermanentRedirect(f"https://{request.get_host()}{request.get_full_path()}")
        return get_response(request)

    return middleware


# Else what is sent here would be refused as a form of another site (405), and not as what is not there.
@csrf_exempt
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of all processes of this machine; without the token what any address gets where nothing is."""
    if not may_read(request):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Collector:
    """Asked once for each request; nothing is kept between two."""

    def collect(self) -> Iterator[Metric]:
        try:
            counted, gauges, processes = figures.collected()
            whole = 1
        except OSError:
            counted, gauges, processes = figures.own()
            whole = 0
        yield from _answers(counted)
        yield from _gauges(gauges)
        yield from _work(counted)
        yield _gauge(
            "processes", "Processes that answer, or that do work behind the pages, on this machine.", processes
        )
        yield _gauge("figures_whole", "1 if these are the figures of all processes, 0 if only of one.", whole)
        lost = CounterMetricFamily("hearthside_not_counted", "Answers that were noted faster than they were counted.")
        lost.add_metric([], counted.not_counted)
        yield lost
        running = GaugeMetricFamily("hearthside_release", "Always 1; the label names the release.", labels=["release"])
        running.add_metric([release()[:12]], 1)
        yield running


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"hearthside_{name}", words, value=value)


def _answers(counted: figures.Figures) -> Iterator[Metric]:
    answers = CounterMetricFamily(
        "hearthside_answers", "Answers, by kind of page, class of status, and what the page store did.",
        labels=["route", "status", "store"],
    )  # fmt: skip
    for labels, number in sorted(counted.answers.items()):
        answers.add_metric(labels, number)
    yield answers
    speeds = HistogramMetricFamily(
        "hearthside_answer_seconds", "Seconds that answers took, by what the page store did.", labels=["store"]
    )
    ends = [str(end) for end in figures.BUCKETS] + ["+Inf"]
    for store, numbers in sorted(counted.speeds.items()):
        speeds.add_metric([store], list(zip(ends, accumulate(numbers), strict=True)), counted.seconds[store])
    yield speeds


def _gauges(gauges: dict[str, list[float]]) -> Iterator[Metric]:
    for name, (words, together) in figures.GAUGES.items():
        if gauges.get(name):
            yield _gauge(name, words, together(gauges[name]))


def _work(counted: figures.Figures) -> Iterator[Metric]:
    labels = ["work", "outcome"]
    work = CounterMetricFamily("hearthside_work", "Work behind the pages, by how it ended.", labels=labels)
    last = GaugeMetricFamily("hearthside_work_last_timestamp_seconds", "When work last ended so.", labels=labels)
    for key, number in sorted(counted.work.items()):
        work.add_metric(key, number)
        last.add_metric(key, counted.worked_at[key])
    yield work
    yield last
