"""Every model of ours, in every way that leads to the database."""

# ruff: noqa: SLF001 - _meta is Django's public API in spite of its name, and _raw_delete is one of the ways

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Model
from django.utils import timezone

from portal.audit import commit_guard
from portal.audit.actors import command_line
from portal.audit.commit_guard import ChangeWithoutEvent, is_ours, unaudited
from portal.audit.recording import Target, record
from portal.audit.unaudited_columns import REASONS
from portal.audit.verbs import Verb
from portal.core.db import fast_sql
from portal.operations.models import Heartbeat
from portal.tenants.models import Tenant

pytestmark = [pytest.mark.databases]

OURS = [model for model in apps.get_models(include_auto_created=True) if is_ours(model)]
AUDITED = [model for model in OURS if model._meta.label not in REASONS]
Way = Callable[[Any], Any]
#: Apps of others, whose tables are not watched.
OTHERS = {
    "contenttypes": "a migrate fills it",
    "auth": "groups and permissions of Django's, which nothing here uses",
    "account": "allauth's; addresses are our own",
    "socialaccount": "allauth's; its links are made and taken away by actions of ours, each with its line",
    "mfa": "allauth's; each factor that comes or goes is a line by its signals",
}


@pytest.fixture(autouse=True)
def tests_are_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_guard, "is_exempt", commit_guard._bookkeeping.get)


def a_field(model: type[Model]) -> str:
    """A column of the model that is no bookkeeping."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    return next(field.attname for field in fields if f"{model._meta.label}.{field.name}" not in REASONS)


def value_for(field: Any) -> Any:  # noqa: PLR0911 - one for each kind of column
    """Something that fits; where it refers to a row, one that need not be there before the commit."""
    if isinstance(field, models.ForeignKey):
        return value_for(field.target_field)
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.CharField | models.TextField):
        return uuid4().hex[: field.max_length]
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return timezone.now().date()
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.DecimalField):
        return Decimal(1)
    if isinstance(field, models.IntegerField):
        return 1
    return field.get_default() if field.has_default() else b"x"


def row_of(model: type[Any]) -> Any:
    fields = model._meta.concrete_fields
    return model(**{field.attname: value_for(field) for field in fields if not isinstance(field, models.AutoField)})


def values_of(row: Any) -> dict[str, Any]:
    """All but the primary key, unless that is another row's."""
    fields = [field for field in row._meta.concrete_fields if field.is_relation or not field.primary_key]
    return {field.attname: getattr(row, field.attname) for field in fields}


def raw(sql: str, many: list[list[Any]] | None = None) -> Way:
    def run(there: Any) -> None:
        meta = there._meta
        names = ", ".join(f'"{field.column}"' for field in meta.concrete_fields)
        parts = {"table": meta.db_table, "column": a_field(type(there)), "names": names, "pk": meta.pk.column}
        parts["first"] = "SELECT 1; " if connection.vendor == "postgresql" else ""  # SQLite takes one at a time
        with connection.cursor() as cursor:
            if many:
                cursor.executemany(sql.format(**parts), many)
            else:
                cursor.execute(sql.format(**parts))

    return run


