"""Output and waiting in the demo: callback types, and the error that ends it."""

from collections.abc import Callable

Say = Callable[[str], None]
WaitUntil = Callable[[Callable[[], bool], str, float], None]


class StoryFailed(Exception):
    """The demo could not be completed; the text is one line for a person."""
