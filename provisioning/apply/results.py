"""What became of a file."""

from collections import Counter
from dataclasses import dataclass, field

SUCCEEDED, WRONG, REFUSED, NOT_ENDED = range(4)


@dataclass
class Result:
    """Counts for the last line, and sentences about what is wrong or still open."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """Return 0 if all is as the file has it, 1 if something failed or differs, 3 if something has not ended."""
        if self.wrong:
            return WRONG
        return NOT_ENDED if self.open else SUCCEEDED

    def __str__(self) -> str:
        """Return the counts in words."""
        words = [f"{count} {word}" for word, count in self.counts.items()]
        return f"Tenants: {', '.join(words) or 'none'}."
