"""How the story is told: by lines, by waiting, and by one line when it fails."""

from collections.abc import Callable

Say = Callable[[str], None]
WaitUntil = Callable[[Callable[[], bool], str, float], None]


class StoryFailed(Exception):
    """The demo's story did not come to its end; the text is one line for a person."""
