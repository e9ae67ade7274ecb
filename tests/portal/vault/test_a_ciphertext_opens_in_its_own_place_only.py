from dataclasses import replace
from uuid import UUID

import pytest
from pytest_django import Settings

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.encryption import DecryptionError, EncryptionContext, decrypt, encrypt, fingerprint, key_id
from portal.vault.keyset import new_keyset
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from tests.support.cast import API_KEY
from tests.support.stored import stored_values

HERE = EncryptionContext(UUID(int=1), "vault.Credential", UUID(int=2), "ciphertext")
SECRET = b"correct horse"
ELSEWHERE = {
    "another tenant": replace(HERE, tenant_id=UUID(int=9)),
    "another model": replace(HERE, model="provisioning.Setup"),
    "another row": replace(HERE, pk=UUID(int=9)),
    "another field": replace(HERE, field="answers"),
}


def test_it_opens_where_it_was_sealed() -> None:
    assert decrypt(encrypt(SECRET, HERE), HERE) == SECRET


@pytest.mark.parametrize("secret", [b"", b"\x00\xff" * 500, "pässwörd 📱".encode()])
def test_any_bytes_come_back_as_they_went_in(secret: bytes) -> None:
    assert decrypt(memoryview(encrypt(secret, HERE)), HERE) == secret


@pytest.mark.parametrize("where", ELSEWHERE)
def test_it_does_not_open_elsewhere(where: str) -> None:
    with pytest.raises(DecryptionError, match="Enter it again"):
        decrypt(encrypt(SECRET, HERE), ELSEWHERE[where])


def opens(ciphertext: bytes) -> bool:
    try:
        decrypt(ciphertext, HERE)
    except DecryptionError:
        return False
    return True


def test_every_flipped_bit_is_refused() -> None:
    sealed = encrypt(SECRET, HERE)
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not opens(bytes(flipped)), f"bit {bit}"


def test_every_shorter_or_longer_ciphertext_is_refused() -> None:
    sealed = encrypt(SECRET, HERE)
    assert not any(opens(sealed[:length]) for length in range(len(sealed)))
    assert not opens(sealed + b"\x00")


def test_sealing_twice_gives_two_ciphertexts() -> None:
    assert encrypt(SECRET, HERE) != encrypt(SECRET, HERE)


def test_a_ciphertext_of_another_keyset_does_not_open(settings: Settings) -> None:
    sealed = encrypt(SECRET, HERE)
    settings.VAULT_KEYSET = new_keyset()
    assert not opens(sealed)


def test_the_id_of_its_key_can_be_read_without_opening_it() -> None:
    first, second = encrypt(SECRET, HERE), encrypt(b"another", ELSEWHERE["another row"])
    assert key_id(first) == key_id(memoryview(second)) == int.from_bytes(first[1:5], "big") > 0


def test_a_row_copied_over_another_tenants_row_does_not_open(
    tenant: Tenant, other_tenant: Tenant, administrator: User
) -> None:
    theirs = Credential.objects.get(tenant=other_tenant)
    Credential.objects.filter(tenant=tenant).update(ciphertext=theirs.ciphertext)
    with pytest.raises(DecryptionError):
        stored_values(tenant.pk, [Kind.NEXUS_API_KEY])


def test_what_does_not_open_can_be_entered_again(tenant: Tenant, administrator: User) -> None:
    Credential.objects.filter(tenant=tenant).update(ciphertext=b"damaged")
    store_credential(person(administrator), tenant.pk, Kind.NEXUS_API_KEY, API_KEY)
    assert stored_values(tenant.pk, [Kind.NEXUS_API_KEY]) == {"apiKey": API_KEY}


def test_equal_values_of_one_tenant_have_equal_fingerprints() -> None:
    assert fingerprint("value", UUID(int=1)) == fingerprint("value", UUID(int=1))
    assert len(fingerprint("value", UUID(int=1))) == 8


def test_other_values_and_other_tenants_have_other_fingerprints() -> None:
    prints = {fingerprint(value, UUID(int=tenant)) for value in ("value", "Value", "value ") for tenant in (1, 2)}
    assert len(prints) == 6


def test_a_fingerprint_needs_the_keyset(settings: Settings) -> None:
    before = fingerprint("value", UUID(int=1))
    settings.VAULT_KEYSET = new_keyset()
    assert fingerprint("value", UUID(int=1)) != before
