import pytest
from django.core.exceptions import ValidationError

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from tests.tollfree.orders.buying import fresh, go_now, verbs
from tollfree.orders.comments import change_comment
from tollfree.orders.models import NumberOrder

PATCH = {"method": "PATCH"}
ODD = ("html_200", "json_null", "text_ok", "empty_object", "accepted_202", "no_content")


@pytest.fixture
def ours(queued: NumberOrder) -> NumberOrder:
    return go_now(go_now(queued))


@pytest.mark.parametrize("fault", ODD)
def test_an_answer_that_says_nothing_changes_no_comment_here(
    buyer: Actor, ours: NumberOrder, sandbox: Control, fault: str
) -> None:
    sandbox.fault(fault, match=PATCH, after_effect=False)
    with pytest.raises(ValidationError, match="keeps the old comment"):
        change_comment(buyer, ours, comment="Sales")
    assert fresh(ours).comment == "Hotline"
    assert "order.comment_changed" not in verbs(ours.tenant)


@pytest.mark.parametrize("fault", [*ODD, "reply_lost"])
def test_what_the_list_shows_as_changed_is_changed_here(
    buyer: Actor, ours: NumberOrder, sandbox: Control, fault: str
) -> None:
    sandbox.fault(fault, match=PATCH, after_effect=True)
    assert change_comment(buyer, ours, comment="Sales").comment == "Sales"
    assert sandbox.genesys_cloud.numbers()[0]["comment"] == "Sales"
