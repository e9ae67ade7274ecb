"""Fast SQL for the hot path: precompiled statements that replace the ORM's.

The ORM takes longer to compile a statement than any database to execute it. Here each shape of statement is compiled
once per process. Values pass through the adaptation of their fields, so rows are the same on every engine; only signals
and `auto_now` are missing. Use the ORM everywhere else: it is fast enough and reads better.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import (
    AutoField,
    BooleanField,
    CharField,
    DateTimeField,
    Field,
    ForeignKey,
    IntegerField,
    Model,
    TextField,
    UUIDField,
)

_Field: TypeAlias = "Field[Any, Any]"
_Row = TypeVar("_Row", bound=Model)


@dataclass(frozen=True)
class _Statement:
    sql: str
    fields: tuple[_Field, ...]
    gives_id: bool = False

    def adapt(self, values: list[Any]) -> list[Any]:
        """Return the values in the form that this engine takes."""
        return [_adapt(field, value) for field, value in zip(self.fields, values, strict=True)]


def _adapt(field: _Field, value: Any) -> Any:
    quick = _quick(field).get(type(value))
    return quick(value) if quick else field.get_db_prep_save(value, connection)


@cache
def _quick(field: _Field) -> dict[type, Callable[[Any], Any]]:
    """Return functions that adapt values of exactly these types, many times faster than the field's own method."""
    if isinstance(field, ForeignKey):
        return _quick(field.target_field)
    if isinstance(field, CharField | TextField | IntegerField | BooleanField):
        return dict.fromkeys((str, int, bool, type(None)), _as_it_is)
    if isinstance(field, UUIDField):
        return {UUID: _as_it_is if connection.features.has_native_uuid_field else attrgetter("hex")}
    if type(field) is DateTimeField:
        return {datetime: connection.ops.adapt_datetimefield_value}
    return {}


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class _Reader:
    """Builds rows from a result: the field names, and the converters from the engine's values to Python's."""

    names: tuple[str, ...]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]

    def read(self, model: type[_Row], values: tuple[Any, ...]) -> _Row:
        """Return one row."""
        row = list(values)
        for at, convert in self.converters:
            row[at] = convert(row[at])
        return model.from_db(connection.alias, self.names, row)


def select(model: type[_Row], **where: Any) -> list[_Row]:
    """SELECT the rows whose fields equal `where`, in the model's default order."""
    statement, reader = _select(model, tuple(where)), _reader(model)
    with connection.cursor() as cursor:
        _execute(cursor, statement.sql, statement.adapt([*where.values()]))
        return [reader.read(model, values) for values in cursor.fetchall()]


def insert(row: Model, *, clash: tuple[str, ...] = (), replace: tuple[str, ...] = ()) -> None:
    """INSERT the row; sets its id if the database generates it.

    `clash` names the fields of a unique constraint. If a row with the same values exists, its `replace` fields are
    updated; with no `replace` fields, it is left as it is.
    """
    statement = _insert(type(row), clash, replace)
    values = statement.adapt([getattr(row, field.attname) for field in statement.fields])
    if not statement.gives_id:
        _execute_some_time(statement.sql, values)
        return
    with connection.cursor() as cursor:
        _execute(cursor, statement.sql, values)
        row.pk = cursor.fetchone()[0]


def update(model: type[Model], values: Mapping[str, Any], **where: Any) -> int:
    """UPDATE the rows whose fields equal `where` (None: IS NULL); return the number of rows."""
    with connection.cursor() as cursor:
        _execute(cursor, *_updating(model, values, where))
        return int(cursor.rowcount)


def update_deferred(model: type[Model], values: Mapping[str, Any], **where: Any) -> None:
    """Like `update`, without the number of rows: inside `pipeline` the statement may be deferred."""
    _execute_some_time(*_updating(model, values, where))


