"""What a file could do to the machine that reads it, and what YAML would make of it behind one's back."""

import time

import pytest

from provisioning.bulk.problems import FileRefused
from provisioning.bulk.validation import check

BILLION_LAUGHS = "a: &a [x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def problems(content: bytes | str) -> list[str]:
    """What is told of a file."""
    with pytest.raises(FileRefused) as refusal:
        check(content.encode() if isinstance(content, str) else content, {})
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (BILLION_LAUGHS, "b[0], line 2: An alias (*) stands here."),
        ("a: &a [*a]", "a[0], line 1: An alias (*) stands here."),
        ("tenants: !!python/object/apply:os.system ['true']", "tenants, line 1: A tag (!) stands here."),
        ("tenants:\n- {<<: {name: x}}", "tenants[0].(not a name), line 2: `(not a name)` is not known here"),
        ("tenants: []\n---\ntenants: []", "line 2: A second document begins here."),
        ("{" * 100, "This lies deeper than 8 levels."),
        ("[" * 200_000, "This lies deeper than 8 levels."),
        ("- " * 100 + "a", "This lies deeper than 8 levels."),
        ("tenants: " + "[" * 9 + "]" * 9, "This lies deeper than 8 levels."),
        ("", "The file is empty."),
        ("# nothing", "The file is empty."),
        ("null", "The file is a mapping"),
        ("- a", "The file is a mapping"),
        ("tenants: []", "tenants, line 1: The list is empty."),
        ("tenants:", "tenants, line 1: `tenants` must be here"),
        ("{}", "`tenants` must be here"),
        ("? [a, b]\n: c", "line 1: A key must be a single word."),
        ("tenants: [", "This is not YAML"),
        ("tenants: 'open", "This is not YAML"),
        ("tenants: {a: ${B}}", "put values with ${NAME} into quotes"),
        ("%YAML 9.9\n---\na", "This is not YAML"),
        (b"tenants:\n- name: \xff\xfe", "line 2: Here stands something that is not UTF-8 text."),
        ("tenants:\n- name: a\0b", "line 2: "),
        ("tenants:\n- name: \u0007", "line 2: "),
    ],
)
def test_it_is_named_and_refused(content: bytes | str, sentence: str) -> None:
    assert any(sentence in each for each in problems(content)), problems(content)


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    begun = time.monotonic()
    assert "larger than 16 MB" in problems(b"a" * (16 * 1024 * 1024 + 1))[0]
    assert time.monotonic() - begun < 2


def test_a_syntax_error_does_not_repeat_the_line() -> None:
    told = problems("tenants:\n- name: a\n  nexus_api_key: 'canary\n")
    assert not any("canary" in each for each in told)


def test_mistakes_before_a_syntax_error_are_told_too() -> None:
    told = problems("tenants: &a\n- b\n\t- c: *d\n  e: 'open")
    assert any("An anchor" in each for each in told)
    assert any("A tab indents this line" in each for each in told)
    assert any("This is not YAML" in each for each in told)


def test_values_stay_as_they_are_written() -> None:
    entry = check(
        b"""\
tenants:
  - name: 1234
    ccid: 45acae06-6b7c-4f97-9c76-471cb5c21bf7
    nexus_url: http://127.0.0.1:9
    sender_ids:
      - {number: 16504661149}
      - {number: "72345", section: chat.SMS_Main}
""",
        {},
    )[0][0]
    assert entry.name == "1234"
    assert [each.number for each in entry.senders] == ["16504661149", "72345"]
    assert entry.senders[1].given == {"section": "SMS_Main"}
