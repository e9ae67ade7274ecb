"""What stands in a file is what is taken: everything that YAML would make of it otherwise is named and refused."""

import pytest

from portal.vault.kinds import Kind
from provisioning.bulk.problems import FileRefused
from provisioning.bulk.validation import check

PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----"
FILE = """\
tenants:
  - name: {name}
    ccid: 45acae06-6b7c-4f97-9c76-471cb5c21bf7   # \u00dcber the moon \U0001f319
    nexus_url: http://127.0.0.1:9                # the laboratory
    nexus_api_key: {key}
    custom_gateway:
      phone_numbers: ["22345"]                   # a short code
      webhook_url: https://genesys-webhook.company.com   # theirs
      webhook_secret: {secret}
      api_secret: a-secret
      headers:
        X-One: {header}
"""
VALUES = {"name": "Acme", "key": "a-key", "secret": "s-secret", "header": "12345"}
COMMENT = "A comment follows, and the value ends before its #."
LINES = "This stands on several lines, which YAML joins with blanks."
PATHS = {
    "name": "tenants[0].name, line 2",
    "key": "tenants[0].nexus_api_key, line 5",
    "secret": "tenants[0].custom_gateway.webhook_secret, line 9",
    "header": "tenants[0].custom_gateway.headers.X-One, line 12",
}


def problems(**values: str) -> list[str]:
    with pytest.raises(FileRefused) as refused:
        check(FILE.format(**(VALUES | values)).encode(), {"KEY": "from-outside"})
    return [str(each) for each in refused.value.problems]


def secret_of(secret: str) -> str:
    entries, _ = check(FILE.format(**(VALUES | {"secret": secret})).encode(), {"KEY": "from-outside", "PEM": PEM})
    return entries[0].secrets[Kind.GATEWAY_WEBHOOK_KEY]


@pytest.mark.parametrize("what", list(PATHS))
@pytest.mark.parametrize("written", ["one #two", "one   # two", "one\t# two", "p\u00e4ss #word", "pre-${KEY} # two"])
def test_an_unquoted_value_before_a_comment_is_named_with_its_line(what: str, written: str) -> None:
    [told] = problems(**{what: written})
    assert told.startswith(f"{PATHS[what]}: {COMMENT}")
    assert "two" not in told


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ('"one #two"', "one #two"),
        ("'one #two'  # in quotes", "one #two"),
        ("one#two", "one#two"),
        ("${KEY}   # from the environment", "from-outside"),
        ("|\n        one #two", "one #two"),
        ("@one", None),
        ("12345678", "12345678"),
        ("one:two", "one:two"),
        ("'it''s \\t'", "it's \\t"),
        ('"one\\\\two\\"three"', 'one\\two"three'),
        ("|\n        " + PEM.replace("\n", "\n        ") + "\n", PEM),
        ('"' + PEM.replace("\n", "\\n") + '\\n"', PEM),
        ("${PEM}", PEM),
    ],
)
def test_what_is_taken_is_what_stands_there(written: str, taken: str | None) -> None:
    if taken is None:
        assert any("This is not YAML" in each for each in problems(secret=written))
    else:
        assert secret_of(written) == taken


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("one\n        two", LINES),
        ('"one\n        two"', LINES),
        ("'one\n        two'", LINES),
        (">\n        one\n        two", LINES),
        ('"one\\ttwo"', "In double quotes YAML makes another character of a backslash"),
        ('"\\x41bc"', "In double quotes YAML makes another character of a backslash"),
        ('"\\u00e9"', "In double quotes YAML makes another character of a backslash"),
        ("one: two", "This is not YAML"),
        ("%one", "This is not YAML"),
        ("&one two", "An anchor"),
        ("*one", "An alias"),
        ("!one two", "A tag"),
        ("012345", "another kind"),
        ("1:30", "another kind"),
        ("1:30.5", "another kind"),
        ("1_000", "another kind"),
        ("0x1F", "another kind"),
        ("1e5", "a fraction or an exponent"),
        ("1.50", "a fraction or an exponent"),
        ("2026-11-30", "a date"),
        ("off", "true or false"),
        ("~", "Nothing stands here"),
        ("null", "Nothing stands here"),
        ("", "Nothing stands here"),
        ("[one]", "A single value is wanted"),
        ("{one: two}", "A single value is wanted"),
        ('" one"', "A blank stands before or behind"),
        ('"one "', "A blank stands before or behind"),
        ("one\n      webhook_secret: two", "stands here twice"),
    ],
)
def test_what_yaml_would_make_something_else_of_is_refused(written: str, sentence: str) -> None:
    told = problems(secret=written)
    assert any(sentence in each for each in told), told


def test_a_secret_of_one_line_is_not_taken_from_several() -> None:
    [told] = problems(key="|\n        one\n        two")
    assert told == f"{PATHS['key']}: A line break stands in this secret, which has one line. Copy it again as one line."


def test_comments_elsewhere_are_just_comments() -> None:
    entries, _ = check(FILE.format(**VALUES).encode(), {})
    assert entries[0].senders == ()
    assert entries[0].nexus_url == "http://127.0.0.1:9"
