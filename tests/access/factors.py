"""What one of the world's people signs in with: an app, recovery codes, a passkey and a single sign-on."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from portal.accounts.models import User
from portal.identity.id_tokens import Identity
from portal.identity.second_factors import factors_of
from portal.identity.sign_on_links import connect


def give_factors(user: User, marker: str) -> Authenticator:
    """Give the person everything that there is to sign in with; return the passkey."""
    with factors_of(user):
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(user)
    connect(user, Identity("https://issuer.example.com", marker, f"{marker}@example.com"))
    passkey: Authenticator = WebAuthn.add(user, f"{marker} passkey", _credential(marker)).instance
    return passkey


def _credential(marker: str) -> dict[str, object]:
    """What a browser sends of a new passkey, as far as it is read again."""
    handle = marker.encode()
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    key = ES256.from_cryptography_key(public)  # type: ignore[no-untyped-call]  # fido2 says no types here
    made = AttestedCredentialData.create(Aaguid.NONE, handle, key)
    seen = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(bytes(32), seen, 1, made)
    answer = {
        "clientDataJSON": websafe_encode(b'{"type":"webauthn.create","challenge":"","origin":"http://testserver"}'),
        "attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {}))),
    }
    name = websafe_encode(handle)
    return {"id": name, "rawId": name, "type": "public-key", "response": answer}
