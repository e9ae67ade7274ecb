"""Every place in which ciphertexts lie; rooms register theirs from `AppConfig.ready`, so that rotation misses none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from portal.vault.sealing import Place, as_text, from_text

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

    def ciphertext_in(self, value: Any) -> bytes:
        """Return the ciphertext in a value of the column; empty when there is none."""
        return bytes(value or b"")

    def swap(self, row: Any, fresh: bytes) -> int:
        """Put the fresh ciphertext into the row and return 1, or 0 if somebody has changed it since it was read."""
        unchanged = self.rows().filter(pk=row.pk, **{self.field: bytes(getattr(row, self.field))})
        return unchanged.update(**{self.field: fresh})

    def ciphertexts(self) -> Iterator[tuple[Any, bytes]]:
        """Yield primary key and ciphertext of every row that has one, page by page.

        No query stays open between two pages: on SQLite it would hold on to the database of before, and whoever writes
        on the same connection meanwhile would be refused.
        """
        rows = self.rows().order_by("pk").values_list("pk", self.field)
        page = list(rows[:PAGE])
        while page:
            yield from ((pk, self.ciphertext_in(value)) for pk, value in page)
            page = list(rows.filter(pk__gt=page[-1][0])[:PAGE])


@dataclass(frozen=True)
class SealedText(SealedField):
    """A sealed text within a column of JSON, in the tables of a library; `key` is its name there."""

    key: str

    @property
    def label(self) -> str:
        """Return model, column and key, for people."""
        return f"{super().label}.{self.key}"

    def rows(self) -> QuerySet[Any]:
        """Return the rows that have the key."""
        return self.model._default_manager.filter(**{f"{self.field}__has_key": self.key})  # noqa: SLF001 - as above

    def ciphertext_in(self, value: Any) -> bytes:
        """Return the ciphertext of the text."""
        return from_text(str((value or {}).get(self.key) or ""))

    def swap(self, row: Any, fresh: bytes) -> int:
        """Replace the text alone, and only if the whole column is as it was: it may count what has been used."""
        before = getattr(row, self.field)
        unchanged = self.rows().filter(pk=row.pk, **{self.field: before})
        return unchanged.update(**{self.field: before | {self.key: as_text(fresh)}})


_fields: list[SealedField] = []


def register(field: SealedField) -> None:
    """Make a column known to the rotation of keys."""
    _fields.append(field)


def all_fields() -> list[SealedField]:
    """Return every registered column."""
    return list(_fields)
