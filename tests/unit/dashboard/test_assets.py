import pytest

from chatvitals.dashboard.assets import Assets


@pytest.mark.parametrize("name", ["x" * 300, "..", ".stamp", "../../registry.py", "/etc/passwd", "a\0b", ""])
def test_nothing_but_a_file_of_the_folder_is_given_out(name: str) -> None:
    assert Assets({}).content(name) is None
