"""The same stories told to a live web server and a live worker that log all they can, in both formats."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from django.conf import settings
from django.test import Client
from django.urls import reverse
from redis import Redis

from portal.accounts.actions import grant_role
from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.devtools.sandbox.control import Control
from portal.devtools.services import commands, ports
from portal.tenants.actions import add_tenant
from portal.tenants.models import Tenant
from provisioning.models import SetupState
from provisioning.options import OPTIONS
from tests.canaries.conftest import NO_EVIDENCE
from tests.canaries.stories import Walk
from tests.support import canaries, environment
from tests.support.canaries import Canary, Evidence, hits
from tests.support.children import Restartable, wait_for

pytestmark = pytest.mark.sweep

LOUD = {"LOG_LEVEL": "DEBUG", "SETUP_LEASE_SECONDS": "60"}
HAUNTED = "tests.canaries.haunted"


class Browser:
    """A signed-in browser that speaks HTTP to a live portal; as much of Django's test client as a walk needs."""

    def __init__(self, address: str, user: User) -> None:
        signed_in = Client()
        signed_in.force_login(user)
        self.address, self.session = address, requests.Session()
        self.session.trust_env = False
        self.session.cookies.set(settings.SESSION_COOKIE_NAME, signed_in.cookies[settings.SESSION_COOKIE_NAME].value)

    def get(self, path: str) -> requests.Response:
        """Open a page."""
        return self.session.get(self.address + path, timeout=30, allow_redirects=False)

    def post(self, path: str, values: dict[str, str]) -> requests.Response:
        """Send a form."""
        token = "c" * 32
        self.session.cookies.set(settings.CSRF_COOKIE_NAME, token)
        return self.session.post(
            self.address + path, values | {"csrfmiddlewaretoken": token}, timeout=30, allow_redirects=False
        )


FORMATS = [("text", "json"), pytest.param(("json", "text"), marks=pytest.mark.slow_faults)]


@pytest.fixture(params=FORMATS, ids=lambda formats: f"web logs {formats[0]}, worker {formats[1]}")
def haunted(
    request: Any, transactional_db: None, redis: Redis, shared_worker: Restartable
) -> Iterator[tuple[str, Restartable]]:
    """A web server's address, and a worker; both log all they can, each in its format."""
    shared_worker.stop()  # it would take the work away, and is not haunted
    envs = [LOUD | {"LOG_FORMAT": each} for each in request.param]
    port = ports.free_port()
    serve = [HAUNTED if part == "portal.wsgi" else part for part in commands.web(port)]
    work = [HAUNTED if part == "portal" else part for part in commands.worker("haunted")]
    web = Restartable("haunted-web", serve, lambda _: ports.http_status(port) is not None, envs[0])
    worker = Restartable(
        "haunted-worker", work, lambda child: " ready." in child.log.read_text(errors="replace"), envs[1]
    )
    web.start()
    worker.start()
    yield f"http://{ports.LOOPBACK}:{port}", worker
    web.stop()
    worker.stop()


@pytest.fixture
def walks_at(
    haunted: tuple[str, Restartable], nested: dict[str, Canary], sandbox: Control, people: dict[str, User]
) -> Callable[[Sequence[str]], list[Walk]]:
    """Begin walks, each in a tenant of its own whose Nexus has this path."""

    def prepare(number: int, path: str) -> Tenant:
        ccid = UUID(f"45acae06-6b7c-4f97-9c76-{number:012}")
        tenant = add_tenant(command_line(), name=f"T{number}", ccid=ccid, nexus_url=sandbox.url + path)
        grant_role(command_line(), user=people["administrator"], tenant_id=tenant.pk, role=Role.ADMINISTRATOR)
        return tenant

    def begin(paths: Sequence[str]) -> list[Walk]:
        tenants = [prepare(number, path) for number, path in enumerate(paths, start=Tenant.objects.count())]
        # Only now: a role that is granted ends the sessions that there are.
        browsers = [Browser(haunted[0], people["administrator"]) for _ in tenants]
        pairs = zip(browsers, tenants, strict=True)
        return [Walk(browser, tenant, OPTIONS["kaleyra"], nested) for browser, tenant in pairs]  # type: ignore[arg-type]  # enough of a client

    return begin


def ended(walk: Walk) -> str:
    """Start it, wait until it moves no more, and return how it stands then."""
    walk.press("start")
    final = {SetupState.SUCCEEDED, SetupState.FAILED}
    wait_for(lambda: walk.setup.state in final, "the run to end")
    walk.get(reverse("setup", args=[walk.setup.pk]))
    return walk.setup.state


@pytest.fixture
def everything(begun: dict[Path, int], redis: Redis) -> Callable[[], list[Evidence]]:
    """Collect what lies in tables, in Redis and in files."""
    return lambda: [
        *canaries.tables(),
        *canaries.redis_keys(redis),
        *canaries.files(environment.root(), but=NO_EVIDENCE, since=begun),
    ]


def told(
    haunted: tuple[str, Restartable], walks_at: Callable[[Sequence[str]], list[Walk]], sandbox: Control
) -> list[Walk]:
    """Tell all stories: one that succeeds, one that is refused, one that crashes, one that is left."""
    walks = walks_at(["", "", "/crash", ""])
    good, refused, crashed, left = walks
    for walk in walks[:3]:
        walk.fill_in()
    assert ended(good) == "succeeded"
    sandbox.fault("echo_secrets_in_error")
    assert ended(refused) == "failed"
    crashed.press("start")
    wait_for(lambda: "raised unexpected: ValueError" in haunted[1].output(), "the crash to be logged")
    left.begin()
    for step in left.option.steps:
        assert left.save(step, crash="1").status_code == 500
    left.save(left.option.steps[0])
    left.press("discard")
    return walks


def test_live_processes_show_no_secret_wherever_one_looks(
    haunted: tuple[str, Restartable],
    walks_at: Callable[[Sequence[str]], list[Walk]],
    sandbox: Control,
    start_beat: Callable[..., Restartable],
    everything: Callable[[], list[Evidence]],
) -> None:
    beat = start_beat(**LOUD)
    walks = told(haunted, walks_at, sandbox)
    beat.stop()
    evidence = everything()
    for written in ("about to send", "printed: ", "DEBUG", "urllib3.connectionpool"):
        assert written in haunted[1].output()
    assert "ValueError: cannot save" in (environment.root() / "log" / "haunted-web.log").read_text()
    for place in ("log/haunted-web.log", "log/haunted-worker.log"):
        assert any(place in name for name, _ in evidence), place
    pages = [page for walk in walks for page in walk.pages]
    assert hits([*evidence, *pages], walks[0].canaries.values()) == []
