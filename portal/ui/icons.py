"""SVG icons: line drawings on a grid of 24 by 24, in the text colour.

Each value is the content of an `<svg>`; `{% icon "name" %}` adds the element.
"""

# ruff: noqa: E501 - a drawing's path reads no better in two lines

from django.utils.safestring import SafeString, mark_safe


def _lines(*paths: str) -> SafeString:
    return mark_safe("".join(f'<path d="{path}"/>' for path in paths))  # noqa: S308 - the constants below


ICONS: dict[str, SafeString] = {
    "alert": _lines("M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z", "M12 8v5", "M12 16.2v.1"),
    "arrow": _lines("M5 12h14", "M13 6l6 6-6 6"),
    "arrow-left": _lines("M19 12H5", "M11 6l-6 6 6 6"),
    "auto": _lines("M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z", "M12 3.5v17", "M15 5v14M18 7v10"),
    "building": _lines("M5 20.5V4.5h9v16", "M14 10h5v10.5", "M3 20.5h18", "M8.5 8.5h2M8.5 12h2M8.5 15.5h2"),
    "check": _lines("M5 12.5l4.5 4.5L19 7.5"),
    "chevron": _lines("M7 10l5 5 5-5"),
    "clock": _lines("M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z", "M12 7.5V12l3 2"),
    "copy": _lines("M9 8.5h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1z", "M16 5.5v-1a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1"),
    "cross": _lines("M7 7l10 10", "M17 7L7 17"),
    "dot": _lines("M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z"),
    "download": _lines("M12 4v11", "M7 10.5l5 5 5-5", "M5 20h14"),
    "gear": _lines("M4 7.5h8M17 7.5h3", "M14.5 5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5z", "M4 16.5h3M12 16.5h8", "M9.5 14a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5z"),
    "history": _lines("M4 12a8 8 0 1 0 2.5-5.8L4 8.5", "M4 4v4.5h4.5", "M12 8v4.5l3 1.8"),
    "home": _lines("M4 11l8-7 8 7v9h-5.5v-6h-5v6H4z"),
    "info": _lines("M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z", "M12 11v5.5", "M12 7.7v.1"),
    "key": _lines("M8 11.5a4.25 4.25 0 1 0 0 8.5a4.25 4.25 0 0 0 0-8.5z", "M11 12.7L19.5 4.2", "M15.5 8.2l3 3"),
    "menu": _lines("M4 7h16", "M4 12h16", "M4 17h16"),
    "message": _lines("M4 5h16v11.5H11L6.5 20v-3.5H4z", "M8 9.2h8M8 12.4h5"),
    "moon": _lines("M19.5 14.2A8 8 0 1 1 9.8 4.5a6.5 6.5 0 0 0 9.7 9.7z"),
    "out": _lines("M14 4H5v16h9", "M10 12h10.5", "M16.5 8l4 4-4 4"),
    "people": _lines("M9 4.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7z", "M2.5 20c0-3.4 2.8-5.7 6.5-5.7s6.5 2.3 6.5 5.7", "M15.5 4.8a3.5 3.5 0 0 1 0 6.4", "M18 14.8c2.2.8 3.5 2.7 3.5 5.2"),
    "phone": _lines("M8.5 2.5h7a2 2 0 0 1 2 2v15a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2v-15a2 2 0 0 1 2-2z", "M11 18h2"),
    "play": _lines("M8 5.5v13l10.5-6.5z"),
    "plus": _lines("M12 5v14", "M5 12h14"),
    "refresh": _lines("M20 12a8 8 0 1 1-2.5-5.8L20 8.5", "M20 4v4.5h-4.5"),
    "running": _lines("M12 3.5a8.5 8.5 0 1 1-8.5 8.5"),
    "search": _lines("M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13z", "M15.5 15.5L20.5 20.5"),
    "send": _lines("M4 12L20 4.5 15.5 20l-4-6.5z", "M11.5 13.5L20 4.5"),
    "server": _lines("M4 5h16v5.5H4z", "M4 13.5h16V19H4z", "M7.5 7.8v.1M7.5 16.3v.1"),
    "shield": _lines("M12 3.5l7.5 2.5v5.5c0 4.5-3 7.7-7.5 9.5-4.5-1.8-7.5-5-7.5-9.5V6z", "M8.5 12l2.5 2.5 4.5-4.7"),
    "sun": _lines("M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"),
    "warning": _lines("M12 4.5L21 19.5H3z", "M12 10v4.5", "M12 16.9v.1"),
}  # fmt: skip
