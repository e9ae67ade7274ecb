import pytest

from tests.support.environment import setting_names
from tests.support.files import PROJECT


def test_settings_are_found_at_all() -> None:
    assert {"PORTAL_ENV", "DATABASE_URL", "REDIS_URL", "SWEEP_SECONDS"} <= set(setting_names())


@pytest.mark.parametrize("name", setting_names())
def test_the_readme_names_every_setting(name: str) -> None:
    assert f"`{name}`" in (PROJECT / "README.md").read_text()
