import pytest

from portal.tenants.models import Tenant
from provisioning.options.genesys_cloud.forms import WHOLE_ID, ClusterKeyForm

KEY = "9B7682b7-cbce-422f-9bbb-ecda85e61695"


def test_the_cluster_key_is_kept_as_it_was_typed(tenant: Tenant) -> None:
    form = ClusterKeyForm(tenant, data={"apikey": KEY})
    assert form.is_valid()
    assert form.cleaned_data["apikey"] == KEY


@pytest.mark.parametrize("typed", [KEY.replace("-", ""), f"{{{KEY}}}", f"urn:uuid:{KEY}", KEY[:-1], f"{KEY}0"])
def test_another_form_of_it_is_refused_and_not_turned_into_a_key(tenant: Tenant, typed: str) -> None:
    form = ClusterKeyForm(tenant, data={"apikey": typed})
    assert form.errors == {"apikey": [WHOLE_ID]}
