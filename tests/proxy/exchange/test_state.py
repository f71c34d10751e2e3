import pytest

from jira_compat.proxy.exchange.state import MOVES, WAITING, IllegalMove, Move, State, after

LIVES = {
    "a request that is streamed": (
        [Move.STREAM, Move.CONNECTED, Move.REQUEST_ENDED, Move.RESPONSE_BEGAN, Move.END],
        [State.CONNECTING, State.SENDING, State.AWAITING, State.FORWARDING, State.ENDED],
    ),
    "a request whose body is edited": (
        [Move.HOLD, Move.REQUEST_ENDED, Move.LINKS_SOUGHT, Move.END],
        [State.HOLDING_BODY, State.AWAITING, State.HOLDING_LINKS, State.ENDED],
    ),
    "links in a response that is too long": (
        [Move.HOLD, Move.REQUEST_ENDED, Move.LINKS_SOUGHT, Move.LINKS_LEFT, Move.END],
        [State.HOLDING_BODY, State.AWAITING, State.HOLDING_LINKS, State.FORWARDING, State.ENDED],
    ),
    "a refusal at the head": (
        [Move.ANSWER, Move.RESPONSE_BEGAN, Move.END],
        [State.ANSWERED, State.ANSWERED, State.ENDED],
    ),
    "a refusal because of the body": (
        [Move.HOLD, Move.REQUEST_ENDED, Move.ANSWER, Move.RESPONSE_BEGAN, Move.END],
        [State.HOLDING_BODY, State.AWAITING, State.ANSWERED, State.ANSWERED, State.ENDED],
    ),
    "a body that is too long to be held, and forwarded": (
        [Move.HOLD, Move.STREAM, Move.CONNECTED, Move.REQUEST_ENDED, Move.RESPONSE_BEGAN, Move.END],
        [State.HOLDING_BODY, State.SENDING, State.SENDING, State.AWAITING, State.FORWARDING, State.ENDED],
    ),
    "a plan": (
        [Move.DISCARD, Move.REQUEST_ENDED, Move.STEP_ANSWERED, Move.ANSWER, Move.END],
        [State.DISCARDING_BODY, State.AWAITING, State.HOLDING_STEP, State.ANSWERED, State.ENDED],
    ),
    "an upstream that responds early": (
        [Move.STREAM, Move.CONNECTED, Move.RESPONSE_BEGAN, Move.END],
        [State.CONNECTING, State.SENDING, State.FORWARDING, State.ENDED],
    ),
}


@pytest.mark.parametrize(("moves", "states"), LIVES.values(), ids=LIVES)
def test_the_life_of(moves, states):
    state, lived = State.HEAD, []
    for move in moves:
        state = after(state, move)
        lived.append(state)

    assert lived == states


@pytest.mark.parametrize(
    ("state", "move"),
    [
        (State.ENDED, Move.END),
        (State.FORWARDING, Move.RESPONSE_BEGAN),
        (State.FORWARDING, Move.ANSWER),
        (State.SENDING, Move.ANSWER),
        (State.AWAITING, Move.REQUEST_ENDED),
        (State.DISCARDING_BODY, Move.STREAM),
        (State.ANSWERED, Move.REQUEST_ENDED),
        (State.HOLDING_LINKS, Move.STEP_ANSWERED),
    ],
)
def test_what_the_table_does_not_have_is_illegal(state, move):
    with pytest.raises(IllegalMove, match=f"{move.name} in {state.name}"):
        after(state, move)


def test_every_state_has_its_moves_and_can_be_come_to_and_ends():
    assert set(MOVES) == set(State)
    assert {State.HEAD, *(state for moves in MOVES.values() for state in moves.values())} == set(State)
    assert all(Move.END in moves for state, moves in MOVES.items() if state is not State.ENDED)


def test_the_upstream_is_waited_for_where_the_next_word_is_its():
    assert {State.CONNECTING, State.AWAITING} == WAITING
