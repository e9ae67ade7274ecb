import pytest
from django.core.exceptions import ValidationError

from portal.tenants.addresses import normal_auth_url, normal_base_url, url_as_typed

HOST = "https://gateway.example.com"


@pytest.mark.parametrize("path", ["/nexus/eu", "/nexus/sms/v3", "/nexus/v3x", "/auth/v3/oauth/token", "/my/nexusphere"])
def test_a_path_that_is_not_the_provisioning_apis_stays(path: str) -> None:
    assert normal_base_url(f"{HOST}{path}") == f"{HOST}{path}"


@pytest.mark.parametrize("path", ["/auth/v3/oauth/token", "/auth/v3/oauth/token/", "/auth/v3", ""])
def test_the_authentication_services_own_path_is_left_out(path: str) -> None:
    assert normal_auth_url(f"{HOST}{path}") == HOST


@pytest.mark.parametrize("path", ["/nexus", "/nexus/v3", "/nexus/v3/provisioning", "/auth/eu"])
def test_another_path_of_it_stays(path: str) -> None:
    assert normal_auth_url(f"{HOST}{path}/auth/v3/oauth/token") == f"{HOST}{path}"


@pytest.mark.parametrize(
    "url",
    [f"{HOST}/nexus/v3/provisioning/services", f"{HOST}/sms/", f"{HOST}:443/a?b=c&d=%20", "http://Gateway.Example/"],
)
def test_the_url_of_another_service_is_not_changed(url: str) -> None:
    assert url_as_typed(f" {url} ") == url
    with pytest.raises(ValidationError, match="without user name and password"):
        url_as_typed(url.replace("://", "://user:password@"))
