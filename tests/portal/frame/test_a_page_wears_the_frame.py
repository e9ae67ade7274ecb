import re
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import engines
from django.test import RequestFactory

from portal import VERSION

PAGE = """
{% extends "base.html" %}
{% block title %}Tenant {{ name }}{% endblock %}
{% block breadcrumbs %}{% crumb "Tenants" "/tenants/" %}{% endblock %}
{% block actions %}{% button "/add" "Add" kind="primary" %}{% endblock %}
{% block content %}<p>Content</p>{% endblock %}
"""


def draw(source: str = PAGE, *, signed_in: bool = True, **values: Any) -> BeautifulSoup:
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(is_authenticated=signed_in, name="Anna", email="anna@example.com")  # type: ignore[assignment]  # a person without a database
    request.request_id = "ab" * 16  # type: ignore[attr-defined]  # set by a middleware
    request.csp_nonce = "n0nce"  # type: ignore[attr-defined]  # set by a middleware
    context = {"navigation": [], "tenant_switcher": None, **values}
    html = engines["django"].from_string(source.strip()).render(context, request)
    return BeautifulSoup(html, "html.parser")


def text(soup: BeautifulSoup, selector: str) -> str:
    found = soup.select(selector)
    assert len(found) == 1, f"{selector} stands {len(found)} times"
    return " ".join(found[0].text.split())


def test_the_title_is_written_once_and_stands_in_three_places() -> None:
    page = draw(name="Harbour & Sons")
    assert text(page, "title").startswith("Tenant Harbour & Sons")
    assert text(page, "h1") == "Tenant Harbour & Sons"
    assert text(page, ".breadcrumbs [aria-current=page]") == "Tenant Harbour & Sons"


def test_a_title_cannot_become_markup() -> None:
    assert not draw(name="<script>x</script>").select("h1 script, title script, nav script")


def test_the_first_link_skips_to_the_content() -> None:
    page = draw(name="x")
    assert page.select("body a")[0]["href"] == "#main"
    assert page.select("main#main")


def test_the_primary_action_stands_in_the_head_of_the_page() -> None:
    assert text(draw(name="x"), ".page-actions a.btn-primary") == "Add"


def test_a_page_without_parents_has_no_breadcrumbs_and_no_empty_boxes() -> None:
    page = draw('{% extends "base.html" %}{% block title %}Start{% endblock %}')
    assert not page.select(".breadcrumbs, .page-actions, .page-lead")


def test_every_script_is_a_file_and_carries_the_nonce() -> None:
    scripts = draw(name="x").select("script")
    assert scripts
    assert all(script["src"] and script["nonce"] == "n0nce" and not script.text for script in scripts)


def test_htmx_may_neither_write_styles_nor_evaluate_code_nor_store_pages() -> None:
    config = str(draw(name="x").select("meta[name=htmx-config]")[0]["content"])
    for setting in ('"includeIndicatorStyles": false', '"allowEval": false', '"historyCacheSize": 0'):
        assert setting in config


@pytest.mark.parametrize(
    ("level", "word", "role"),
    [(constants.SUCCESS, "Done", "status"), (constants.ERROR, "Problem", "alert"), (constants.INFO, "Note", "status")],
)
def test_a_message_is_a_word_an_icon_and_a_sentence(level: int, word: str, role: str) -> None:
    page = draw(name="x", messages=[Message(level, "It <b>happened</b>.")])
    assert text(page, f"#messages [role={role}]") == f"{word} It <b>happened</b>."
    assert page.select("#messages svg")


def test_the_menu_of_narrow_screens_opens_without_javascript() -> None:
    page = draw(name="x")
    assert page.select("nav#sidebar[popover]")
    assert page.select("button[popovertarget=sidebar]")


def test_the_footer_names_the_environment_and_the_request() -> None:
    footer = text(draw(name="x"), "footer")
    assert "development" in footer
    assert "ab" * 16 in footer


def test_the_footer_names_the_version_to_people_who_are_signed_in_only() -> None:
    assert f"SMS Portal {VERSION}" in text(draw(name="x"), "footer")
    assert VERSION not in str(draw(name="x", signed_in=False))


def test_signing_out_is_a_post_with_a_token() -> None:
    form = draw(name="x").select("form[action*=logout]")[0]
    assert form["method"] == "post"
    assert re.fullmatch(r"\w{20,}", str(form.select("[name=csrfmiddlewaretoken]")[0]["value"]))
