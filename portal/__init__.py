"""The Django project: settings, URLs, the Celery app, and the apps that the SMS apps build on.

`numbers/` is a plain folder and not a package: a top-level package of that name would shadow the standard library's
`numbers`, and `decimal`, Django and Celery could no longer be imported. Adding the folder to `sys.path` here makes its
apps importable as `senders`, `genesys_cloud` and `tollfree`.
"""

import sys
from pathlib import Path

#: The version of the portal, also in pyproject.toml, which is not part of every installation.
VERSION = "1.0.0"

_NUMBERS = str(Path(__file__).resolve().parent.parent / "numbers")
if _NUMBERS not in sys.path:
    sys.path.append(_NUMBERS)
