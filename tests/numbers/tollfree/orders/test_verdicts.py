import json

import pytest

from portal.devtools.sandbox.control import Control
from portal.http_client.errors import NoUsableAnswer
from portal.http_client.messages import Answer
from tests.numbers.tollfree.orders.doubt import POST
from tests.tollfree.orders.buying import NUMBER, OTHER, go_now, posts
from tollfree.orders.models import NumberOrder
from tollfree.orders.worker.results import judge


def answered(body: object, status: int = 200) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(body).encode(), "", 1)


def test_only_an_order_that_names_the_number_proves_that_it_was_placed() -> None:
    for body, state in (
        ({"id": "o-1", "orderStatus": "PENDING", "numbers": [NUMBER]}, "placed"),
        ({"id": "o-1", "orderStatus": "FAILED", "numbers": [f"+{NUMBER}"]}, "placed"),
        ({"orderStatus": "PENDING", "numbers": [NUMBER]}, "placed"),  # an order may come without an id
        ({"id": "o-1", "orderStatus": "PENDING", "numbers": [OTHER]}, "unknown"),
        ({"id": "o-1", "orderStatus": "PENDING", "numbers": []}, "unknown"),
        ({"id": "o-1", "orderStatus": "PENDING"}, "unknown"),
        ({"id": 7}, "unknown"),
        ({}, "unknown"),
        (None, "unknown"),
        ([NUMBER], "unknown"),
        ("ok", "unknown"),
    ):
        for status in (200, 201, 202):
            verdict = judge(NUMBER, answered(body, status))
            assert verdict.state == state, body
            assert verdict.says_bought is (True if state == "placed" else None)


@pytest.mark.parametrize(
    "fault",
    ["html_200", "json_null", "text_ok", "empty_object", "accepted_202", "empty_201", "no_content", "json_true"],
)
def test_a_success_that_says_nothing_is_looked_for(queued: NumberOrder, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault, match=POST, after_effect=False)
    unknown = go_now(queued)
    assert (unknown.state, posts(sandbox), sandbox.bought()) == ("unknown", 1, {})
    assert go_now(go_now(unknown)).state == "under_review"


class InOtherWords(NoUsableAnswer):
    """The same error, said differently."""

    says = "Nothing usable came from {host}."
    doubts = "Look there, for it may have been done."


def test_the_words_of_an_error_decide_nothing() -> None:
    plain, other = judge(NUMBER, NoUsableAnswer("api.example")), judge(NUMBER, InOtherWords("api.example"))
    assert plain.state == other.state == "unknown"
    assert plain.facts == other.facts
    doubt = "Whether the number was bought is not known yet. It will be looked for; nothing is sent again."
    assert plain.sentence == f"api.example gave no usable answer. {doubt}"
    assert other.sentence == f"Nothing usable came from api.example. {doubt}"
