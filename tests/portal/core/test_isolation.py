"""Of several, one that fails is logged once, and the others go on."""

import logging

import pytest

from portal.core.isolation import alone


def fail() -> int:
    raise ZeroDivisionError("the reason")


def test_what_fails_is_logged_once_with_its_reason_and_answered_otherwise(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert [alone("first", fail, None), alone("second", lambda: 2, None)] == [None, 2]
    (record,) = caplog.records
    assert "first failed" in record.getMessage()
    assert record.exc_info is not None
    assert "the reason" in str(record.exc_info[1])


def test_who_ends_the_process_ends_it() -> None:
    def end() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        alone("ending", end, None)
