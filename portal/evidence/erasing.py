"""Erasing a personal text from the rows beside the history: labels, sentences, addresses of orders, kept requests.

Every text column of ours is searched, so that a new one needs no entry here. Left out are the history itself, whose
texts `actions.erase` empties, and the account, which is a person's sign-in and not something told of them.
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

from portal.audit.guarded import is_ours

#: What stands in the place of an erased text.
ERASED: Final = "(erased)"
#: Asked before a text is erased; each returns a sentence if work that is not done yet needs it. Upper rooms register.
locks: list[Callable[[str], str | None]] = []
_HISTORY, _ACCOUNT = "audit", "accounts.User"


def erase_from_rows(text: str) -> int:
    """Write ERASED in the place of the text in all rows that hold it, in the caller's transaction; return how many."""
    return sum(_erase_from(model, text) for model in apps.get_models() if is_searched(model))


def is_searched(model: type[Model]) -> bool:
    """Say whether rows of this model may hold what is told of a person."""
    meta = model._meta  # noqa: SLF001 - Django's public API
    return is_ours(model) and meta.app_label != _HISTORY and meta.label != _ACCOUNT


def _erase_from(model: type[Model], text: str) -> int:
    columns = list(_columns_of(model))
    if not columns:
        return 0
    rows = model._default_manager.annotate(  # noqa: SLF001 - Django's public API
        **{f"text_of_{column.name}": Cast(column.name, TextField()) for column in columns}
    )
    holding = [
        Q(**{f"text_of_{column.name}__icontains": spelling}) for column in columns for spelling in _spellings(text)
    ]
    found = list(rows.filter(reduce(or_, holding)).order_by("pk"))
    return sum(_erase_in(row, columns, text) for row in found)


def _columns_of(model: type[Model]) -> Iterator[Any]:
    for column in model._meta.concrete_fields:  # noqa: SLF001 - Django's public API
        if isinstance(column, CharField | TextField | JSONField) and not column.primary_key:
            yield column


def _erase_in(row: Model, columns: list[Any], text: str) -> bool:
    """Say whether the text stood in the row: the database finds parts of longer addresses too."""
    changed = {}
    for column in columns:
        before = getattr(row, column.attname)
        after = _without(before, text)
        if after != before:
            length = getattr(column, "max_length", None)
            changed[column.attname] = after[:length] if isinstance(after, str) else after
    if changed:
        type(row)._default_manager.filter(pk=row.pk).update(**changed)  # noqa: SLF001 - Django's public API
    return bool(changed)


def _without(value: Any, text: str) -> Any:
    if isinstance(value, str):
        found = "|".join(map(re.escape, (text, quote(text, safe=""))))
        # Not inside a longer address: bob@example.com is no part of jim-bob@example.com.
        return re.sub(rf"(?<![\w.+-])(?:{found})(?![\w-]|\.\w)", ERASED, value, flags=re.IGNORECASE)
    if isinstance(value, dict):
        return {_without(key, text): _without(each, text) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, text) for each in value]
    return value


def _spellings(text: str) -> set[str]:
    """Return how the text may stand in a column: as it is, in a URL, or in stored JSON."""
    return {text, quote(text, safe=""), json.dumps(text)[1:-1]}
