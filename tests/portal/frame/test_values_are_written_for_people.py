from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.template import Context, Template

from portal.ui.labels import duration_words, phone_words


@pytest.mark.parametrize("written", ["18445551212", "+18445551212", " 18445551212 "])
def test_a_north_american_number_is_written_in_groups(written: str) -> None:
    assert phone_words(written) == "+1 844 555 1212"


@pytest.mark.parametrize("written", ["70012", "+447700900123", "8445551212", "not a number", ""])
def test_a_short_code_a_foreign_number_and_anything_else_stay_as_they_are(written: str) -> None:
    assert phone_words(written) == written


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 ms"),
        (340, "340 ms"),
        (999.6, "1.0 s"),
        (1234, "1.2 s"),
        (9_960, "10 s"),
        (12_400, "12 s"),
        (59_700, "1 min 00 s"),
        (65_000, "1 min 05 s"),
        (3_599_900, "1 h 00 min"),
        (3_780_000, "1 h 03 min"),
    ],
)
def test_a_duration_is_written_in_the_unit_a_person_would_choose(milliseconds: float, words: str) -> None:
    assert duration_words(milliseconds) == words


def render(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


def test_a_time_is_text_in_utc_and_machine_readable_for_the_browser_to_localise() -> None:
    berlin = timezone(timedelta(hours=1))
    html = render("{% local_time at %}", at=datetime(2026, 11, 3, 16, 33, 7, tzinfo=berlin))
    assert 'datetime="2026-11-03T15:33:07Z"' in html
    assert 'title="3 Nov 2026, 15:33:07 UTC"' in html
    assert ">3 Nov 2026, 15:33 UTC</time>" in html


def test_a_time_can_be_cut_down_to_the_clock() -> None:
    at = datetime(2026, 11, 3, 16, 33, 7, tzinfo=UTC)
    assert ">16:33:07 UTC</time>" in render('{% local_time at "clock" %}', at=at)


def test_a_time_that_is_not_there_is_a_dash() -> None:
    assert "—" in render("{% local_time at %}", at=None)


def test_a_duration_that_is_not_there_is_nothing() -> None:
    assert render("{{ ms|duration }}", ms=None) == ""
