import pytest

from portal.devtools.sandbox.genesys_cloud import pool
from tollfree.search.keypad import digits_of, marked, spelled


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999"),
        ("CALLME", "225563"),
        ("call4Me", "2255463"),
        ("5363", "5363"),
        ("", ""),
    ],
)
def test_letters_become_the_keypads_digits(text: str, digits: str) -> None:
    assert digits_of(text) == digits


def test_the_provider_reads_letters_as_we_do() -> None:
    assert all(pool.digits(word) == digits_of(word) for word in ("abcd", "PQRSTUV", "wxyz", "2GO4IT"))


@pytest.mark.parametrize(
    ("number", "vanity", "pieces", "words"),
    [
        ("18442225563", "callme", [("+1 844 2", False), ("22 5563", True)], "+1 844 2CALLME"),
        ("18442225563", "222", [("+1 844", False), (" 222", True), (" 5563", False)], ""),
        ("18445551212", "CALL", [("+1 844 555 1212", False)], ""),
        ("18445551212", "", [("+1 844 555 1212", False)], ""),
        ("18335633563", "ELME", [("+1 833 563", False), (" 3563", True)], "+1 833 563ELME"),
    ],
)
def test_the_match_is_marked_where_people_read_it(
    number: str, vanity: str, pieces: list[tuple[str, bool]], words: str
) -> None:
    assert marked(number, vanity) == pieces
    assert "".join(text for text, _ in marked(number, vanity)) == f"+1 {number[1:4]} {number[4:7]} {number[7:]}"
    assert spelled(number, vanity) == words
