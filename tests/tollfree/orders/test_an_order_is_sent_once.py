from portal.outbound.models import Call
from portal.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.tollfree.orders.buying import NUMBER, go_now, sentences, verbs
from tollfree.orders.models import NumberOrder


def test_the_good_case(queued: NumberOrder, sandbox: Control, tenant: Tenant) -> None:
    placed = go_now(queued)
    assert (placed.state, placed.sends) == ("placed", 1)
    completed = go_now(placed)
    assert (completed.state, completed.provider_word) == ("completed", "COMPLETED")
    assert completed.finished_at is not None
    assert sandbox.bought() == {NUMBER: 1}
    (line,) = [line for line in sandbox.ledger() if line["method"] == "POST" and "tollfree" in line["path"]]
    assert line["body"] == [{"tollfreeNumber": NUMBER, "comment": "Hotline", "emailAddress": "a@example.com"}]
    assert verbs(tenant) == [
        "order.drafted",
        "order.confirmed",
        "order.sending",
        "order.placed",
        "order.completed",
    ]
    assert sentences(completed) == ["absent", "answer", "status"]
    assert Call.objects.get(subject_id=completed.pk, method="POST", url__endswith="/tollfreenumbers").status == 200
