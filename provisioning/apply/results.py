"""Result of an import: counts, problems, and the exit code."""

from collections import Counter
from dataclasses import dataclass, field

SUCCEEDED, WRONG, REFUSED, NOT_ENDED = range(4)


@dataclass
class Result:
    """Counts for the summary, and messages about what failed or is still open."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """Return 0 if everything is as in the file, 1 if something failed or differs, 3 if something is unfinished."""
        if self.wrong:
            return WRONG
        return NOT_ENDED if self.open else SUCCEEDED

    def __str__(self) -> str:
        """Return the counts as text."""
        words = [f"{count} {word}" for word, count in self.counts.items()]
        return f"Tenants: {', '.join(words) or 'none'}."
