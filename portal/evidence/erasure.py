"""Erasure of personal texts in rows outside the audit trail: labels, messages, order addresses, stored requests.

Every text column of our models is searched, so a new column needs no entry here. Excluded are the audit trail, whose
texts `actions.erase` erases, and the account, which is a person's sign-in and not information about them.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import reduce
from operator import or_
from typing import Any, Final
from urllib.parse import quote

from django.apps import apps
from django.db.models import CharField, JSONField, Model, Q, TextField
from django.db.models.functions import Cast

from portal.audit.commit_guard import is_ours

#: Replaces an erased text.
ERASED: Final = "(erased)"
#: Hooks that run before an erasure; each returns a message if unfinished work needs the text. Apps register theirs.
locks: list[Callable[[str], str | None]] = []
_HISTORY, _ACCOUNT = "audit", "accounts.User"


def erase_from_rows(text: str) -> int:
    """Replace the text by ERASED in all rows that contain it, in the caller's transaction; return their number."""
    return sum(_erase_from(model, text) for model in apps.get_models() if is_searched(model))


def is_searched(model: type[Model]) -> bool:
    """Return whether rows of this model may contain information about a person."""
    meta = model._meta  # noqa: SLF001 - a documented API of Django
    return is_ours(model) and meta.app_label != _HISTORY and meta.label != _ACCOUNT


def _erase_from(model: type[Model], text: str) -> int:
    columns = list(_columns_of(model))
    if not columns:
        return 0
    rows = model._default_manager.annotate(  # noqa: SLF001 - a documented API of Django
        **{f"text_of_{column.name}": Cast(column.name, TextField()) for column in columns}
    )
    holding = [
        Q(**{f"text_of_{column.name}__icontains": spelling}) for column in columns for spelling in _spellings(text)
    ]
    found = list(rows.filter(reduce(or_, holding)).order_by("pk"))
    return sum(_erase_in(row, columns, text) for row in found)


def _columns_of(model: type[Model]) -> Iterator[Any]:
    for column in model._meta.concrete_fields:  # noqa: SLF001 - a documented API of Django
        if isinstance(column, CharField | TextField | JSONField) and not column.primary_key:
            yield column


def _erase_in(row: Model, columns: list[Any], text: str) -> bool:
    """Return whether the row contained the text; the database query also finds it inside longer addresses."""
    changed = {}
    for column in columns:
        before = getattr(row, column.attname)
        after = _without(before, text)
        if after != before:
            length = getattr(column, "max_length", None)
            changed[column.attname] = after[:length] if isinstance(after, str) else after
    if changed:
        type(row)._default_manager.filter(pk=row.pk).update(**changed)  # noqa: SLF001 - a documented API of Django
    return bool(changed)


def _without(value: Any, text: str) -> Any:
    if isinstance(value, str):
        found = "|".join(map(re.escape, (text, quote(text, safe=""))))
        # Not inside a longer address: bob@example.com is not part of jim-bob@example.com.
        return re.sub(rf"(?<![\w.+-])(?:{found})(?![\w-]|\.\w)", ERASED, value, flags=re.IGNORECASE)
    if isinstance(value, dict):
        return {_without(key, text): _without(each, text) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, text) for each in value]
    return value


def _spellings(text: str) -> set[str]:
    """Return the forms that the text can have in a column: plain, in a URL, or in stored JSON."""
    return {text, quote(text, safe=""), json.dumps(text)[1:-1]}
