"""Celery tasks for toll-free numbers. Messages carry only ids; the database rows hold the state."""

from uuid import UUID

from portal.celery import app
from tollfree.inventory import sync
from tollfree.orders.worker import dispatch


@app.task(name="tollfree.tasks.order_go")
def order_go(order_id: str) -> None:
    """Run the step that is due for an order; a duplicate or late message finds nothing due."""
    dispatch.go(UUID(order_id))


@app.task(name="tollfree.tasks.order_release")
def order_release(release_id: str) -> None:
    """Run the step that is due for a release."""
    dispatch.go_release(UUID(release_id))


@app.task(name="tollfree.tasks.refresh_inventory")
def refresh_inventory(refresh_id: str) -> None:
    """Refresh a tenant's list of numbers; a duplicate or late message finds nothing to claim."""
    sync.refresh(UUID(refresh_id))
