from uuid import UUID

import pytest

from genesys_cloud import diagnosis
from genesys_cloud.access import Access
from genesys_cloud.tokens import TOKEN_PURPOSE
from portal.http_client.errors import NoUsableAnswer

ACCESS = Access(UUID(int=7), "https://login.mypurecloud.com", "https://api.mypurecloud.com", "client")
AGAIN = "Asking changes nothing there: test again in a minute."


class InOtherWords(NoUsableAnswer):
    """The same error, said differently."""

    says = "Nothing usable came from {host}."
    doubts = "Look there, for it may have been done."


@pytest.mark.parametrize("purpose", ["list toll-free numbers", TOKEN_PURPOSE])
def test_who_only_asked_reads_no_doubt_in_whatever_words_it_is_said(purpose: str) -> None:
    plain, other = NoUsableAnswer("api.example"), InOtherWords("api.example")
    plain.purpose = other.purpose = purpose
    assert diagnosis.of(ACCESS, plain).sentence == f"api.example gave no usable answer. {AGAIN}"
    assert diagnosis.of(ACCESS, other).sentence == f"Nothing usable came from api.example. {AGAIN}"
    assert diagnosis.of(ACCESS, plain).mistake == diagnosis.of(ACCESS, other).mistake
