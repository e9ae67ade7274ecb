from tests.tollfree.conftest import access, set_up

__all__ = ["access", "set_up"]
