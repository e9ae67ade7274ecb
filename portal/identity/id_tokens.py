"""ID token validation for OpenID Connect single sign-on."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any

import jwt

#: Asymmetric signatures by the provider's private key. `none` is not signed, and HS256 can be forged with the
#: provider's public key or the client secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
CLOCKS_APART_SECONDS = 30
_CLAIMS = ["iss", "sub", "aud", "exp", "iat", "nonce"]
_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2


class TokenRefused(Exception):
    """The ID token is invalid; the message says why, and never contains the token."""


@dataclass(frozen=True)
class Identity:
    """A person's identity at the provider; `label` is for display and proves nothing."""

    issuer: str
    subject: str
    label: str


def nonce_of(verifier: str) -> str:
    """Return the nonce, derived from the PKCE verifier: the nonce is visible in URLs, the verifier is not."""
    return sha256(f"nonce|{verifier}".encode()).hexdigest()


def read(token: object, keys: object, *, issuer: str, client_id: str, nonce: str) -> Identity:
    """Return the identity in the token; `keys` is the provider's JWK set. Raises TokenRefused."""
    if not isinstance(token, str):
        raise TokenRefused("The answer holds no ID token.")
    try:
        claims = jwt.decode(
            token,
            _key_for(token, keys),
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            leeway=CLOCKS_APART_SECONDS,
            options={"require": _CLAIMS},
        )
    except jwt.PyJWTError as error:
        raise TokenRefused(f"The ID token is not valid ({type(error).__name__}).") from None
    _demand_meant_for_us(claims, client_id, nonce)
    return Identity(issuer, claims["sub"], str(claims.get("email") or claims.get("name") or claims["sub"])[:254])


def _key_for(token: str, keys: object) -> jwt.PyJWK:
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError
    if not isinstance(keys, dict):
        raise jwt.PyJWKSetError
    usable = [key for key in jwt.PyJWKSet.from_dict(keys).keys if key.public_key_use in {None, "sig"}]
    if "kid" in header:
        usable = [key for key in usable if key.key_id == header["kid"]]
    if len(usable) != 1:  # none, or ambiguous
        raise jwt.PyJWKSetError
    return usable[0]


def _demand_meant_for_us(claims: Mapping[str, Any], client_id: str, nonce: str) -> None:
    """Check what pyjwt does not: the nonce, and the authorised party of a token with several audiences."""
    if not isinstance(claims["nonce"], str) or not compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise TokenRefused("The ID token belongs to another sign-on (nonce).")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise TokenRefused("The ID token was made for another party (azp).")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT:
        raise TokenRefused("The ID token names nobody (sub).")
