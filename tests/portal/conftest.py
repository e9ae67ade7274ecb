"""Fixtures for tests of what the whole portal has in common."""

import pytest

from portal.core.logging import redaction


@pytest.fixture
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory of secrets of this test's own: some that earlier tests handled are words of ours."""
    monkeypatch.setattr(redaction, "_recent", type(redaction._recent)())  # noqa: SLF001 - nothing else may forget
