"""What the worker does with inventories. Messages carry ids only; the rows are the truth."""

from uuid import UUID

from portal.celery import app
from tollfree.inventory import refreshing


@app.task(name="tollfree.inventory.tasks.refresh_inventory")
def refresh_inventory(refresh_id: str) -> None:
    """Ask Genesys Cloud for a tenant's numbers; a duplicate or late message finds nothing to claim."""
    refreshing.refresh(UUID(refresh_id))


@app.task(name="tollfree.inventory.tasks.sweep_inventories")
def sweep_inventories() -> None:
    """Wake up every refresh that lies, and ask for those whose turn it is."""
    refreshing.sweep()
