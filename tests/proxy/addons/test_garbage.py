import gc
import weakref

import pytest

from jira_compat.proxy.addons.garbage import keep_what_is_there


class Node:
    """May be in a circle with itself."""


@pytest.fixture
def thawed():
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_what_lives_is_left_out_of_collections_and_garbage_goes():
    garbage = Node()
    garbage.itself = garbage  # type: ignore[attr-defined]
    seen = weakref.ref(garbage)
    del garbage
    before = gc.get_freeze_count()
    keep_what_is_there()
    assert seen() is None
    assert gc.get_freeze_count() > before
    assert len(gc.get_objects()) < 1000
