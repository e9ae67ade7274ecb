import pytest

from genesys_cloud.regions import REGIONS, admin_pages, normal_url, region_at
from portal.tenants.models import Tenant
from provisioning.options.genesys_cloud.forms import OrganisationForm, organisation_warnings
from provisioning.options.genesys_cloud.option import SECTION
from provisioning.wizard.drafts import answers_of
from tests.provisioning.genesys_cloud import cloud
from tests.provisioning.kaleyra import Visitor

ORG = "47d8329d-1c28-4c86-9374-559cf8bd2a1d"
URLS = ("gcLoginURL", "gcAPIURL")
WHOLE_ID = "Enter the whole id: 8-4-4-4-12 characters, digits and a to f."


def filled_in(tenant: Tenant, region: str, login: str = "", api: str = "") -> OrganisationForm:
    """The form with these three."""
    return OrganisationForm(tenant, data={"orgId": ORG, "region": region, "gcLoginURL": login, "gcAPIURL": api})


@pytest.mark.parametrize("region", list(REGIONS))
def test_each_region_of_the_table(tenant: Tenant, region: str) -> None:
    form = filled_in(tenant, region)
    assert form.is_valid(), form.errors
    domain = REGIONS[region].domain
    assert [form.answers()[name] for name in URLS] == [f"https://login.{domain}", f"https://api.{domain}"]


def test_the_table_is_whole() -> None:
    assert len(REGIONS) == 17
    assert REGIONS["eu-west-1"].domain == "mypurecloud.ie"
    assert len({each.domain for each in REGIONS.values()}) == 17


def test_the_urls_of_a_region_may_stand_beside_it(tenant: Tenant) -> None:
    form = filled_in(tenant, "eu-west-1", "https://LOGIN.mypurecloud.ie/", "https://api.mypurecloud.ie/api/v2/")
    assert form.is_valid()
    assert form.answers()["gcLoginURL"] == "https://login.mypurecloud.ie"


def test_a_saved_region_is_changed_without_its_urls_in_the_way(tenant: Tenant) -> None:
    form = filled_in(tenant, "us-east-1")
    assert form.is_valid()
    shown = OrganisationForm(tenant, initial=form.answers())
    assert [shown[name].value() for name in ("region", "gcLoginURL", "gcAPIURL")] == ["us-east-1", "", ""]


def test_hosts_of_a_region_with_a_path_of_their_own_are_kept_as_they_are(tenant: Tenant) -> None:
    login, api = "https://login.mypurecloud.ie/eu", "https://api.mypurecloud.ie:8443"
    form = filled_in(tenant, "custom", login, api)
    assert form.is_valid()
    answers = form.answers()
    assert (answers["region"], answers["gcLoginURL"], answers["gcAPIURL"]) == ("custom", login, api)
    assert SECTION.by_variable()["gcLoginURL"].in_file(answers) == login


def test_both_urls_of_a_region_tell_the_region(tenant: Tenant) -> None:
    form = filled_in(tenant, "", "https://LOGIN.mypurecloud.de:443/oauth/token", "https://api.mypurecloud.de/api/v2/")
    assert form.is_valid()
    answers = form.answers()
    assert answers["region"] == "eu-central-1"
    assert [answers[name] for name in URLS] == ["https://login.mypurecloud.de", "https://api.mypurecloud.de"]


def test_hosts_of_no_region_stay_possible(tenant: Tenant) -> None:
    form = filled_in(tenant, "custom", "https://login.cloud.example", "https://api.cloud.example")
    assert form.is_valid()
    assert form.answers()["region"] == "custom"