def _updating(model: type[Model], values: Mapping[str, Any], where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    given = {name: value for name, value in where.items() if value is not None}
    empty = tuple(name for name in where if name not in given)
    statement = _update(model, tuple(values), tuple(given), empty)
    return statement.sql, statement.adapt([*values.values(), *given.values()])


#: SQL comment that precedes each statement built now, also if it is deferred. The audit trail's commit guard reads it.
remark: ContextVar[str] = ContextVar("rows_remark", default="")

_kept: ContextVar[list[tuple[str, list[Any]]] | None] = ContextVar("rows_kept", default=None)


@contextmanager
def pipeline() -> Iterator[None]:
    """Pipeline: deferred statements are sent together with the next statement of this module, or at the block's end.

    On PostgreSQL each round trip costs more than the statement itself. The order is kept; only statements that bypass
    this module may overtake. Use it inside a transaction: an exception rolls back, and then deferred statements are not
    sent.
    """
    kept: list[tuple[str, list[Any]]] = []
    token = _kept.set(kept if connection.vendor == "postgresql" else None)
    try:
        yield
    finally:
        _kept.reset(token)
    if kept:
        sql, values = kept.pop()
        with connection.cursor() as cursor:
            _send(cursor, kept, sql, values)


def _execute_some_time(sql: str, values: list[Any]) -> None:
    kept = _kept.get()
    if kept is not None:
        kept.append((remark.get() + sql, values))
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _execute(cursor: Any, sql: str, values: list[Any]) -> None:
    """Execute the statement after the deferred ones; the cursor is at this statement's result."""
    _send(cursor, _kept.get() or [], remark.get() + sql, values)


def _send(cursor: Any, before: list[tuple[str, list[Any]]], sql: str, values: list[Any]) -> None:
    """Execute several statements in one round trip; possible because Django binds parameters on the client side."""
    many = [*before, (sql, values)]
    before.clear()
    cursor.execute("; ".join(text for text, _ in many), [value for _, each in many for value in each])
    for _ in many[1:]:
        cursor.nextset()


def insert_many(many: Sequence[Model]) -> None:
    """INSERT rows of one model, in this order; ids that the database generates are not set."""
    if not many:
        return
    statement = _insert(type(many[0]), (), ())
    _execute_many(statement, statement.sql.partition(" RETURNING ")[0], many)


def update_many(many: Sequence[Model], names: tuple[str, ...]) -> None:
    """UPDATE these fields of rows of one model to their values in memory."""
    if not many:
        return
    statement = _update(type(many[0]), names, ("pk",), ())
    _execute_many(statement, statement.sql, many)


def _execute_many(statement: _Statement, sql: str, many: Sequence[Model]) -> None:
    values = [statement.adapt([getattr(row, field.attname) for field in statement.fields]) for row in many]
    if _kept.get() is not None:
        for each in values:
            _execute_some_time(sql, each)
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            sql = remark.get() + sql
            _send(cursor, [(sql, each) for each in values[:-1]], sql, values[-1])
    else:
        with connection.cursor() as cursor:
            cursor.executemany(sql, values)


# The SQL below is built from names of our own tables and columns; values are always parameters.


@cache
def _select(model: type[Model], given: tuple[str, ...]) -> _Statement:
    columns = ", ".join(_name(field) for field in _meta(model).concrete_fields)
    conditions = _columns(model, given, "{0} = %s", " AND ")
    sql = f"SELECT {columns} FROM {_meta(model).db_table} WHERE {conditions}"  # noqa: S608 - see above
    if order := tuple(map(str, _meta(model).ordering)):
        sql += f" ORDER BY {_columns(model, order, '{0}', ', ')}"
    return _Statement(sql, tuple(_field(model, name) for name in given))


@cache
def _reader(model: type[Model]) -> _Reader:
    fields = _meta(model).concrete_fields
    steps = [(at, convert) for at, field in enumerate(fields) for convert in _converters(field)]
    return _Reader(tuple(field.attname for field in fields), tuple(steps))


def _converters(field: _Field) -> list[Callable[[Any], Any]]:
    """Return the converters that the ORM would apply to the engine's value."""
    column = field.get_col(_meta(field.model).db_table)
    steps = connection.ops.get_db_converters(column) + column.get_db_converters(connection)
    return [partial(_convert, step, column) for step in steps]


def _convert(step: Callable[..., Any], column: Any, value: Any) -> Any:
    return step(value, column, connection)


@cache
def _insert(model: type[Model], clash: tuple[str, ...], replace: tuple[str, ...]) -> _Statement:
    fields = tuple(field for field in _meta(model).concrete_fields if not isinstance(field, AutoField))
    columns, places = ", ".join(map(_name, fields)), ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {_meta(model).db_table} ({columns}) VALUES ({places})"  # noqa: S608 - see above
    if clash:
        taken = _columns(model, replace, "{0} = EXCLUDED.{0}", ", ")
        action = f"UPDATE SET {taken}" if replace else "NOTHING"
        return _Statement(f"{sql} ON CONFLICT ({_columns(model, clash, '{0}', ', ')}) DO {action}", fields)
    gives_id = len(fields) < len(_meta(model).concrete_fields)
    return _Statement(f"{sql} RETURNING {_field(model, 'pk').column}" if gives_id else sql, fields, gives_id)


@cache
def _update(model: type[Model], values: tuple[str, ...], given: tuple[str, ...], empty: tuple[str, ...]) -> _Statement:
    changes = _columns(model, values, "{0} = %s", ", ")
    conditions = [_columns(model, given, "{0} = %s", " AND "), _columns(model, empty, "{0} IS NULL", " AND ")]
    where = " AND ".join(filter(None, conditions))
    sql = f"UPDATE {_meta(model).db_table} SET {changes} WHERE {where}"  # noqa: S608 - see above
    return _Statement(sql, tuple(_field(model, name) for name in values + given))


def _columns(model: type[Model], names: tuple[str, ...], form: str, between: str) -> str:
    return between.join(form.format(_name(_field(model, name))) for name in names)


def _name(field: _Field) -> str:
    return connection.ops.quote_name(str(field.column))  # a column name may be a reserved word of SQL


def _field(model: type[Model], name: str) -> _Field:
    field: _Field = _meta(model).pk if name == "pk" else _meta(model).get_field(name)
    return field


def _meta(model: type[Model]) -> Any:  # its attributes are typed too loosely to help
    return model._meta  # noqa: SLF001 - a documented API of Django, despite the underscore
