import os
import subprocess

from portal.devtools.sandbox.control import Control
from tests.provisioning.apply.conftest import ALL_THREE, NOTHING, SECRETS, Apply, rows
from tests.provisioning.apply.test_the_examples_become_the_guides_requests import GUIDE, sent


def test_it_sends_and_writes_nothing(apply: Apply, sandbox: Control) -> None:
    shown = apply(ALL_THREE, "--dry-run")
    assert (shown.code, rows(), sandbox.ledger()) == (0, NOTHING, [])
    assert "# tenants[0], Acme: the tenant, " in shown.out
    assert shown.out.endswith("Would be: Tenants: 3 added.\n")


def test_its_requests_are_those_of_the_guide_with_secrets_cut_out(apply: Apply, sandbox: Control) -> None:
    shown = apply(ALL_THREE, "--dry-run")
    assert not [name for name, value in SECRETS.items() if value in shown.out + shown.err]
    for name, ccid in zip(("ACME", "GLOBEX", "INITECH"), GUIDE, strict=True):
        part = shown.out.split(f", {name.capitalize()}: ")[1].split("\n", 1)[1].split("\n# tenants[")[0]
        script = part.split("\nWould be:")[0]
        variables = {"nexusURL": sandbox.url, "ccid": ccid, "apiKey": SECRETS[f"{name}_NEXUS_API_KEY"]}
        variables |= {"kaleyraUserName": "acme", "kaleyraPassword": SECRETS["ACME_KALEYRA_PASSWORD"]}
        variables |= {"asyncWebhookSignatureKey": SECRETS["GLOBEX_WEBHOOK_SECRET"]}
        variables |= {"asyncAPISignatureKey": SECRETS["GLOBEX_API_SECRET"]}
        variables |= {"clientSecret": SECRETS["INITECH_CLIENT_SECRET"]}
        subprocess.run(
            ["bash", "-euc", script], env=os.environ | variables, check=True, capture_output=True, timeout=20
        )
    assert sent(sandbox) == GUIDE


def test_afterwards_there_is_nothing_to_show(apply: Apply) -> None:
    apply(ALL_THREE)
    shown = apply(ALL_THREE, "--dry-run")
    assert shown.out.splitlines() == [
        "# tenants[0], Acme: nothing to change",
        "# tenants[1], Globex: nothing to change",
        "# tenants[2], Initech: nothing to change",
        "Would be: Tenants: 3 unchanged.",
    ]


def test_what_differs_is_named(apply: Apply, sandbox: Control) -> None:
    apply(ALL_THREE)
    requests = len(sandbox.ledger())
    changed = ALL_THREE.replace("directtext.mgage.com", "other.example")
    shown = apply(changed, "--dry-run")
    assert (shown.code, "curl" in shown.out, "tenants[0].kaleyra.url, line 6: differs." in shown.err) == (
        1,
        False,
        True,
    )
    replacing = apply(changed, "--dry-run", "--replace")
    assert (replacing.code, replacing.out.count("curl")) == (0, 1)
    assert '"url":"http://other.example"' in replacing.out.replace(": ", ":")
    assert len(sandbox.ledger()) == requests
