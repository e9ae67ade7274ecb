"""Every place in which ciphertexts lie; rooms register theirs from `AppConfig.ready`, so that rotation misses none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from portal.vault.sealing import Place


@dataclass(frozen=True)
class SealedField:
    """One binary column of a model, and where each row's ciphertext belongs."""

    model: type[Model]
    field: str
    place: Callable[[Any], Place]

    @property
    def label(self) -> str:
        """Return model and column, for people."""
        return f"{self.model._meta.label}.{self.field}"  # noqa: SLF001 - _meta is Django's public API

    def ciphertexts(self) -> Iterator[tuple[Any, bytes]]:
        """Yield primary key and ciphertext of every row that has one, streaming."""
        rows = self.model._default_manager.exclude(**{self.field: None}).order_by("pk")  # noqa: SLF001 - the same
        for pk, value in rows.values_list("pk", self.field).iterator(chunk_size=500):
            yield pk, bytes(value)


_fields: list[SealedField] = []


def register(field: SealedField) -> None:
    """Make a column known to the rotation of keys."""
    _fields.append(field)


def all_fields() -> list[SealedField]:
    """Return every registered column."""
    return list(_fields)
