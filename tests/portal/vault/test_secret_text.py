import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from portal.vault.kinds import Kind
from portal.vault.secret_text import LONGEST_BYTES, OF_SEVERAL_LINES, normal_credential, normal_secret

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize("kind", sorted(OF_SEVERAL_LINES))
@pytest.mark.parametrize("typed", [PEM, f"{PEM}\n", f"\n{PEM}\n\n", PEM.replace("\n", "\r\n") + "\r\n"])
def test_a_secret_of_several_lines_keeps_its_line_breaks(kind: Kind, typed: str) -> None:
    assert normal_credential(kind, typed) == PEM


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in OF_SEVERAL_LINES])
def test_a_secret_of_one_line_says_that_a_line_break_stands_in_it(kind: Kind) -> None:
    with pytest.raises(ValidationError, match="A line break stands in this secret"):
        normal_credential(kind, "one\ntwo")
    assert normal_credential(kind, "one\r\n") == "one"  # it comes along with copying


@pytest.mark.parametrize("kind", list(Kind))
def test_eight_kilobytes_are_taken_and_not_one_more(kind: Kind) -> None:
    assert normal_credential(kind, "s" * LONGEST_BYTES) == "s" * LONGEST_BYTES
    for typed in ("s" * (LONGEST_BYTES + 1), "\u00e9" * (LONGEST_BYTES // 2 + 1)):
        with pytest.raises(ValidationError, match=r"up to 8,192 bytes \(8 kB\), and this has 8,19"):
            normal_credential(kind, typed)


@pytest.mark.parametrize("typed", [" secret", "secret ", "secret\t", "\u00a0secret", "  secret  "])
def test_a_blank_at_an_end_is_told(typed: str) -> None:
    with pytest.raises(ValidationError, match="A blank stands before or behind this secret"):
        normal_credential(Kind.NEXUS_API_KEY, typed)


@pytest.mark.parametrize("typed", ["", "  ", "\n", " \r\n "])
def test_nothing_but_blanks_is_no_secret(typed: str) -> None:
    assert not normal_credential(Kind.NEXUS_API_KEY, typed)


@given(st.text(max_size=40))
def test_what_is_kept_is_what_was_typed_but_for_line_breaks(typed: str) -> None:
    kept = normal_secret(typed, several_lines=True)
    plain = typed.replace("\r\n", "\n").replace("\r", "\n")
    assert kept == (plain.strip("\n") if plain.strip() else "")
    assert normal_secret(kept, several_lines=True) == kept
