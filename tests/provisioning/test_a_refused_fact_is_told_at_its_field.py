from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from provisioning.models import Setup
from provisioning.runs.actions import reopen_setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import Visitor, facts
from tests.support.cast import OTHER_CCID


def test_a_ccid_under_which_services_exist_stays_and_what_was_typed_is_kept(
    onlooker: Visitor, actor: Actor, sandbox: Control
) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "mGageSMS"})
    setup: Setup = kaleyra.run(onlooker.setup)
    reopen_setup(actor, setup)
    typed = facts(setup.tenant) | {"ccid": str(OTHER_CCID), "nexusURL": "http://127.0.0.1:4444", "apiKey": "x"}
    page = onlooker.save("prerequisites", typed)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Services exist under the present contact centre id." in text[text.index('id="id_ccid_error"') :]
    assert 'value="http://127.0.0.1:4444"' in text
    setup.tenant.refresh_from_db()
    assert setup.tenant.nexus_url == sandbox.url
