"""Shorter ways to the same outcomes, in the place of mitmproxy's own, for what each exchange needs many times.

Only ``serve`` uses them. They are a fifth of what a request costs:
mitmproxy 12 looks up some fifteen header fields for each exchange, through four functions, with an exception for each
that is not there; it copies the value of an option whenever it is asked for; and it makes a server connection for each
exchange, to put another in its place.
"""

from mitmproxy.http import Headers
from mitmproxy.options import Options
from mitmproxy.optmanager import unset
from mitmproxy.proxy.context import Context

_IMMUTABLE = (bool, int, str, type(None))


class SharedOptions(Options):
    """Options whose values are not copied where they cannot change."""

    def __getattr__(self, name: str) -> object:
        """The value of an option.

        Raises:
            AttributeError: There is none of that name.
        """
        option = self._options.get(name)
        if option is not None:
            value = option._default if option.value is unset else option.value  # noqa: SLF001 - its public name copies
            if type(value) in _IMMUTABLE:
                return value
        return super().__getattr__(name)


def fork(context: Context) -> Context:
    """Return a context for a layer inside of this one."""
    inner = Context.__new__(Context)
    inner.client, inner.options, inner.server = context.client, context.options, context.server
    inner.layers = context.layers.copy()
    return inner


def get_all(headers: Headers, name: str | bytes) -> list[str]:
    """The values of all fields of that name, in their order."""
    wanted = _lower(name)
    return [value.decode("utf-8", "surrogateescape") for key, value in headers.fields if key.lower() == wanted]


def get(headers: Headers, name: str | bytes, default: object = None) -> object:
    """Return the fields of a name as one line (RFC 9110, section 5.3)."""
    values = get_all(headers, name)
    return ", ".join(values) if values else default


def get_item(headers: Headers, name: str | bytes) -> str:
    """The same.

    Raises:
        KeyError: There is none.
    """
    values = get_all(headers, name)
    if not values:
        raise KeyError(name)
    return ", ".join(values)


def contains(headers: Headers, name: str | bytes) -> bool:
    """Return whether there is a field of that name."""
    return _lower(name) in [key.lower() for key, _ in headers.fields]


def _lower(name: str | bytes) -> bytes:
    return (name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name).lower()
