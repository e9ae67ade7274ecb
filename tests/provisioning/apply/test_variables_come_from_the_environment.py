import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.bulk.variables import VariableMissing, escaped, holds_a_variable, resolve

HAS = {"NAME": "va${lue}", "B": "2", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${NAME}", "va${lue}"),
        ("a${B}c${B}", "a2c2"),
        ("$NAME", "$NAME"),
        ("$${NAME}", "${NAME}"),
        ("pa$$word{}", "pa$$word{}"),
        ("", ""),
    ],
)
def test_names_are_replaced_once(text: str, value: str) -> None:
    assert resolve(text, HAS) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("${NOPE}", "The variable NOPE is not set in the environment."),
        ("${EMPTY}", "The variable EMPTY is empty in the environment."),
        ("${}", "After ${ a variable's name"),
        ("${A-B}", "After ${ a variable's name"),
        ("${", "After ${ a variable's name"),
        ("${NAME", "After ${ a variable's name"),
    ],
)
def test_what_is_missing_is_named(text: str, sentence: str) -> None:
    with pytest.raises(VariableMissing, match=sentence.replace("$", r"\$").replace("{", r"\{")):
        resolve(text, HAS)


@pytest.mark.sweep
@given(st.text(alphabet="${}aB_", max_size=20))
def test_an_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert resolve(escaped(text), {}) == text
    assert not holds_a_variable(escaped(text))
