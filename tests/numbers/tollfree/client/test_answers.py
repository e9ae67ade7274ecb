import pytest

from genesys_cloud.responses import read_available, read_numbers
from portal.http_client.messages import Answer


def answer(text: str) -> Answer:
    return Answer(200, {"content-type": "application/json"}, text.encode(), "", 1)


@pytest.mark.parametrize("told", ["+18445551212", "18445551212", "8445551212"])
def test_a_number_is_read_in_the_form_in_which_all_are_compared(told: str) -> None:
    listed, _ = read_numbers(answer(f'{{"entities": [{{"tollfreeNumber": "{told}"}}]}}'))
    assert [each.number for each in listed] == ["18445551212"]
    available, _ = read_available(answer(f'{{"entities": ["{told}"]}}'))
    assert available == ["18445551212"]


def test_a_number_of_another_country_does_not_become_one_of_ours() -> None:
    listed, _ = read_numbers(answer('{"entities": [{"tollfreeNumber": "+448445551212"}]}'))
    assert [each.number for each in listed] == ["448445551212"]
