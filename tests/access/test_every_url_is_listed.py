import pytest

from tests.access.lines import ARGUMENTS, LINES
from tests.access.routes import routes

pytestmark = pytest.mark.sweep


def test_every_url_has_its_line() -> None:
    unlisted = sorted(set(routes()) - {line.name for line in LINES})
    assert not unlisted, (
        f"Nobody listed {', '.join(unlisted)}. Add a line for each to tests/access/lines.py that says who may GET it, "
        'who may POST to it and what a good form holds, such as Line("tenants:edit", get=ADMIN, post=ADMIN, body={…}).'
    )


def test_every_line_has_its_url() -> None:
    gone = sorted({line.name for line in LINES} - set(routes()))
    assert not gone, f"There is no URL {', '.join(gone)} any more: take its line out of tests/access/lines.py."


def test_every_argument_has_its_row() -> None:
    unknown = sorted(
        f"{line.name}: {name}"
        for line in LINES
        for name in routes().get(line.name, ())
        if name not in ARGUMENTS and name not in line.path
    )
    assert not unknown, (
        f"What stands for {', '.join(unknown)}? Say so in the line's path=, or for all lines in ARGUMENTS; "
        "a new kind of row is made in tests/access/world.py, in both tenants."
    )


def test_every_line_says_who_comes_in() -> None:
    assert not [line.name for line in LINES if line.get is None and line.post is None]
