import pytest
from django import forms

from portal.core.logging import redaction
from portal.ui.forms import PortalFormMixin, field_parts
from portal.vault.fields import OneTimeSecretField, SecretField
from portal.vault.kinds import Kind
from tests.portal.vault.test_secret_text import PEM

LONG = "k" * 8192


class SecretsForm(PortalFormMixin, forms.Form):
    """One field of each sort."""

    key = SecretField(Kind.NEXUS_API_KEY)
    signature = SecretField(Kind.GATEWAY_API_KEY)
    once = OneTimeSecretField("gwsPassword", label="Password")


def form(**values: str) -> SecretsForm:
    return SecretsForm({"key": "k", "signature": "s", "once": "o"} | values)


@pytest.mark.parametrize("name", ["key", "signature", "once"])
def test_a_browser_is_never_told_to_cut_and_the_form_says_how_much_is_taken(name: str) -> None:
    drawn = field_parts(form()[name]).widget
    assert "maxlength" not in drawn
    assert "Up to 8 kB." in str(form().fields[name].help_text)
    assert 'autocomplete="new-password"' in drawn


@pytest.mark.parametrize("name", ["key", "signature", "once"])
def test_eight_kilobytes_arrive_whole_and_more_is_refused_in_words(name: str) -> None:
    good, bad = form(**{name: LONG}), form(**{name: f"{LONG}k"})
    assert good.is_valid()
    assert good.cleaned_data[name] == LONG
    assert not bad.is_valid()
    assert "8,192 bytes (8 kB), and this has 8,193" in str(bad.errors[name])
    assert "kkkk" not in str(bad.errors)


def test_a_pasted_pem_keeps_its_line_breaks_in_a_field_of_several_lines() -> None:
    sent = PEM.replace("\n", "\r\n")  # as browsers send it
    good = form(signature=sent)
    assert good.is_valid()
    assert good.cleaned_data["signature"] == PEM
    drawn = field_parts(good["signature"]).widget
    assert drawn.startswith("<textarea")
    assert "PRIVATE" not in drawn


def test_a_secret_of_one_line_is_not_joined_from_several() -> None:
    bad = form(key="one\r\ntwo")
    assert "A line break stands in this secret" in str(bad.errors["key"])


def test_what_is_refused_is_masked_too() -> None:
    refused = "refused\r\nbut-still-a-secret"
    assert not form(key=refused).is_valid()
    assert refused not in redaction.redacted(f"POST {refused}")
