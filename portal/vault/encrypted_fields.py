"""Registry of encrypted columns. Apps register theirs from `AppConfig.ready`, so that key rotation covers them all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from portal.vault.encryption import EncryptionContext, as_text, from_text

#: Rows per query.
PAGE = 500


@dataclass(frozen=True)
class EncryptedField:
    """One binary column of a model, and the encryption context of each row."""

    model: type[Model]
    field: str
    place: Callable[[Any], EncryptionContext]

    @property
    def label(self) -> str:
        """Return model and column, for people."""
        return f"{self.model._meta.label}.{self.field}"  # noqa: SLF001 - _meta is Django's public API

    def rows(self) -> QuerySet[Any]:
        """Return the rows that have a ciphertext."""
        return self.model._default_manager.exclude(**{self.field: None})  # noqa: SLF001 - the same

    def ciphertext_in(self, value: Any) -> bytes:
        """Return the ciphertext in a value of the column; empty if there is none."""
        return bytes(value or b"")

    def swap(self, row: Any, fresh: bytes) -> int:
        """Save the new ciphertext and return 1, or 0 if the row has changed since it was read."""
        unchanged = self.rows().filter(pk=row.pk, **{self.field: bytes(getattr(row, self.field))})
        return unchanged.update(**{self.field: fresh})

    def ciphertexts(self) -> Iterator[tuple[Any, bytes]]:
        """Yield primary key and ciphertext of every row that has one, page by page.

        No query stays open between pages: on SQLite it would keep the old snapshot, and a write on the same connection
        would fail.
        """
        rows = self.rows().order_by("pk").values_list("pk", self.field)
        page = list(rows[:PAGE])
        while page:
            yield from ((pk, self.ciphertext_in(value)) for pk, value in page)
            page = list(rows.filter(pk__gt=page[-1][0])[:PAGE])


@dataclass(frozen=True)
class EncryptedText(EncryptedField):
    """An encrypted text in a JSON column of a library's table; `key` is its name in the JSON."""

    key: str

    @property
    def label(self) -> str:
        """Return model, column and key, for people."""
        return f"{super().label}.{self.key}"

    def rows(self) -> QuerySet[Any]:
        """Return the rows that have the key."""
        return self.model._default_manager.filter(**{f"{self.field}__has_key": self.key})  # noqa: SLF001 - as above

    def ciphertext_in(self, value: Any) -> bytes:
        """Return the ciphertext in the JSON."""
        return from_text(str((value or {}).get(self.key) or ""))

    def swap(self, row: Any, fresh: bytes) -> int:
        """Replace only this text, and only if the whole column is unchanged, since it may also hold a counter."""
        before = getattr(row, self.field)
        unchanged = self.rows().filter(pk=row.pk, **{self.field: before})
        return unchanged.update(**{self.field: before | {self.key: as_text(fresh)}})


_fields: list[EncryptedField] = []


def register(field: EncryptedField) -> None:
    """Register a column for key rotation."""
    _fields.append(field)


def all_fields() -> list[EncryptedField]:
    """Return all registered columns."""
    return list(_fields)
