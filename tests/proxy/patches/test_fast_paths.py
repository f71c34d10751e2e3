"""They give what mitmproxy's own ways give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import optmanager
from mitmproxy.connection import Client, ConnectionState, Server
from mitmproxy.http import Headers
from mitmproxy.options import Options
from mitmproxy.proxy.context import Context

from jira_compat.proxy.patches import fast_paths
from jira_compat.proxy.patches.fast_paths import SharedOptions, fork

NAMES = st.sampled_from([b"host", b"Host", b"HOST", b"x", b"X\xff", b"x\xff"])
FIELDS = st.lists(st.tuples(NAMES, st.binary(max_size=8)), max_size=5).map(tuple)
ASKED = NAMES | NAMES.map(lambda name: name.decode("utf-8", "surrogateescape"))


def outcome(ask, *words):
    try:
        return ask(*words)
    except KeyError as error:
        return repr(error)


@pytest.mark.parametrize("name", ["get_all", "get", "__getitem__", "__contains__"])
def test_of_no_fields_there_is_none(name):
    ours = {"__getitem__": fast_paths.get_item, "__contains__": fast_paths.contains}.get(name) or getattr(
        fast_paths, name
    )
    assert outcome(ours, Headers(), "host") == outcome(getattr(Headers, name), Headers(), "host")


@given(FIELDS, ASKED)
def test_fields_are_looked_up_with_the_same_outcome(fields, name):
    headers = Headers(fields)
    assert fast_paths.get_all(headers, name) == headers.get_all(name)
    assert fast_paths.get(headers, name) == headers.get(name)
    assert fast_paths.get(headers, name, "another") == headers.get(name, "another")
    assert outcome(fast_paths.get_item, headers, name) == outcome(headers.__getitem__, name)
    assert fast_paths.contains(headers, name) == (name in headers)


def test_a_fork_shares_connections_and_options_and_has_its_own_layers():
    client = Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=0, state=ConnectionState.OPEN)
    place = Context(client, Options())
    place.server = Server(address=("jira.example.com", 80))
    place.layers.append(None)  # type: ignore[arg-type]
    ours, theirs = fork(place), place.fork()
    assert vars(ours) == vars(theirs)
    ours.layers.append(None)  # type: ignore[arg-type]
    assert (len(ours.layers), len(place.layers)) == (2, 1)


@pytest.mark.parametrize("value", [optmanager.unset, "changed"], ids=["default", "changed"])
def test_options_have_the_same_values(value):
    ours, theirs = SharedOptions(), Options()
    for options in (ours, theirs):
        if value is not optmanager.unset:
            options.update(ssl_insecure=True, http2_ping_keepalive=7, confdir=value, ignore_hosts=[value])
    names = theirs.keys()
    assert {name: getattr(ours, name) for name in names} == {name: getattr(theirs, name) for name in names}


def test_one_that_could_be_changed_is_copied():
    options = SharedOptions()
    options.update(ignore_hosts=["a"])
    value = options.ignore_hosts
    assert isinstance(value, list)
    value.append("b")
    assert options.ignore_hosts == ["a"]


def test_there_is_none_of_another_name():
    with pytest.raises(AttributeError):
        SharedOptions().no_such_option  # noqa: B018
