"""The site, and the rooms that all other apps stand on.

`numbers/` is a plain folder and not a package: a top-level package of that name would shadow the standard library's
`numbers`, and decimal, Django and Celery would no longer import. Putting the folder on the path here makes its apps
importable as `senders` and `tollfree`.
"""

import sys
from pathlib import Path

_NUMBERS = str(Path(__file__).resolve().parent.parent / "numbers")
if _NUMBERS not in sys.path:
    sys.path.append(_NUMBERS)
