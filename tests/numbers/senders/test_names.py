from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from senders.names import endpoint_name, section_name

BOTH = pytest.mark.parametrize("normal", [section_name, endpoint_name])


@BOTH
@pytest.mark.parametrize("typed", ["Main", "chat.Main", "Chat.Main", "CHAT.Main", " chat.Main "])
def test_the_prefix_is_left_out_once_in_any_case(normal: Callable[[str], str], typed: str) -> None:
    assert normal(typed) == "Main"


@BOTH
@pytest.mark.parametrize("typed", ["chat.chat.Main", "Chat.CHAT.Main"])
def test_a_prefix_that_stands_twice_is_refused(normal: Callable[[str], str], typed: str) -> None:
    with pytest.raises(ValidationError, match="stands twice before this name"):
        normal(typed)
