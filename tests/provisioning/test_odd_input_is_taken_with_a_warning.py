from portal.tenants.models import Tenant
from provisioning.wizard.drafts import answers_of
from tests.provisioning.kaleyra import Visitor, facts


def test_the_guides_ten_digit_example_is_taken_with_a_warning(visitor: Visitor) -> None:
    page = visitor.client.get(visitor.save("sender", {"tfn": "1650466114"})["Location"], follow=True)
    assert "1650466114 begins with 1 but has ten digits; is one missing?" in page.content.decode()
    visitor.setup.refresh_from_db()
    assert answers_of(visitor.setup)["tfn"] == "1650466114"


def test_a_url_of_plain_http_is_taken_with_a_warning(visitor: Visitor, tenant: Tenant) -> None:
    saved = visitor.save(
        "prerequisites", facts(tenant) | {"nexusURL": "http://127.0.0.1:8080/nexus/v3/", "apiKey": "x"}
    )
    assert "the API key travels unencrypted" in visitor.client.get(saved["Location"]).content.decode()
    tenant.refresh_from_db()
    assert tenant.nexus_url == "http://127.0.0.1:8080"


def test_a_host_that_cannot_be_found_is_taken_with_a_warning(visitor: Visitor, tenant: Tenant) -> None:
    saved = visitor.save("prerequisites", facts(tenant) | {"nexusURL": "https://nowhere.invalid", "apiKey": "x"})
    page = visitor.client.get(saved["Location"]).content.decode()
    assert "The name nowhere.invalid cannot be found from here at the moment." in page


def test_punctuation_in_a_number_is_left_out(visitor: Visitor) -> None:
    visitor.save("sender", {"tfn": "+1 (650) 466-1140"})
    visitor.setup.refresh_from_db()
    assert answers_of(visitor.setup)["tfn"] == "16504661140"
