"""Where a stored secret may be sent. The encryption context holds it too, so nobody can change it in the table.

A secret belongs to addresses: it was entered for them, and is sent nowhere else. Only their origins count; the path of
a URL may change.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.outbound.origins import origin_of
from portal.vault.kinds import Kind

#: These kinds belong to an OAuth client: each client has its own, and older ones stay for what those clients bought.
OF_CLIENTS = frozenset({Kind.CLIENT_SECRET})


@dataclass(frozen=True)
class Binding:
    """What a secret belongs to.

    `origins`: where it is used, in normal form, sorted, divided by blanks. `nexus_origin`: the Digital Channels to
    which it may be handed in the definition of a service. `client_id`: the OAuth client that it opens. Without any of
    these it is sent nowhere.
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
        """Return the origins of `wanted` to which a secret with this binding must not be sent."""
        missing = [origin for origin in wanted.origins.split() if origin not in self.origins.split()]
        if wanted.nexus_origin and wanted.nexus_origin != self.nexus_origin:
            missing.append(wanted.nexus_origin)
        return list(dict.fromkeys(missing))

    def allows(self, url: str) -> bool:
        """Say whether a request with the secret may go to this URL."""
        return origin_of(url) in {*self.origins.split(), self.nexus_origin}

    @property
    def places(self) -> str:
        """Return the addresses in words."""
        return ", ".join(dict.fromkeys([*self.origins.split(), *filter(None, [self.nexus_origin])]))

    def context(self) -> str:
        """Return the text that is authenticated with the ciphertext; empty for a secret that is sent nowhere."""
        parts = (self.client_id, self.nexus_origin, self.origins)
        return "|".join(f"{len(part)}:{part}" for part in parts) if any(parts) else ""


def refusal(labels: Iterable[str], places: str, missing: Iterable[str]) -> str:
    """Return the sentence about stored secrets that must not be sent to an address."""
    named, to = ", ".join(labels), " and ".join(missing)
    if not places:
        return f"{named}: what is stored was entered for no address, so it is not sent to {to}. Enter it again."
    return f"{named}: what is stored was entered for {places}, so it is not sent to {to}. Enter it again."
