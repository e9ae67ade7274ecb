"""Celery tasks of provisioning. Messages carry ids only; the rows are the truth."""

from uuid import UUID

from portal.celery import app
from provisioning.options.custom_gateway import webhook_test
from provisioning.options.genesys_cloud import key_requests
from provisioning.runs import engine
from provisioning.services import actions


@app.task(name="provisioning.tasks.run_setup")
def run_setup(setup_id: str) -> None:
    """Run a set-up as far as possible; a duplicate or late message finds nothing to claim."""
    engine.run(UUID(setup_id))


@app.task(name="provisioning.tasks.run_rehearsal")
def run_rehearsal(rehearsal_id: str) -> None:
    """Test a customer's webhook."""
    webhook_test.rehearse(UUID(rehearsal_id))


@app.task(name="provisioning.tasks.run_key_request")
def run_key_request(request_id: str) -> None:
    """Have Digital Channels make a messaging cluster API key."""
    key_requests.make_key(UUID(request_id))


@app.task(name="provisioning.tasks.run_check")
def run_check(service_id: str) -> None:
    """Read a service back from Nexus."""
    actions.check(UUID(service_id))
