import pytest

from provisioning.options.kaleyra.option import Kaleyra
from tests.provisioning.kaleyra import Visitor

VARIABLES = {
    "prerequisites": ["ccid", "nexusURL", "apiKey"],
    "account": ["kaleyraURL", "kaleyraUserName", "kaleyraPassword"],
    "sender": ["tfn"],
}
EVERY = [(step, name) for step, names in VARIABLES.items() for name in names]


def test_each_step_asks_the_guides_variables_in_the_guides_order() -> None:
    assert {step.key: list(step.form.base_fields) for step in Kaleyra.steps} == VARIABLES


@pytest.mark.parametrize(("step", "name"), EVERY)
def test_each_field_shows_its_variable(visitor: Visitor, step: str, name: str) -> None:
    page = visitor.see(step).content.decode()
    assert f'name="{name}"' in page
    assert f">${name}</code>" in page


@pytest.mark.parametrize(("step", "name"), EVERY)
def test_each_field_shows_an_example(visitor: Visitor, step: str, name: str) -> None:
    example = Kaleyra().step(step).form.examples[name]
    assert example
    assert f"Example: <code>{example}</code>" in visitor.see(step).content.decode()


@pytest.mark.parametrize(("step", "name"), EVERY)
def test_each_field_has_a_sentence_of_help(step: str, name: str) -> None:
    assert Kaleyra().step(step).form.base_fields[name].help_text.endswith(".")
