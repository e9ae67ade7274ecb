"""Bindings: where a stored credential may be sent.

A credential is sent only to the addresses for which it was entered. Only their origins count; the path of a URL may
change. The binding is part of the encryption context, so nobody can change it in the table.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.core.origins import origin_of
from portal.vault.kinds import Kind

#: These kinds belong to an OAuth client. Each client has its own, and older ones stay for what those clients own.
OF_CLIENTS = frozenset({Kind.CLIENT_SECRET})


@dataclass(frozen=True)
class Binding:
    """The addresses and the client of a credential. Without any of these, it may be sent nowhere.

    - `origins`: where it is used, normalised, sorted, separated by spaces.
    - `nexus_origin`: the Digital Channels that may receive it as part of a service definition.
    - `client_id`: the OAuth client that it belongs to.
    """

    origins: str = ""
    nexus_origin: str = ""
    client_id: str = ""

    @classmethod
    def to(cls, *urls: str, nexus_url: str = "", client_id: str = "") -> "Binding":
        """Return the binding to the origins of these URLs."""
        origins = " ".join(sorted({origin_of(url) for url in urls}))
        return cls(origins, origin_of(nexus_url) if nexus_url else "", client_id)

    def lacks(self, wanted: "Binding") -> list[str]:
        """Return the origins of `wanted` that this binding does not allow."""
        missing = [origin for origin in wanted.origins.split() if origin not in self.origins.split()]
        if wanted.nexus_origin and wanted.nexus_origin != self.nexus_origin:
            missing.append(wanted.nexus_origin)
        return list(dict.fromkeys(missing))

    def allows(self, url: str) -> bool:
        """Return whether a request with the credential may go to this URL."""
        return origin_of(url) in {*self.origins.split(), self.nexus_origin}

    @property
    def places(self) -> str:
        """Return the addresses as text."""
        return ", ".join(dict.fromkeys([*self.origins.split(), *filter(None, [self.nexus_origin])]))

    def context(self) -> str:
        """Return the text that is authenticated with the ciphertext; empty without any binding."""
        parts = (self.client_id, self.nexus_origin, self.origins)
        return "|".join(f"{len(part)}:{part}" for part in parts) if any(parts) else ""


def refusal(labels: Iterable[str], places: str, missing: Iterable[str]) -> str:
    """Return the message about credentials that must not be sent to an address."""
    named, to = ", ".join(labels), " and ".join(missing)
    if not places:
        return f"{named}: what is stored was entered for no address, so it is not sent to {to}. Enter it again."
    return f"{named}: what is stored was entered for {places}, so it is not sent to {to}. Enter it again."
