import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from portal.tenants.addresses import normal_base_url
from portal.tenants.models import Tenant
from tests.portal.tenants.pages import error_at, fields


@pytest.fixture(autouse=True)
def _as_in_production(settings: Settings) -> None:
    settings.OUTBOUND_LOOPBACK_ONLY = settings.OUTBOUND_ALLOW_LOOPBACK = False


BASE = "https://digital.example.com"
NORMAL_FORMS = {
    BASE: BASE,
    f"{BASE}/": BASE,
    f"{BASE}///": BASE,
    f"  {BASE} ": BASE,
    "HTTPS://Digital.Example.COM/": BASE,
    f"{BASE}:443/": BASE,
    f"{BASE}:": BASE,
    f"{BASE}?": BASE,
    f"{BASE}:8443/": f"{BASE}:8443",
    f"{BASE}/nexus": BASE,
    f"{BASE}/nexus/": BASE,
    f"{BASE}/nexus/v3": BASE,
    f"{BASE}/nexus/v3/provisioning/services/": BASE,
    f"{BASE}/nexusphere": f"{BASE}/nexusphere",
    f"{BASE}/gateway/": f"{BASE}/gateway",
    f"{BASE}/gateway/nexus/v3/": f"{BASE}/gateway",
    f"{BASE}/Gateway": f"{BASE}/Gateway",
    "http://digital.example.com:80": "http://digital.example.com",
    "http://digital.example.com:443": "http://digital.example.com:443",
    "http://10.1.2.3:8080/": "http://10.1.2.3:8080",
    "http://[fd00::1]:8080/": "http://[fd00::1]:8080",
    "https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
}


@pytest.mark.parametrize("typed", NORMAL_FORMS)
def test_what_people_type_comes_into_normal_form(typed: str) -> None:
    assert normal_base_url(typed) == NORMAL_FORMS[typed]


@pytest.mark.parametrize("typed", NORMAL_FORMS)
def test_a_normal_form_stays_as_it_is(typed: str) -> None:
    normal = NORMAL_FORMS[typed]
    assert normal_base_url(normal) == normal


HOSTILE = [
    "digital.example.com",
    "//digital.example.com",
    "ftp://digital.example.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://",
    "https:///nexus",
    "https://user:password@digital.example.com",
    "https://user@digital.example.com",
    "https://digital.example.com@evil.example",
    "https://evil.example\\@digital.example.com",
    "https://digital.example.com#@evil.example",
    "https://digital.example.com?x=1",
    "https://digital example.com",
    "https://digital.example.com/\nX-Header: 1",
    "https://digital.exa\tmple.com",
    "https://digital.example.com/\x00",
    "https://digital.example.com/../admin",
    "https://digital.example.com/%2e%2e/admin",
    "https://digital.example.com:0",
    "https://digital.example.com:99999",
    "https://digital.example.com:port",
    "https://digital..example.com",
    "https://-digital.example.com",
    "https://bücher.example",
    "https://\uff11\uff12\uff17.0.0.1",
    "http://127.0.0.1",
    "http://localhost:8000",
    "http://portal.localhost",
    "http://127.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://[::1]",
    "http://[::ffff:127.0.0.1]",
    "http://0.0.0.0",
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:169.254.169.254]",
    "http://[fe80::1%25eth0]",
    "http://224.0.0.1",
    "http://[::1",
    f"https://digital.example.com/{'a' * 3000}",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_no_nexus_can_be_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValidationError) as raised:
        normal_base_url(typed)
    [sentence] = raised.value.messages
    assert sentence.endswith(".")
    assert "password@" not in sentence


@pytest.mark.parametrize("typed", [HOSTILE[0], HOSTILE[7], HOSTILE[14], HOSTILE[-6], f"https://x.example/{'a' * 300}"])
def test_the_page_says_it_at_the_field_and_saves_nothing(site_client: Client, typed: str) -> None:
    answer = site_client.post("/tenants/add/", fields(nexus_url=typed))
    assert answer.status_code == 200
    assert error_at(answer, "nexus_url")
    assert not Tenant.objects.exists()


def test_a_refused_password_in_the_url_is_not_stored_and_the_sentence_says_where_it_belongs(
    site_client: Client,
) -> None:
    answer = site_client.post("/tenants/add/", fields(nexus_url="https://user:geheim@digital.example.com"))
    assert "without user name and password" in error_at(answer, "nexus_url")
