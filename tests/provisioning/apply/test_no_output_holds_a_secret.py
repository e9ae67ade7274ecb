"""Canaries in every secret's place: no way of ending shows one."""

import logging

import pytest

from portal.devtools.sandbox.control import Control
from tests.provisioning.apply.conftest import ACME, ALL_THREE, SECRETS, Apply, file_of

CANARIES = {name: f"CNRY-{name.lower()}-YRNC" for name in SECRETS if name != "INITECH_CLUSTER_KEY"}


@pytest.fixture(autouse=True)
def canaries(folder: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable of the example holds a canary."""
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("name: Acme", "name: Acme", 0),
        ("name: Acme", "nome: Acme", 2),
        ('username: acme, password: "${ACME_KALEYRA_PASSWORD}"', "${ACME_KALEYRA_PASSWORD}: acme", 2),
        ("${GLOBEX_API_SECRET}", "[${GLOBEX_API_SECRET}", 2),
        ("${GLOBEX_API_SECRET}", "CNRY-literal-YRNC", 0),
        ("${GLOBEX_API_SECRET}", "{CNRY-literal-YRNC: 1}", 2),
        ("${GLOBEX_API_SECRET}", "{CNRY-literal-YRNC:1}", 2),
        ("${GLOBEX_API_SECRET}", "'CNRY-literal-YRNC", 2),
        ("${GLOBEX_API_SECRET}", "CNRY-literal-YRNC" * 40, 0),
        ("${GLOBEX_API_SECRET}", "CNRY-literal-YRNC" * 500, 2),
        ("${INITECH_CLUSTER_KEY}", "CNRY-literal-YRNC", 2),
        ("http://SANDBOX", "http://127.0.0.1:9", 1),
    ],
)
def test_the_commands_output_and_its_log(  # noqa: PLR0917 - the fixtures besides the case
    apply: Apply, sandbox: Control, caplog: pytest.LogCaptureFixture, old: str, new: str, code: int
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = [apply(ALL_THREE.replace(old, new), "--dry-run")]
    shown.append(apply(ALL_THREE.replace(old, new), "--inline", "--wait", "3"))
    assert shown[1].code in {code, 3 if code == 1 else code}
    text = "".join(each.out + each.err for each in shown) + caplog.text
    assert "CNRY" not in text


@pytest.mark.parametrize(
    "how", ["echo_secrets", "echo_secrets_in_error", "echo_secrets_in_html", "echo_secrets_encoded"]
)
def test_an_answer_that_repeats_the_secrets(apply: Apply, sandbox: Control, how: str) -> None:
    sandbox.fault(how, times=5)
    applied = apply(file_of(ACME))
    assert "CNRY" not in applied.out + applied.err
