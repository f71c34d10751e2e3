"""The states of an exchange, and what moves it from one to the next: the only place that knows.

A move that the table does not have is a fault of ours, and fails closed as any other.
"""

from enum import Enum, auto


class State(Enum):
    """The states of an exchange."""

    __hash__ = object.__hash__  # as fast as its equality, which is identity

    HEAD = auto()
    """The request's head is here."""

    HOLDING_BODY = auto()
    """The request's body is held: for rules, or for a person who watches flows."""

    DISCARDING_BODY = auto()
    """The request's body is dropped: a plan's request is sent in its place."""

    CONNECTING = auto()
    """The body is to be streamed, and the upstream's connection is awaited."""

    SENDING = auto()
    """The body is streamed, as slowly as the client sends it."""

    AWAITING = auto()
    """The request was sent as a whole, and the response is awaited."""

    CHECKING = auto()
    """The request is here as a whole, and its body is read in a thread."""

    CONVERSING = auto()
    """A plan sends requests of its own."""

    ANSWERED = auto()
    """The proxy answered."""

    FORWARDING = auto()
    """The upstream's response goes to the client."""

    HOLDING_LINKS = auto()
    """The response is held, because links in it are rewritten."""

    HOLDING_STEP = auto()
    """The response is held, because a plan asked for it."""

    ENDED = auto()
    """The exchange was written down."""


class Move(Enum):
    """The events of an exchange."""

    __hash__ = object.__hash__

    HOLD = auto()
    DISCARD = auto()
    STREAM = auto()
    CONNECTED = auto()
    REQUEST_ENDED = auto()
    CHECK = auto()
    CHECKED = auto()
    CONVERSE = auto()
    ANSWER = auto()
    RESPONSE_BEGAN = auto()
    LINKS_SOUGHT = auto()
    LINKS_LEFT = auto()
    STEP_ANSWERED = auto()
    END = auto()


_S, _M = State, Move
_ANY_RESPONSE = {
    _M.RESPONSE_BEGAN: _S.FORWARDING,
    _M.LINKS_SOUGHT: _S.HOLDING_LINKS,
    _M.STEP_ANSWERED: _S.HOLDING_STEP,
    _M.END: _S.ENDED,
}
"""An upstream may respond before it has the whole request (RFC 9112, section 9.5), and other addons may at any time."""

MOVES: dict[State, dict[Move, State]] = {
    _S.HEAD: {
        **_ANY_RESPONSE,
        _M.HOLD: _S.HOLDING_BODY,
        _M.DISCARD: _S.DISCARDING_BODY,
        _M.STREAM: _S.CONNECTING,
        _M.ANSWER: _S.ANSWERED,
    },
    _S.HOLDING_BODY: {
        **_ANY_RESPONSE,
        _M.STREAM: _S.SENDING,  # too long to be held, and to be forwarded all the same
        _M.REQUEST_ENDED: _S.AWAITING,
        _M.ANSWER: _S.ANSWERED,
    },
    _S.DISCARDING_BODY: {**_ANY_RESPONSE, _M.REQUEST_ENDED: _S.AWAITING},
    _S.CONNECTING: {**_ANY_RESPONSE, _M.CONNECTED: _S.SENDING, _M.REQUEST_ENDED: _S.AWAITING},
    _S.SENDING: {**_ANY_RESPONSE, _M.CONNECTED: _S.SENDING, _M.REQUEST_ENDED: _S.AWAITING},
    _S.AWAITING: {
        **_ANY_RESPONSE,
        _M.CHECK: _S.CHECKING,
        _M.CONVERSE: _S.CONVERSING,
        _M.ANSWER: _S.ANSWERED,
    },
    _S.CHECKING: {_M.CHECKED: _S.AWAITING, _M.END: _S.ENDED},
    _S.CONVERSING: {_M.ANSWER: _S.ANSWERED, _M.END: _S.ENDED},
    _S.ANSWERED: {_M.RESPONSE_BEGAN: _S.ANSWERED, _M.END: _S.ENDED},
    _S.FORWARDING: {_M.END: _S.ENDED},
    _S.HOLDING_LINKS: {_M.LINKS_LEFT: _S.FORWARDING, _M.END: _S.ENDED},
    _S.HOLDING_STEP: {_M.ANSWER: _S.ANSWERED, _M.END: _S.ENDED},
    _S.ENDED: {},
}

WAITING = frozenset({_S.CONNECTING, _S.AWAITING})
"""The states in which ``--upstream-timeout`` counts."""


class IllegalMove(Exception):  # noqa: N818 - what it is
    """A move that the table does not have."""

    def __init__(self, state: State, move: Move) -> None:
        super().__init__(f"{move.name} in {state.name}")


def after(state: State, move: Move) -> State:
    """The state after a move.

    Raises:
        IllegalMove: There is none.
    """
    try:
        return MOVES[state][move]
    except KeyError:
        raise IllegalMove(state, move) from None
