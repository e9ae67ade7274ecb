"""Health for machines, metrics for scrapers, and a page for administrators."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET, require_safe
from redis.exceptions import RedisError

from portal.accounts.permission import may_anywhere
from portal.accounts.requests import user_of
from portal.accounts.rights import Right
from portal.operations import alerts, gauges, health, metrics
from portal.operations.heartbeats import alive, silent
from portal.operations.models import HeartKind


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - it asks nobody
    """This process answers; nothing else is looked at."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same
    """Whether set-ups would run now: 200 if all answers are yes, else 503."""
    answers = health.answers()
    words = {name: "ok" if good else "not ok" for name, good in answers.items()}
    return JsonResponse(words, status=200 if all(answers.values()) else 503)


@login_not_required
@require_GET
def metrics_text(request: HttpRequest) -> HttpResponse:
    """The metrics, for whoever bears METRICS_TOKEN; without that setting the page does not exist."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse("a bearer token is needed\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What waits, who works, and whether all parts answer."""
    if not may_look(user_of(request)):
        raise PermissionDenied(f"You may not {Right.VIEW_OPERATIONS}. Ask an administrator if you need to.")
    answers = health.answers()
    workers, order_workers, sweepers = alive(HeartKind.WORKER), alive(HeartKind.ORDERS), alive(HeartKind.SWEEPER)
    context = {
        "alerts": alerts.sentences(),
        "answers": answers,
        "depths": _depths() if answers["queue"] else None,  # a silent Redis is waited for once, not twice
        "readings": gauges.readings(),
        "workers": workers,
        "order_workers": order_workers,
        "clocks": [worker for worker in workers + order_workers if worker.clock_is_wrong],
        "silent": [*silent(HeartKind.WORKER), *silent(HeartKind.ORDERS)],
        "sweepers": sweepers,
    }
    return render(request, "operations/page.html", context)


def may_look(user: Any) -> bool:
    """Say whether the person may see how the portal is: administrators of any tenant, and of the site."""
    return may_anywhere(user, Right.VIEW_OPERATIONS)


def _depths() -> dict[str, int] | None:
    try:
        return health.queue_depths()
    except RedisError:
        return None
