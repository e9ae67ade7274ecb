import numbers
import sysconfig
from pathlib import Path


def test_import_numbers_is_the_standard_librarys() -> None:
    assert Path(numbers.__file__).is_relative_to(sysconfig.get_path("stdlib"))
