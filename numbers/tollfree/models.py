"""Models of the toll-free app; Django looks for them in this module only."""

from tollfree.inventory import models as inventory  # noqa: F401 - Django finds models here only
from tollfree.orders import models as orders  # noqa: F401 - Django finds models here only
from tollfree.requests import models as requests  # noqa: F401 - Django finds models here only
