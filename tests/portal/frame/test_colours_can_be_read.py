import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[3] / "static" / "portal.css").read_text()
TEXT = 4.5  # WCAG 2.2 AA for text, 3 for the borders of controls
BORDER = 3.0

SURFACES = ("paper", "surface", "raised")
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "muted", "accent", "bad") for ground in SURFACES],
    *[(tone, f"{tone}-soft", TEXT) for tone in ("good", "running", "waiting", "neutral", "warning", "bad")],
    *[(tone, "surface", TEXT) for tone in ("good", "running", "waiting", "neutral", "warning", "bad")],
    *[("ink", f"{tone}-soft", TEXT) for tone in ("good", "running", "waiting", "neutral", "warning", "bad", "accent")],
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("muted", "accent-soft", TEXT),
    *[(ink, ground, TEXT) for ink in ("side-ink", "side-muted", "side-mark") for ground in ("side", "side-hover")],
    ("edge", "surface", BORDER),
    ("edge", "paper", BORDER),
]


def colour(name: str, theme: str) -> str:
    found = re.search(rf"--{name}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+));", CSS)
    assert found, f"--{name} is no plain colour"
    return found[3] or found[1 if theme == "light" else 2]


def luminance(hexadecimal: str) -> float:
    channels = [int(hexadecimal[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_ink_stands_out_from_its_ground(ink: str, ground: str, least: float, theme: str) -> None:
    lighter, darker = sorted((luminance(colour(name, theme)) for name in (ink, ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= least
