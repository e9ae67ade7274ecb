"""Views of the history: search, one event with its proof, and CSV download."""

from dataclasses import asdict, dataclass

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from portal.accounts.requests import actor_of
from portal.audit.models import Event
from portal.history import csv_export, event_kinds
from portal.history.digest import news
from portal.history.event_rows import ERASED, clicks, lines
from portal.history.filters import EventFilter, RawQuery, asked, may_read, tenant_of, wanted
from portal.history.search import SCAN, Found, find
from portal.ui.paging import NEWER, OLDER, KeysetPage, page_of, place_of, url_beyond

PAGE = 50
_KEY = ("at", "id")


@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """The events that the person may see and that match the filters, newest first."""
    typed = asked(request)
    tenant = tenant_of(request, typed)
    want = wanted(request, typed, tenant)
    page, further = _page(request, want)
    context = {
        "page": page,
        "clicks": clicks(lines(page.items)),
        "further": further,
        "scan": SCAN,
        "tenant": tenant,
        "asked": typed,
        "person": _person_asked_for(typed, want),
        "kinds": event_kinds.choices(),
        "target_kind": want.target[0] if want.target else "",
        "one_verb": typed.kind if want.verbs == (typed.kind,) else "",
        "csv_url": f"{reverse('history:csv')}?{_query(typed)}",
    }
    return render(request, "history/list.html", context)


@require_GET
def news_page(request: HttpRequest) -> HttpResponse:
    """What happened since the person's last visit."""
    return render(request, "history/news.html", {"news": news(request)})


@require_GET
def line(request: HttpRequest, chain: str, seq: int) -> HttpResponse:
    """One event: all changes, and its proof."""
    if not may_read(request, chain):
        raise Http404
    event = get_object_or_404(Event, chain=chain, seq=seq)
    (shown,) = lines([event])
    context = {
        "line": shown,
        "before": _beside(chain, seq - 1),
        "after": _beside(chain, seq + 1),
        "canonical": bytes(event.canonical).decode(errors="replace"),
    }
    return render(request, "history/line.html", context)


@require_GET
def lines_as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All events that match the filters as CSV; the download is recorded as an event."""
    typed = asked(request)
    tenant = tenant_of(request, typed)
    want = wanted(request, typed, tenant)
    csv_export.record_download(actor_of(request), tenant, {key: text for key, text in asdict(typed).items() if text})
    answer = StreamingHttpResponse(
        csv_export.csv_of(want, until=timezone.now()), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="history.csv"'
    return answer


def _beside(chain: str, seq: int) -> str:
    """Return the URL of an event, or "" if there is none."""
    there = Event.objects.filter(chain=chain, seq=seq).exists()
    return reverse("history:line", args=[chain, seq]) if there else ""


def _page(request: HttpRequest, want: EventFilter) -> tuple[KeysetPage[Event], str]:
    """Return the page, and the URL to continue the search if it stopped before the page was full."""
    place = place_of(request, Event, _KEY)
    direction, values = place
    beyond = (values[0], values[1]) if values else None
    found = find(want, PAGE + 1, beyond, newer=direction == NEWER)
    page = page_of(found.events, request, _KEY, PAGE, place)
    return page, _further(request, found, direction)


def _further(request: HttpRequest, found: Found, direction: str) -> str:
    if found.stopped_at is None or len(found.events) > PAGE:
        return ""
    return url_beyond(request, direction if direction == NEWER else OLDER, found.stopped_at, _KEY)


@dataclass(frozen=True)
class PersonField:
    """The person filter: the text that it shows, and the value from a link if no text can express it."""

    shown: str
    link: str = ""
    is_cut: bool = False


def _person_asked_for(typed: RawQuery, want: EventFilter) -> PersonField:
    """Return the name behind a link's id only if the reader may see an event of that person."""
    people = want.people
    if people is not None and people.is_cut:
        return PersonField(typed.person, is_cut=True)
    if people is None or not people.by_link or not find(EventFilter(want.chains, people=people), 1).events:
        return PersonField(typed.person)
    return PersonField(people.name) if people.name else PersonField(ERASED, link=typed.person)


def _query(typed: RawQuery) -> str:
    return urlencode({name: text for name, text in asdict(typed).items() if text})
