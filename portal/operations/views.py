"""Views of the health checks, the metrics, and the operations page."""

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
from portal.core import alerts
from portal.operations import gauges, health, heartbeats, metrics
from portal.operations.heartbeats import alive
from portal.operations.models import HeartKind
from portal.ui.paging import keyset_page

WORKERS_SHOWN = 50
#: What the page calls the parts that `/readyz` names.
_PARTS = {
    "database": "Database",
    "queue": "Queue (Redis)",
    "worker": "Worker of set-ups",
    "orders": "Worker of orders",
    "sweeper": "Sweeper",
}


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Liveness: this process responds; nothing else is checked."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same
    """Readiness: 200 if set-ups would run now, else 503."""
    answers = health.answers()
    words = {name: "ok" if good else "not ok" for name, good in answers.items()}
    return JsonResponse(words, status=200 if all(answers.values()) else 503)


@login_not_required
@require_GET
def metrics_text(request: HttpRequest) -> HttpResponse:
    """The metrics, with METRICS_TOKEN as bearer token; without that setting the page does not exist."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse("a bearer token is needed\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Queued work, workers, and the state of all parts."""
    if not may_look(user_of(request)):
        raise PermissionDenied(f"You may not {Right.VIEW_OPERATIONS}. Ask an administrator if you need to.")
    answers = health.answers()
    workers, order_workers, sweepers = alive(HeartKind.WORKER), alive(HeartKind.ORDERS), alive(HeartKind.SWEEPER)
    listed, working = keyset_page(heartbeats.workers(), request, ("at", "name"), WORKERS_SHOWN), workers + order_workers
    names, clocks = {worker.name for worker in working}, [worker for worker in working if worker.clock_is_wrong]
    context = {
        "alerts": alerts.sentences(),
        "parts": [(_PARTS[name], good) for name, good in answers.items()],
        "depths": _depths() if answers["queue"] else None,  # wait for an unresponsive Redis only once
        "readings": gauges.readings(),
        "page": listed,
        "workers": [(worker, worker.name in names) for worker in listed.items],
        "has_worker": bool(workers),
        "has_order_worker": bool(order_workers),
        "clocks": clocks[:WORKERS_SHOWN],
        "more_clocks": max(0, len(clocks) - WORKERS_SHOWN),
        "sweepers": sweepers,
    }
    return render(request, "operations/page.html", context)


def may_look(user: Any) -> bool:
    """Return whether the person may see the operations page: administrators of any tenant, and of the site."""
    return may_anywhere(user, Right.VIEW_OPERATIONS)


def _depths() -> dict[str, int] | None:
    try:
        return health.queue_depths()
    except RedisError:
        return None
