"""Every place in which ciphertexts lie; rooms register theirs from `AppConfig.ready`, so that rotation misses none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from portal.vault.sealing import Place

#: How many rows are read at once.
PAGE = 500


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

    def rows(self) -> QuerySet[Any]:
        """Return the rows that have a ciphertext."""
        return self.model._default_manager.exclude(**{self.field: None})  # noqa: SLF001 - the same

    def ciphertexts(self) -> Iterator[tuple[Any, bytes]]:
        """Yield primary key and ciphertext of every row that has one, page by page.

        No query stays open between two pages: on SQLite it would hold on to the database of before, and whoever writes
        on the same connection meanwhile would be refused.
        """
        rows = self.rows().order_by("pk").values_list("pk", self.field)
        page = list(rows[:PAGE])
        while page:
            yield from ((pk, bytes(value)) for pk, value in page)
            page = list(rows.filter(pk__gt=page[-1][0])[:PAGE])


_fields: list[SealedField] = []


def register(field: SealedField) -> None:
    """Make a column known to the rotation of keys."""
    _fields.append(field)


def all_fields() -> list[SealedField]:
    """Return every registered column."""
    return list(_fields)
