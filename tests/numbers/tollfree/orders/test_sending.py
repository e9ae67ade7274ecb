import pytest

from portal.devtools.sandbox.control import Control
from portal.http_client.errors import NoUsableAnswer
from tests.numbers.tollfree.orders.doubt import POST
from tests.tollfree.orders.buying import go_now, posts
from tollfree.orders.models import NumberOrder

#: A doubt in words that no code of ours knows.
OTHER_WORDS = "Look there, for it may have been done."


@pytest.fixture
def other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = [NoUsableAnswer, *NoUsableAnswer.__subclasses__()]
    for kind in kinds:
        monkeypatch.setattr(kind, "doubts", OTHER_WORDS)


@pytest.mark.usefixtures("other_words")
def test_an_order_that_waits_for_the_list_tells_no_doubt(queued: NumberOrder, sandbox: Control) -> None:
    sandbox.fault("reply_lost", match={"method": "GET", "path_contains": "tollfreenumbers"})
    order = go_now(queued)
    assert (order.state, posts(sandbox)) == ("queued", 0)
    assert OTHER_WORDS not in order.sentence
    assert order.sentence.endswith("Nothing was ordered yet; it is tried again by itself.")


@pytest.mark.usefixtures("other_words")
def test_an_order_of_unknown_outcome_tells_its_own_doubt(queued: NumberOrder, sandbox: Control) -> None:
    sandbox.fault("reply_lost_before_effect", match=POST)
    order = go_now(queued)
    assert (order.state, posts(sandbox)) == ("unknown", 1)
    assert OTHER_WORDS not in order.sentence
    assert order.sentence.count("not known") == 1
