"""A second factor that is set up, used and mistyped: afterwards its seed and codes stand nowhere but sealed."""

from collections.abc import Callable

import pytest

from portal.accounts.models import User
from tests.portal.people.sign_in.conftest import enrol, is_in, prove, sign_in
from tests.support.canaries import Evidence, hits, known
from tests.support.cast import PASSWORD

pytestmark = pytest.mark.sweep

ASK = "/accounts/second-factor/ask/"


def test_seed_codes_and_password_are_in_no_log_table_key_mail_or_page(
    people: dict[str, User], everything: Callable[..., list[Evidence]]
) -> None:
    user = people["administrator"]
    client = sign_in(user)
    prove(client)
    secret, codes = enrol(client)
    for code in (codes[0], codes[1], "000000", codes[0]):
        client = sign_in(user)
        client.post(ASK, {"code": code})
    assert not is_in(client)
    client.post(ASK, {"code": codes[2]})
    assert is_in(client)
    spoken = [secret, PASSWORD, *codes, *(code.replace(" ", "") for code in codes)]
    assert hits(everything("administrator"), [known(each) for each in spoken]) == []
