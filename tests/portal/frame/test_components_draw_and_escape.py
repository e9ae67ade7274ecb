from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup, Tag
from django.template import Context, Template, TemplateSyntaxError

from portal.ui.icons import ICONS
from portal.ui.paging import KeysetPage
from portal.ui.templatetags.ui import TONE_ICONS

HOSTILE = '<script>alert("x")</script>'


def draw(source: str, **values: object) -> BeautifulSoup:
    return BeautifulSoup(Template(source).render(Context(values)), "html.parser")


def one(soup: BeautifulSoup, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, f"{selector} stands {len(found)} times in {soup}"
    return found[0]


@pytest.mark.parametrize("tone", TONE_ICONS)
def test_a_status_is_a_word_an_icon_and_a_colour(tone: str) -> None:
    badge = one(draw("{% status value label tone %}", value="x", label="Done", tone=tone), ".status")
    assert badge.text.strip() == "Done"
    assert badge.select_one("svg[aria-hidden=true]")
    assert f"tone-{tone}" in badge["class"]
    assert badge["data-state"] == "x"


def test_an_unknown_tone_is_a_mistake_that_names_the_tones() -> None:
    with pytest.raises(TemplateSyntaxError, match="neutral, waiting, running"):
        draw('{% status "x" "X" "purple" %}')


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_an_svg_that_screen_readers_pass_over(name: str) -> None:
    svg = one(draw("{% icon name %}", name=name), "svg")
    assert svg["aria-hidden"] == "true"
    assert svg.select("path")


@pytest.mark.parametrize(
    "source",
    [
        "{% status v v %}",
        "{% mono v v %}",
        "{% copy_button v v %}",
        "{% code v v %}",
        "{% panel v note=v %}{{ v }}{% endpanel %}",
        '{% callout "good" v %}{{ v }}{% endcallout %}',
        "{% confirm v cost=v %}{{ v }}{% endconfirm %}",
        '{% empty_state v url="/" label=v %}{{ v }}{% endempty_state %}',
        "{% facts %}{% fact v %}{{ v }}{% endfact %}{% endfacts %}",
        "{% fold v note=v id=v %}{{ v }}{% endfold %}",
        "{% timeline v %}{% timeline_item v label=v value=v %}{{ v }}{% endtimeline_item %}{% endtimeline %}",
        '{% crumb v "/" %}',
        "{% box v %}{{ v }}{% endbox %}",
        '{% button "/" v %}',
        "{{ v|phone }}",
    ],
)
def test_no_component_lets_markup_through(source: str) -> None:
    drawn = draw(source, v=HOSTILE)
    assert not drawn.select("script")
    assert HOSTILE in drawn.text or HOSTILE in str(drawn.find_all(None, {"data-copy": HOSTILE}))


def test_a_copy_button_holds_the_text_says_what_it_copies_and_waits_for_javascript() -> None:
    button = one(draw('{% mono "harbour-emea" "ccid" %}'), "button")
    assert button["data-copy"] == "harbour-emea"
    assert button.text.strip() == "Copy ccid"
    assert "needs-js" in button["class"]


def test_a_fact_without_a_value_is_a_dash() -> None:
    assert one(draw('{% fact "Notes" %} {% endfact %}'), "dd").text == "—"


def test_a_box_without_content_is_not_drawn() -> None:
    assert str(draw('{% box "page-actions" %}  {% endbox %}')) == ""


def test_a_fold_can_be_found_again_after_a_refresh() -> None:
    fold = one(draw('{% fold "Answer" id="step-3" open=True %}x{% endfold %}'), "details")
    assert fold["id"] == "step-3"
    assert fold.has_attr("open")
    assert one(draw('{% fold "Answer" id="step-3" %}x{% endfold %}'), "summary")["id"] == "step-3-summary"


def test_a_stepper_marks_the_current_step_and_links_only_where_it_may() -> None:
    steps = [
        SimpleNamespace(title="Option", state="done", url="/option"),
        SimpleNamespace(title="Gateway", state="current", url=""),
        SimpleNamespace(title="Review", state="todo", url=""),
    ]
    drawn = draw("{% stepper steps %}", steps=steps)
    assert one(drawn, "[aria-current=step]").text.split() == ["2", "Gateway"]
    assert one(drawn, "a")["href"] == "/option"
    assert "Done:" in one(drawn, ".step-done").text


def test_a_timeline_tells_what_how_and_how_long() -> None:
    head = '{% timeline_item "Create SMS" tone="bad" label="Failed" ms=1234 value="failed" %}'
    source = head + "<p>Why</p>{% endtimeline_item %}"
    item = one(draw(source), "li")
    assert item["data-state"] == "failed"
    assert one(draw(source), "h3").text == "Create SMS"
    assert "Failed" in item.text
    assert "1.2 s" in item.text
    assert item.select_one(".timeline-body p")


def test_the_path_of_a_message_names_each_stations_state() -> None:
    stations = [{"name": "Nexus", "note": "harbour-emea", "icon": "server", "tone": "good", "label": "Ready"}]
    station = one(draw("{% message_path stations %}", stations=stations), "li")
    assert [text.strip() for text in station.stripped_strings] == ["Nexus", "harbour-emea", "Ready"]


def test_a_pager_links_only_where_something_lies() -> None:
    page: KeysetPage[object] = KeysetPage([], "?older=x", "")  # type: ignore[type-var]  # no rows are needed to draw links
    assert [link.text.strip() for link in draw("{% pager page %}", page=page).select("a")] == ["Older"]


def test_a_pager_of_a_single_page_is_nothing() -> None:
    page: KeysetPage[object] = KeysetPage([], "", "")  # type: ignore[type-var]  # no rows are needed to draw links
    assert draw("{% pager page %}", page=page).text.strip() == ""


def test_a_confirmation_names_the_cost() -> None:
    panel = one(draw('{% confirm cost="2.00 USD a month" %}<p>x</p>{% endconfirm %}'), ".confirm")
    assert "2.00 USD a month" in panel.text


def test_an_empty_state_offers_the_next_step() -> None:
    drawn = draw('{% empty_state "No tenants yet" url="/add" label="Add a tenant" %}One sentence.{% endempty_state %}')
    assert one(drawn, "a")["href"] == "/add"
    assert one(drawn, "h2").text == "No tenants yet"
