"""A load balancer asks by address and over http whether the portal is well; nothing else is answered so."""

import pytest
from django.test import Client
from pytest_django import Settings

PROBES = ["/healthz", "/readyz"]
# By address, by the portal's name, by a container's name, and with a header that is no host at all.
HOSTS = ["127.0.0.1:8000", "10.2.3.4", "[fe80::1]", "portal.example.com", "portal-web-1", "a_b", "what ever", ""]


@pytest.fixture(autouse=True)
def _behind_a_load_balancer(settings: Settings, db: None) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["portal.example.com"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_is_answered_by_any_name_and_over_http(probe: str, host: str, method: str) -> None:
    answer = Client().generic(method, probe, HTTP_HOST=host)
    assert answer.status_code == (200 if probe == "/healthz" else 503)  # no worker is at hand in a test
    assert "Location" not in answer


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/tenants/", "/accounts/login/", "/healthz/", "/readyz/x", "/healthz%0A"]
)
def test_nothing_else_is_answered_over_http_or_by_another_name(path: str) -> None:
    by_name = Client().get(path, HTTP_HOST="portal.example.com")
    assert (by_name.status_code, by_name["Location"][:26]) == (301, "https://portal.example.com")
    assert Client().get(path, HTTP_HOST="127.0.0.1:8000").status_code == 400
    assert Client().get(path, HTTP_HOST="127.0.0.1:8000", secure=True).status_code == 400


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_changes_nothing(probe: str) -> None:
    assert Client().post(probe, HTTP_HOST="10.2.3.4").status_code == 405
