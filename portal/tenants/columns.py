"""What upper rooms show in the list of tenants; they register it from `AppConfig.ready`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Cell:
    """What a column says of one tenant: a word, its tone, and where it leads."""

    label: str
    tone: str
    url: str = ""


@dataclass(frozen=True)
class Column:
    """A heading, and a function that answers for all tenants of a page at once (no query in a loop)."""

    heading: str
    cells: Callable[[Sequence[UUID]], Mapping[UUID, Cell]]


_columns: list[Column] = []


def register(column: Column) -> None:
    """Add a column to the list of tenants."""
    _columns.append(column)


def headings() -> list[str]:
    """Return the registered headings, in order."""
    return [column.heading for column in _columns]


def cells_of(tenant_ids: Sequence[UUID]) -> dict[UUID, list[Cell | None]]:
    """Return each tenant's cells, in the order of the headings."""
    answers = [column.cells(tenant_ids) for column in _columns]
    return {tenant_id: [answer.get(tenant_id) for answer in answers] for tenant_id in tenant_ids}
