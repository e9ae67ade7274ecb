from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from senders.models import SenderId
from tests.provisioning import kaleyra
from tests.provisioning.genesys_cloud import cloud
from tests.provisioning.kaleyra import Visitor


def walk(visitor: Visitor, tenant: Tenant) -> None:
    for step, values in cloud.answers(tenant).items():
        assert visitor.see(step).status_code == 200
        assert visitor.save(step, values).status_code == 302, step


def test_from_the_first_page_to_three_services(
    visitor: Visitor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str]
) -> None:
    walk(visitor, tenant_at_sandbox)
    assert visitor.see("review").status_code == 200
    visitor.do("start")
    assert kaleyra.run(visitor.setup).state == "succeeded"
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == [
        "created PurecloudIDP",
        "created SMS",
        "created PorticoSMS",
    ]


def test_its_number_becomes_a_sender_of_portico(
    visitor: Visitor, tenant_at_sandbox: Tenant, wake_ups: list[str]
) -> None:
    walk(visitor, tenant_at_sandbox)
    visitor.do("start")
    assert SenderId.objects.values_list("number", "provider").get() == (cloud.NUMBER, "Portico")


def test_a_number_may_come_later(visitor: Visitor, tenant_at_sandbox: Tenant, wake_ups: list[str]) -> None:
    walk(visitor, tenant_at_sandbox)
    assert visitor.save("sender", {"tfn": ""}).status_code == 302
    visitor.do("start")
    visitor.setup.refresh_from_db()
    assert visitor.setup.state == "queued"
    assert not SenderId.objects.exists()


def test_the_cluster_key_may_come_later(visitor: Visitor) -> None:
    assert visitor.save("cluster_key", {"apikey": ""}).status_code == 302
