import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.message.target.query import remove_names, values_of

PASSWORD = frozenset({"password"})


@pytest.mark.parametrize(
    "query",
    [
        b"",
        b"&&",
        b"username=fred&notify=false",
        b"jql=text+~+%22password%22",
        b"jql=password=x",
        b"a+b%2Bc%20d",
        b"passwordHint=x",
        b"PASSWORD=x",
        b"%2570assword=x",
        b"a;password=x",
        b"pass+word=x",
        b"\xff=%zz&%=%",
    ],
)
def test_nothing_to_remove_is_the_same_object(query):
    assert remove_names(query, PASSWORD) == (query, ())
    assert remove_names(query, PASSWORD)[0] is query


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (b"password=x", b""),
        (b"password", b""),
        (b"password=", b""),
        (b"password=a=b", b""),
        (b"username=fred&password=x", b"username=fred"),
        (b"password=x&username=fred", b"username=fred"),
        (b"a=%41+b&password=x&b=%zz\xff", b"a=%41+b&b=%zz\xff"),
        (b"a&&password=x&", b"a&&"),
        (b"password=1&a&password=2&%70assword=3", b"a"),
        (b"p%61ssw%6Frd=x", b""),
    ],
)
def test_the_pair_goes_and_every_other_byte_stays(query, left):
    assert remove_names(query, PASSWORD) == (left, ("password",))


def test_names_are_told_distinct_and_in_their_order():
    names = frozenset({"password", "new password", "gone"})

    assert remove_names(b"new+password=1&a&password=2&new%20password=3", names) == (
        b"a",
        ("new password", "password"),
    )


PAIR = st.sampled_from([b"", b"a=1", b"password=x", b"%70assword", b"passwor=d", b"b=%zz\xff+"])


@given(st.lists(PAIR))
def test_what_is_left_has_none_and_all_the_others(pairs):
    query = b"&".join(pairs)

    left, names = remove_names(query, PASSWORD)

    kept = [pair for pair in pairs if pair not in {b"password=x", b"%70assword"}]
    assert left == b"&".join(kept)
    assert names == (("password",) if len(kept) < len(pairs) else ())


@given(st.binary())
def test_no_bytes_make_it_raise(query):
    assert remove_names(query, PASSWORD)[1] in {(), ("password",)}


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (b"", ()),
        (b"a=1&_METHOD=PUT", ()),
        (b"_method", ("",)),
        (b"a=1&_method=PUT&%5fmethod=a+b%3D=&_method=%ff", ("PUT", "a b==", "\ufffd")),
    ],
)
def test_the_values_of_a_name(query, values):
    assert values_of(query, "_method") == values