@pytest.mark.parametrize(
    ("region", "login", "api", "field", "sentence"),
    [
        ("", "", "", "region", "Choose the organisation's region, or “Other hosts” and enter both URLs."),
        ("custom", "", "https://api.cloud.example", "gcLoginURL", "Enter this URL too"),
        ("custom", "https://login.cloud.example", "", "gcAPIURL", "Enter this URL too"),
        ("", "https://login.cloud.example", "", "gcAPIURL", "Enter this URL too"),
        (
            "custom",
            "https://api.mypurecloud.ie",
            "https://api.mypurecloud.ie",
            "gcLoginURL",
            "Tokens do not come from there: the login URL is https://login.mypurecloud.ie.",
        ),
        (
            "custom",
            "https://login.mypurecloud.ie",
            "https://login.mypurecloud.ie",
            "gcAPIURL",
            "The API is not there: the API URL is https://api.mypurecloud.ie.",
        ),
        (
            "custom",
            "https://login.mypurecloud.ie",
            "https://api.mypurecloud.com",
            "gcAPIURL",
            "The login URL is of eu-west-1, this one of us-east-1.",
        ),
        ("eu-west-1", "https://login.cloud.example", "", "gcLoginURL", "This is no host of eu-west-1."),
        ("eu-west-1", "https://login.mypurecloud.com", "", "gcLoginURL", "of us-east-1, but the region is eu-west-1."),
        ("eu-west-1", "", "https://api.mypurecloud.de", "gcAPIURL", "of eu-central-1, but the region is eu-west-1."),
        ("eu-west-1", "https://api.mypurecloud.ie", "", "gcLoginURL", "The URL of eu-west-1 is https://login."),
        ("eu-west-1", "https://login.mypurecloud.ie/eu", "", "gcLoginURL", "The URL of eu-west-1 is https://login."),
        ("custom", "http://login.cloud.example", "https://api.cloud.example", "gcLoginURL", "must begin with https://"),
        ("custom", "https://login.cloud.example/?a=1", "", "gcLoginURL", "Leave out what follows the question mark"),
        ("custom", "https://u:p@login.cloud.example", "", "gcLoginURL", "without user name and password"),
        ("custom", "https://169.254.169.254", "https://api.cloud.example", "gcLoginURL", "169.254.169.254"),
        ("mars-north-1", "", "", "region", "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_told_at_its_field(  # noqa: PLR0917 - the table's columns and the parts
    tenant: Tenant, region: str, login: str, api: str, field: str, sentence: str
) -> None:
    form = filled_in(tenant, region, login, api)
    assert any(sentence in str(error) for error in form.errors[field])


@pytest.mark.parametrize("name", ["orgId", "clientId"])
@pytest.mark.parametrize(
    "value", ["4da40a9de-b113-4024-8ba9-c9dd89c91f67", "acme", "47d8329d-1c28-4c86-9374-559cf8bd2a1"]
)
def test_a_wrong_id_is_told_at_its_field(visitor: Visitor, name: str, value: str) -> None:
    step, values = ("organisation", cloud.organisation("http://127.0.0.1:9"))
    if name == "clientId":
        step, values = ("credentials", cloud.credentials())
    page = visitor.save(step, values | {name: value})
    assert page.status_code == 200
    assert WHOLE_ID in page.content.decode()


@pytest.mark.parametrize("value", ["", "   "])
def test_a_missing_secret_is_asked_for(visitor: Visitor, value: str) -> None:
    assert "This field is required." in visitor.save("credentials", cloud.credentials(value)).content.decode()


@pytest.mark.parametrize("value", ["nonsense", "12345678-cbce-422f-9bbb-ecda85e6169", "{12345678"])
def test_a_cluster_key_is_a_uuid(visitor: Visitor, value: str) -> None:
    page = visitor.save("cluster_key", {"apikey": value}).content.decode()
    assert WHOLE_ID in page
    assert value not in page


def test_odd_hosts_are_taken_with_a_warning(tenant: Tenant) -> None:
    answers = {"region": "custom", "gcLoginURL": "http://api.localhost:1", "gcAPIURL": "http://login.localhost:1"}
    found = " ".join(organisation_warnings(answers))
    assert "The login URL begins with api., and usually tokens come from login." in found
    assert "The API URL begins with login., and usually the API is at api." in found


def test_a_region_needs_no_warning() -> None:
    assert organisation_warnings({"region": "us-east-1", "gcLoginURL": "x", "gcAPIURL": "y"}) == []


def test_loopback_may_be_http_in_development(visitor: Visitor) -> None:
    assert visitor.save("organisation", cloud.organisation("http://127.0.0.1:8080")).status_code == 302
    visitor.setup.refresh_from_db()
    assert answers_of(visitor.setup)["gcLoginURL"] == "http://127.0.0.1:8080/login-host"


def test_the_organisations_own_pages_stand_beside_its_login() -> None:
    assert admin_pages("https://login.mypurecloud.ie") == "https://apps.mypurecloud.ie/directory/#/admin"
    assert admin_pages("https://login.cloud.example") == "https://apps.cloud.example/directory/#/admin"
    assert admin_pages("http://127.0.0.1:8080") == ""
    assert region_at("https://api.cloud.example") is None
    assert normal_url("https://login.cloud.example/gateway/oauth/token") == "https://login.cloud.example/gateway"
