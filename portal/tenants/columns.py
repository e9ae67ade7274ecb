"""Extra columns for the list of tenants; other apps register them in `AppConfig.ready`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from portal.core.isolation import alone


@dataclass(frozen=True)
class Cell:
    """A cell for one tenant: label, tone and link."""

    label: str
    tone: str
    url: str = ""


@dataclass(frozen=True)
class Column:
    """A heading, and a function that returns the cells of all tenants of a page at once (no query in a loop)."""

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
    answers = [
        alone(f"column {each.heading}", partial(each.cells, tenant_ids), _failed(tenant_ids)) for each in _columns
    ]
    return {tenant_id: [answer.get(tenant_id) for answer in answers] for tenant_id in tenant_ids}


def _failed(tenant_ids: Sequence[UUID]) -> Mapping[UUID, Cell]:
    """Return a cell that reports the failure: an empty one would look like nothing to do."""
    return dict.fromkeys(tenant_ids, Cell("could not be read", "warning"))
