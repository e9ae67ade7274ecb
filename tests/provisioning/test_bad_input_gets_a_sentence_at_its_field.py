import pytest

from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.models import Setup
from tests.provisioning.kaleyra import Visitor, answers

UUID_SENTENCE = "Enter the whole id: 8-4-4-4-12 characters, digits and a to f."
NUMBER_SENTENCE = "Enter a short code (5 or 6 digits) or a long code (10 digits, or 11 with the leading 1)."
WITHOUT_PASSWORD = "Enter the address without user name and password; they have fields of their own."
SCHEME = "The address must begin with http:// or https://."
EMPTY = "This field is required."

BAD = [
    # The guide's own example, as its text has it: the end is missing.
    ("prerequisites", "ccid", "45acae06-6b7c-4f97-9c76-471cb5c21b", UUID_SENTENCE),
    ("prerequisites", "ccid", "acme", UUID_SENTENCE),
    ("prerequisites", "ccid", "45acae06-6b7c-4f97-9c76-471cb5c21bg7", UUID_SENTENCE),
    ("prerequisites", "ccid", "", EMPTY),
    ("prerequisites", "nexusURL", "https://user:password@digital.example.com", WITHOUT_PASSWORD),
    ("prerequisites", "nexusURL", "ftp://digital.example.com", SCHEME),
    ("prerequisites", "nexusURL", "javascript:alert(1)", "The host in the address is not a valid name."),
    ("prerequisites", "nexusURL", "digital.example.com", "The host in the address is not a valid name."),
    ("prerequisites", "nexusURL", "https://digital example.com", "The address holds a space"),
    ("prerequisites", "nexusURL", "https://digital.example.com/?key=1", "Leave out what follows the question mark"),
    ("prerequisites", "nexusURL", "http://169.254.169.254", "169.254.169.254"),
    ("prerequisites", "nexusURL", "", EMPTY),
    ("account", "kaleyraURL", "https://user:password@directtext.mgage.com", WITHOUT_PASSWORD),
    ("account", "kaleyraURL", "ftp://directtext.mgage.com", SCHEME),
    ("account", "kaleyraURL", "javascript:alert(1)", "The host in the address is not a valid name."),
    ("account", "kaleyraURL", "", EMPTY),
    ("account", "kaleyraUserName", "", EMPTY),
    ("account", "kaleyraPassword", "", EMPTY),
    ("sender", "tfn", "165046611", NUMBER_SENTENCE),
    ("sender", "tfn", "1234", NUMBER_SENTENCE),
    ("sender", "tfn", "26504661140", NUMBER_SENTENCE),
    ("sender", "tfn", "+44 20 7946 0958", NUMBER_SENTENCE),
    ("sender", "tfn", "१६५०४६६११४०", NUMBER_SENTENCE),
    ("sender", "tfn", "customers", NUMBER_SENTENCE),
    ("sender", "tfn", "", EMPTY),
]


@pytest.mark.parametrize(("step", "name", "value", "sentence"), BAD)
def test_the_sentence_stands_at_the_field_and_nothing_is_saved(  # noqa: PLR0917 - the table's columns and the parts
    visitor: Visitor, tenant: Tenant, step: str, name: str, value: str, sentence: str
) -> None:
    page = visitor.save(step, answers(tenant)[step] | {name: value})
    text = page.content.decode()
    assert page.status_code == 200
    at_the_field = text[text.index(f'id="id_{name}_error"') :]
    assert sentence in at_the_field[: at_the_field.index("</div>")]
    assert f'href="#id_{name}"' in text
    visitor.setup.refresh_from_db()
    assert (visitor.setup.version, visitor.setup.answers) == (0, None)


def test_what_was_typed_stays_in_the_form(visitor: Visitor, tenant: Tenant) -> None:
    page = visitor.save("prerequisites", answers(tenant)["prerequisites"] | {"nexusURL": "ftp://typed.example"})
    assert 'value="ftp://typed.example"' in page.content.decode()


def test_a_missing_api_key_is_asked_for(visitor: Visitor, tenant: Tenant) -> None:
    Credential.objects.all().delete()
    page = visitor.save("prerequisites", answers(tenant)["prerequisites"])
    assert EMPTY in page.content.decode()
    assert not Credential.objects.exists()


def test_another_tenants_id_is_refused(visitor: Visitor, tenant: Tenant, other_tenant: Tenant) -> None:
    page = visitor.save("prerequisites", answers(tenant)["prerequisites"] | {"ccid": str(other_tenant.ccid)})
    assert Tenant.TAKEN in page.content.decode()


def test_a_form_without_a_version_overwrites_nothing(visitor: Visitor, tenant: Tenant) -> None:
    answer = visitor.client.post(visitor.url("sender"), {"tfn": "12345", "version": "'; DROP TABLE"})
    assert answer.status_code == 409
    assert Setup.objects.get().answers is None
