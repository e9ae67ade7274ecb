import re
import time

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from senders.phone_numbers import WANTED, parse, reason_against, with_country_code


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("22345", "22345"),
        ("223456", "223456"),
        ("6504661140", "16504661140"),
        ("16504661140", "16504661140"),
        ("+16504661140", "16504661140"),
        ("+1 6504661140", "16504661140"),
        ("650-466-1140", "16504661140"),
        ("(650) 466-1140", "16504661140"),
        ("1 650 466 1140", "16504661140"),
        ("1-650-466-1140", "16504661140"),
        ("+1 (650) 466-1140", "16504661140"),
        ("+1(650)466.1140", "16504661140"),
        (" 650.466.1140 ", "16504661140"),
        ("650 - 466 - 1140", "16504661140"),
        ("650/466/1140", "16504661140"),
        ("650\u2011466\u20111140", "16504661140"),  # dashes and blanks of word processors
        ("+1\u00a0650\u202f466\u00a01140", "16504661140"),
        ("\u202a+16504661140\u202c", "16504661140"),  # marks that come along with copying from a contact list
        ("\uff12\uff12\uff13\uff14\uff15", "22345"),
    ],
)
def test_a_number_is_stored_in_one_form(typed: str, digits: str) -> None:
    number = parse(typed)
    assert (number.digits, number.warning) == (digits, "")


def test_the_guides_ten_digit_example_is_taken_with_a_warning() -> None:
    number = parse("1650466114")
    assert number.digits == "1650466114"
    assert "is one missing?" in number.warning


@pytest.mark.parametrize("typed", ["12345", "012345"])
def test_a_short_code_that_begins_with_0_or_1_is_taken_with_a_warning(typed: str) -> None:
    number = parse(typed)
    assert number.digits == typed
    assert f"begins with {typed[0]}, and short codes begin with 2 to 9" in number.warning


REFUSED = {
    "": ["", " \u200b "],
    "This ends in .0: a spreadsheet changed it.": ["67890.0", "18445551212.0", "18445551212.00", "67890,0"],
    "This has an exponent: a spreadsheet changed it": ["1.8E+10", "1,84E+10", "1.84455512E10", "1e5", "2E4"],
    "The digits are grouped as those of an amount": ["18,445,551,212", "67,890", "67\u2019890"],
    "A quotation mark or a formula stands around this": ["'18445551212", '="18445551212"', '"67890"', "=67890"],
    "This looks like a date.": [
        *("1/2/2026", "12/31/2026", "2026-11-30", "2026-11-30T10:00:00", "30.11.2026", "30-11-26"),
        *("5-Jan", "Mar-26", "1/2", "11/2026", "2026-11", "Nov 30, 2026"),
    ],
    "This is a time": ["12:34", "12:34:56"],
    "This is an IP address": ["10.5.3.1", "192.168.10.20", "10.5.3.1:80", "10.5.3.0/24"],
    "This is an address of another kind": ["fe80::1", "2001:db8:0:0::1", "67890@example.com", "https://67890.example"],
    "Leave out the word before the number.": ["tel:+18445551212", "sms:67890", "Phone 844-555-1212"],
    "Leave out the extension": ["+18445551212 x12", "844-555-1212 ext. 5", "18445551212#12", "8445551212;ext=7"],
    "After + stand 1 and ten digits: only numbers of North America (+1) are taken.": [
        *("+65 6234 5678", "+45 32 12 34 56", "+44 20 7946 0958", "+54321", "+1", "+", "+1 650 466 114", "+6504661140"),
    ],
    "Leave out 00 or 011": ["0018445551212", "01118445551212", "0049 30 1234567"],
    "This looks like a negative amount.": ["-67890", "\u221267890", "(67890)"],
    "More than one number stands here": [
        *("22345 67890", "22345,67890", "22345;67890", "22345\n67890", "22345\t67890", "22345 and 67890"),
        *("6504661140, 6504661141", "650-466-1140 / 650-466-1141", "+16504661140 +16504661141"),
    ],
    "Blanks, dots, dashes and brackets are taken in long codes only": [
        *("(844) 55", "65 6234 5678", "45 32 12 34 56", "22 345", "22-345", "22.345", "223.45", "8445 551212"),
        *(
            "844 5551212",
            "1-650-466-114",
            "123-45-6789",
            "4111 1111 1111 1111",
            "67890.",
            "650.466.1140.",
            "1844 555 1212",
        ),
    ],
    "In North America the area code": ["0504661140", "650-166-1140", "16501661140", "(150) 466-1140"],
    "A number has digits only; here stands the letter": [
        "1-800-FLOWERS",
        "0x3039",
        "None",
        "nan",
        "true",
        "67890a",
        "6789O",
    ],
    "A number has digits only; leave out": ["$67890", "67890%", "1_000_0", "67890,", "<67890>", "67890²", "67890\x00"],
    "Write the digits as 0 to 9, and not as १.": ["१२३४५"],
    "This has 4 digits.": ["6789"],
    "This has 7 digits.": ["6789012"],
    "This has 11 digits.": ["26504661140", "65046611400"],
    "This has 13 digits.": ["9781234567897"],
}


@pytest.mark.parametrize(("typed", "reason"), [(typed, reason) for reason, texts in REFUSED.items() for typed in texts])
def test_what_is_refused_has_its_reason_and_says_what_is_taken(typed: str, reason: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parse(typed)
    [sentence] = refused.value.messages
    assert sentence.startswith(reason)
    assert sentence.endswith(WANTED)


_PARTS = st.sampled_from([*"0123456789"] * 2 + [*" +-./(),:eE'\"\u00a0\u2011\u200b"])


@pytest.mark.sweep
@given(
    st.one_of(st.text(_PARTS, max_size=24), st.text(max_size=16), st.from_regex(r"[0-9+() .\-/]{5,20}", fullmatch=True))
)
@example("67890.0")
@example("1/2/2026")
@example("+65 6234 5678")
def test_what_is_taken_has_exactly_the_digits_that_were_typed(typed: str) -> None:
    try:
        number = parse(typed)
    except ValidationError:
        return
    digits = "".join(str(int(each)) for each in re.sub(r"\D", "", typed))
    assert number.digits in {digits, f"1{digits}"}
    assert parse(number.digits) == number  # stored, and read again, it stays what it is


@pytest.mark.parametrize(
    ("told", "stored"),
    [("8445551212", "18445551212"), ("18445551212", "18445551212"), ("1650466114", "1650466114"), ("22345", "22345")],
)
def test_numbers_of_other_systems_are_compared_in_the_stored_form(told: str, stored: str) -> None:
    assert with_country_code(told) == stored


@pytest.mark.parametrize("hostile", [" " * 300_000, "1" * 300_000 + "x", '"' + "a" * 300_000])
def test_an_endless_text_is_refused_at_once(hostile: str) -> None:
    began = time.perf_counter()
    assert reason_against(hostile) == f"This is too long for a phone number ({len(hostile):,} characters)."
    assert time.perf_counter() - began < 3