#: What each way is given is a row that is there.
WAYS: dict[str, Way] = {
    "save": lambda there: row_of(type(there)).save(force_insert=True),
    "save again": lambda there: there.save(),
    "create": lambda there: manager(there).create(**values_of(row_of(type(there)))),
    "bulk_create": lambda there: manager(there).bulk_create([row_of(type(there))]),
    "bulk_create, clashes ignored": lambda there: manager(there).bulk_create(
        [row_of(type(there))], ignore_conflicts=True
    ),
    "bulk_update": lambda there: manager(there).bulk_update([there], [a_field(type(there))]),
    "update": lambda there: manager(there).update(**{a_field(type(there)): models.F(a_field(type(there)))}),
    "related manager": lambda there: related(there).update(**{a_field(type(there)): models.F(a_field(type(there)))}),
    "base manager": lambda there: there._meta.base_manager.filter(pk=there.pk).update(**values_of(there)),
    "delete": lambda there: there.delete(),
    "queryset delete": lambda there: manager(there).all().delete(),
    "raw delete": lambda there: manager(there).all()._raw_delete("default"),
    "get_or_create": lambda there: manager(there).get_or_create(values_of(row_of(type(there))), pk=another_pk(there)),
    "update_or_create": lambda there: manager(there).update_or_create(values_of(there), pk=there.pk),
    "rows.insert": lambda there: fast_sql.insert(row_of(type(there))),
    "rows.update": lambda there: fast_sql.update(type(there), values_of(there), pk=there.pk),
    "SQL update": raw("UPDATE {table} SET {column} = {column}"),
    "SQL update, quoted": raw('  update "{table}" set "{column}" = "{column}"'),
    "SQL delete": raw("DELETE FROM {table}"),
    "SQL upsert": raw(
        "INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE 1 = 1 "
        "ON CONFLICT ({pk}) DO UPDATE SET {column} = EXCLUDED.{column}"
    ),
    "async update": lambda there: async_to_sync(manager(there).all().aupdate)(
        **{a_field(type(there)): models.F(a_field(type(there)))}
    ),
    "async create": lambda there: async_to_sync(manager(there).all().acreate)(**values_of(row_of(type(there)))),
    "SQL update, of many": raw("UPDATE {table} SET {column} = {column} WHERE 1 = %s", [[1], [1]]),
    "SQL update, after another statement": raw("{first}UPDATE {table} SET {column} = {column}"),
    "SQL update, as a row": raw("UPDATE {table} SET ({column}, {pk}) = (SELECT {column}, {pk} WHERE 1 = 1)"),
    "SQL behind WITH": raw("WITH one AS (SELECT 1) UPDATE {table} SET {column} = {column}"),
}


def manager(there: Any) -> Any:
    return there._meta.default_manager


def related(there: Any) -> Any:
    """The rows as their tenant's, or the setup's; whoever belongs to nobody is asked for directly."""
    for field in there._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and not field.unique and not field.remote_field.hidden:
            owner = field.related_model(pk=getattr(there, field.attname))
            return getattr(owner, field.remote_field.get_accessor_name())
    return manager(there)


def another_pk(there: Any) -> Any:
    return uuid4() if isinstance(there.pk, UUID) else 999_999


def is_refused(way: Way, there: Model) -> bool:
    try:
        with transaction.atomic():
            way(there)
    except ChangeWithoutEvent:
        return True
    return False


@pytest.mark.parametrize("way", WAYS)
def test_no_model_changes_in_any_way_without_a_line(no_event_loop: None, db: None, way: str) -> None:
    passed = []
    for model in AUDITED:
        there = row_of(model)
        with unaudited():
            there.save(force_insert=True)
        if not is_refused(WAYS[way], there):
            passed.append(model._meta.label)
        with unaudited():  # what it refers to was never there
            manager(there).all()._raw_delete("default")
    assert passed == []


@pytest.mark.parametrize("depth", [0, 2])
def test_a_transaction_that_changed_something_commits_with_a_line_alone(tenant: Tenant, depth: int) -> None:
    with pytest.raises(ChangeWithoutEvent, match="tenants_tenant"):
        change(tenant, depth, says=False)
    tenant.refresh_from_db()
    assert tenant.name == "Acme"
    change(tenant, depth, says=True)
    tenant.refresh_from_db()
    assert tenant.name == "Acme 2"


def change(tenant: Tenant, depth: int, *, says: bool) -> None:
    with transaction.atomic():
        if depth:
            change(tenant, depth - 1, says=says)
            return
        Tenant.objects.filter(pk=tenant.pk).update(name="Acme 2")
        if says:
            record(Verb.TENANT_CHANGED, Target("tenant", "1", "Acme 2"), command_line(), tenant_id=tenant.pk)


def test_the_line_of_one_transaction_does_not_speak_for_the_next(tenant: Tenant) -> None:
    change(tenant, 0, says=True)
    with pytest.raises(ChangeWithoutEvent):
        change(tenant, 0, says=False)


