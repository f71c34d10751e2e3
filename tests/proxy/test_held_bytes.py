from jira_compat.proxy.held_bytes import FREE, Body, HeldBytes


def test_a_small_body_needs_no_room():
    held, bodies = HeldBytes(10), [Body() for _ in range(100)]
    assert all(held.grow(body, FREE, 1_000_000) for body in bodies)


def test_what_fits_has_room_and_what_does_not_waits():
    held = HeldBytes(300_000)
    first, second, third = Body(), Body(), Body()
    assert held.grow(first, FREE + 1, 150_000)
    assert held.grow(second, FREE + 1, 150_000)
    assert not held.grow(third, FREE + 1, 1)
    assert held.grow(first, 150_000, 150_000)
    held.release(second)
    assert held.grow(third, FREE + 1, 150_000)


def test_one_alone_has_room_whatever_it_becomes():
    held, large, other = HeldBytes(100_000), Body(), Body()
    assert held.grow(large, 90_000, 1_000_000)
    assert not held.grow(other, 90_000, 90_000)
    held.release(large)
    assert held.grow(other, 90_000, 90_000)


def test_what_waits_may_not_become_too_much():
    held, admitted, waiting = HeldBytes(100_000), Body(), Body()
    assert held.grow(admitted, 70_000, 100_000)
    overrun = []
    for length in (130_000, 130_001):
        assert not held.grow(waiting, length, 150_000)
        overrun.append(held.is_overrun)
    held.release(waiting)
    assert [*overrun, held.is_overrun] == [False, True, False]


def test_a_body_is_released_once():
    held, body = HeldBytes(100_000), Body()
    held.grow(body, 90_000, 90_000)
    held.release(body)
    held.release(body)
    assert (body, held.is_overrun) == (Body(), False)
    assert held.grow(Body(), 90_000, 90_000)