def test_what_a_savepoint_undid_owes_no_line(tenant: Tenant) -> None:
    with transaction.atomic(), suppress(IntegrityError), transaction.atomic():
        Tenant.objects.filter(pk=tenant.pk).update(name="Acme 2")
        raise IntegrityError
    tenant.refresh_from_db()
    assert tenant.name == "Acme"


def test_a_line_that_a_savepoint_undid_pays_for_nothing(tenant: Tenant) -> None:
    with pytest.raises(ChangeWithoutEvent):
        change_and_undo_the_line(tenant)


@transaction.atomic
def change_and_undo_the_line(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(name="Acme 2")
    with suppress(IntegrityError), transaction.atomic():
        record(Verb.TENANT_CHANGED, Target("tenant", "1", "Acme 2"), command_line(), tenant_id=tenant.pk)
        raise IntegrityError


def test_a_later_savepoint_that_is_undone_pays_for_nothing_before_it(tenant: Tenant) -> None:
    with pytest.raises(ChangeWithoutEvent):
        change_and_undo_something_else(tenant)


@transaction.atomic
def change_and_undo_something_else(tenant: Tenant) -> None:
    with transaction.atomic(savepoint=False):  # as bulk_create and delete open one
        Tenant.objects.filter(pk=tenant.pk).update(name="Acme 2")
    with suppress(IntegrityError), transaction.atomic():
        raise IntegrityError


@pytest.mark.parametrize(
    "assigned",
    [
        "last_used_at = NULL, fingerprint = fingerprint",
        "(last_used_at, fingerprint) = (NULL, 'x')",
        "last_used_at = (SELECT last_used_at WHERE 1 = 0), fingerprint = 'x'",
    ],
)
def test_a_free_column_takes_no_other_along(tenant: Tenant, assigned: str) -> None:
    with connection.cursor() as cursor, pytest.raises(ChangeWithoutEvent), transaction.atomic():
        cursor.execute(f"UPDATE vault_credential SET {assigned}")  # noqa: S608 - one of the above


def test_an_update_that_finds_no_row_owes_nothing(db: None) -> None:
    with transaction.atomic():
        assert Tenant.objects.update(name="Nobody") == 0


@pytest.mark.django_db(transaction=True)
def test_a_real_commit_is_refused_too(tenant: Tenant) -> None:
    with pytest.raises(ChangeWithoutEvent):
        change(tenant, 1, says=False)
    for way in ("save", "save again", "bulk_create", "update", "raw delete", "rows.update", "SQL upsert", "SQL delete"):
        with pytest.raises(ChangeWithoutEvent):
            WAYS[way](tenant)
    tenant.refresh_from_db()
    assert tenant.name == "Acme"
    change(tenant, 1, says=True)


def test_bookkeeping_is_let_through_by_table_by_column_and_by_block(tenant: Tenant) -> None:
    Heartbeat.objects.update(at=timezone.now())
    tenant.credentials.update(last_used_at=None)
    with unaudited():
        Tenant.objects.update(name="Acme")
    with pytest.raises(ChangeWithoutEvent):
        tenant.credentials.update(last_used_at=None, fingerprint="x")


def test_every_table_is_watched_or_has_its_reason() -> None:
    left_out = {model._meta.label for model in apps.get_models(include_auto_created=True)} - {
        model._meta.label for model in OURS if model._meta.db_table in commit_guard.watched()
    }
    unexplained = {label for label in left_out - REASONS.keys() if label.partition(".")[0] not in OTHERS}
    assert unexplained == set()
    assert commit_guard.watched().keys() >= {
        "tenants_tenant",
        "accounts_user",
        "provisioning_setup",
        "tollfree_numberorder",
    }


def test_every_exception_names_a_table_or_column_that_there_is_and_gives_a_reason() -> None:
    labels = {model._meta.label for model in OURS}
    columns = {f"{model._meta.label}.{field.name}" for model in OURS for field in model._meta.concrete_fields}
    assert not [name for name in REASONS if name not in labels | columns]
    assert all(len(reason.split()) > 2 for reason in REASONS.values())
