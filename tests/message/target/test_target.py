import itertools
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jira_compat.message.target.target import Target, _read_closely, read_target

PASSWORD = ("rest", "api", "2", "user", "password")
USER = ("rest", "api", "2", "user")


@pytest.mark.parametrize(
    ("target", "segments"),
    [
        (b"/", ()),
        (b"/browse/ABC-1", ()),
        (b"/browse/rest", ("rest",)),
        (b"/restful/api/2/user", ()),
        (b"/jira/api/2/user", ()),
        (b"/rest/api/2/issue/ABC-123", ("rest", "api", "2", "issue", "ABC-123")),
        (b"/rest/api/2/project/PASSWORD", ("rest", "api", "2", "project", "PASSWORD")),
        (b"/rest/api/2/serverInfo", ("rest", "api", "2", "serverInfo")),
        (b"/rest/api/latest/user", ("rest", "api", "latest", "user")),
        (b"/rest/api/2.0.alpha1/user", ("rest", "api", "2.0.alpha1", "user")),
        (b"/jira/rest/api/2/user", USER),
        (b"/Our-Jira_8.5/rest/api/2/user", USER),
        (b"/a/b/c/rest/api/2/user", USER),
        (b"/api/2/user", USER),
        (b"/api/auth/1/session", ("rest", "auth", "1", "session")),
        (
            b"/rest/scriptrunner/latest/custom/user/password",
            ("rest", "scriptrunner", "latest", "custom", "user", "password"),
        ),
        (
            b"/rest/scriptrunner/latest/custom/rest/api/2/user",
            ("rest", "scriptrunner", "latest", "custom", "rest", "api", "2", "user"),
        ),
    ],
)
def test_a_normal_path_is_taken_as_it_is(target, segments):
    assert read_target(target) == Target(segments, target, None, None, ())


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/rest/api/2/user", b"/rest/api/2/user", None),
        (b"/rest/api/2/user?", b"/rest/api/2/user", b""),
        (b"/rest/api/2/user?a+b%2Bc%20d", b"/rest/api/2/user", b"a+b%2Bc%20d"),
        (b"/rest/api/2/user/?a=b?c=d", b"/rest/api/2/user", b"a=b?c=d"),
        (b"/rest/api/2/user?a=\r\n\0\xff", b"/rest/api/2/user", b"a=\r\n\0\xff"),
        (b"/rest/api/2/user?/../..;/%2F", b"/rest/api/2/user", b"/../..;/%2F"),
        (b'/rest/api/2/user?jql=~ "/rest/api/2/x"', b"/rest/api/2/user", b'jql=~ "/rest/api/2/x"'),
        (b"/rest/api/2/user#f", b"/rest/api/2/user", None),
        (b"/rest/api/2/user?a#b?c", b"/rest/api/2/user", b"a"),
        (b"http://jira/rest/api/2/user?a", b"/rest/api/2/user", b"a"),
        (b"HTTPS://fred:x@jira:8080/jira/rest/api/2/user", b"/jira/rest/api/2/user", None),
        (b"rest/api/2/user", b"/rest/api/2/user", None),
    ],
)
def test_query_fragment_and_origin_are_no_part_of_the_path(target, path, query):
    assert read_target(target) == Target(USER, path, query, None, ())


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"", b"/", None),
        (b"*", b"/*", None),
        (b"?a", b"/", b"a"),
        (b"#a", b"/", None),
        (b"http://jira", b"/", None),
        (b"http://jira?a=/rest/api/2/user", b"/", b"a=/rest/api/2/user"),
        (b"http://", b"/", None),
        (b"jira:443", b"/jira:443", None),
    ],
)
def test_odd_forms_have_no_api_path(target, path, query):
    assert read_target(target) == Target((), path, query, None, ())


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/rest/api/2/user/%70assword", b"/rest/api/2/user/password"),
        (b"/%72%65st/api/%32/user/passwor%64", b"/rest/api/2/user/password"),
        (b"//rest///api//2/user/password", b"/rest/api/2/user/password"),
        (b"/rest/./api/2/x/../user/password/.", b"/rest/api/2/user/password"),
        (b"/rest/%2e/api/2/x/%2E./user/password", b"/rest/api/2/user/password"),
        (b"/../rest/api/2/user/password", b"/rest/api/2/user/password"),
        (b"/rest/api/2/user/password/x/..", b"/rest/api/2/user/password"),
        (b"/rest/api/2/user;a=b/password;jsessionid=1", b"/rest/api/2/user/password"),
        (b"/rest/api/2/user/;/password", b"/rest/api/2/user/password"),
        (b"/rest/api/2/user/password/", b"/rest/api/2/user/password"),
        (b"/rest/api/2/user/password//", b"/rest/api/2/user/password"),
        (b"/rest/api/2/user/password.json", b"/rest/api/2/user/password.json"),
        (b"/rest/api/2/user/password.xml", b"/rest/api/2/user/password.xml"),
        (b"/rest/api/2/user/password%2ejson;a", b"/rest/api/2/user/password.json"),
        (b"/rest/api/2/user/password/.json", b"/rest/api/2/user/password/.json"),
        (b"/jira/rest/api/2/user/password/", b"/jira/rest/api/2/user/password"),
        (b"//api/2/user/%70assword", b"/api/2/user/password"),
    ],
)
def test_every_plain_spelling_is_the_same_endpoint(target, path):
    assert read_target(target) == Target(PASSWORD, path, None, None, ())


@pytest.mark.parametrize(
    ("target", "last"),
    [
        (b"/rest/api/2/user/f%C3%BCr", "f\N{LATIN SMALL LETTER U WITH DIAERESIS}r"),
        (b"/rest/api/2/user/f\xc3\xbcr", "f\N{LATIN SMALL LETTER U WITH DIAERESIS}r"),
        (b"/rest/api/2/user/fred%40example.com", "fred@example.com"),
        (b"/rest/api/2/user/fred%20fox", "fred fox"),
        (b"/rest/api/2/user/100%25", "100%"),
        (b"/rest/api/2/user/foo.json", "foo"),
    ],
)
def test_what_users_name_is_not_ambiguous(target, last):
    assert read_target(target) == Target((*USER, last), target, None, None, ())


AMBIGUOUS = [
    (b"/rest/api/2/user%2Fpassword", "it has an encoded slash"),
    (b"/rest/api/2/user%2fpassword", "it has an encoded slash"),
    (b"/rest%2Fapi%2F2%2Fuser%2Fpassword", "it has an encoded slash"),
    (b"/rest/api/2/user/password%2F", "it has an encoded slash"),
    (b"/rest/api/2/user/x%2F..%2Fpassword", "it has an encoded slash"),
    (b"/rest/api/2/user\\password", "it has a backslash"),
    (b"\\rest\\api\\2\\user\\password", "it has a backslash"),
    (b"/rest/api/2/user%5Cpassword", "it has a backslash"),
    (b"/rest/api/2/user/x%5c..%5cpassword", "it has a backslash"),
    (b"/rest/api/2/user/password%00", "it has a NUL"),
    (b"/rest/api/2/user/password%00.png", "it has a NUL"),
    (b"/rest/api/2/user/password\0/x", "it has a NUL"),
    (b"/rest/api/2/user/pass%00word", "it has a NUL"),
    (b"/rest/api/2/user/%2570assword", "it is encoded twice"),
    (b"/rest/api/2/user/%25%37%30assword", "it is encoded twice"),
    (b"/rest/api/2/user%252Fpassword", "it is encoded twice"),
    (b"/rest/api/2/user/%252570assword", "it is encoded twice"),
    (b"/rest/api/2/user/..;/password", "it mixes dot segments with path parameters or empty segments"),
    (b"/rest/api/2/user/.;/password", "it mixes dot segments with path parameters or empty segments"),
    (b"/rest/api/2/user/%2e%2e;/password", "it mixes dot segments with path parameters or empty segments"),
    (b"/rest/api/2/x/..;/user/password", "it mixes dot segments with path parameters or empty segments"),
    (b"/rest/api/2/user/;x/../password", "it mixes dot segments with path parameters or empty segments"),
    (b"/rest/api/2/user//../password", "it mixes dot segments with path parameters or empty segments"),
    (b"/rest/api/2/user/%2e%2e%3b/password", "it has an encoded semicolon"),
    (b"/rest/api/2/user/password%3Bx", "it has an encoded semicolon"),
    (b"/rest/api/2/user/password%3Fx", "it has a '?' or '#' in its path"),
    (b"/rest/api/2/user/password%23x", "it has a '?' or '#' in its path"),
    (b"/rest/api/2/user/x#/../password", "it has a '?' or '#' in its path"),
    (b"/rest/api/2/user/password#?x", "it has a '?' or '#' in its path"),
    (b"/rest/api/2/user/password%", "it has a '%' that encodes nothing"),
    (b"/rest/api/2/user/pass%word", "it has a '%' that encodes nothing"),
    (b"/rest/api/2/user/%%70assword", "it has a '%' that encodes nothing"),
    (b"/rest/api/2/user/%2%35%37%30assword", "it has a '%' that encodes nothing"),
    (b"/rest/api/2/user%u002fpassword", "it has a '%' that encodes nothing"),
    (b"/rest/api/2/user/pass%ffword", "it is not UTF-8"),
    (b"/rest/api/2/user/password\xff", "it is not UTF-8"),
    (b"/rest/api/2/user%c0%afpassword", "it is not UTF-8"),
    (b"/rest/api/2/user/%c1%b0assword", "it is not UTF-8"),
    (b"/rest/api/2/user/x/%c0%ae%c0%ae/password", "it is not UTF-8"),
    (b"/rest/api/2/user/pass%0aword", "it has a control character"),
    (b"/rest/api/2/user/password%09", "it has a control character"),
    (b"/rest/api/2/user/password\tx", "it has a control character"),
    (b"/rest/api/2/user/password%20", "it has a space at the edge of a segment"),
    (b"/rest/api/2/user/%20password", "it has a space at the edge of a segment"),
    (b"/rest/api/2/user/password%20;x=y", "it has a space at the edge of a segment"),
    (b"/rest/api/2/user/password ", "it has a space"),
    (b"/rest/api/2/user/password x", "it has a space"),
    (b"/REST/API/2/User/password", "its letter case is not Jira's"),
    (b"/REST/API/2/USER/PASSWORD", "its letter case is not Jira's"),
    (b"/rest/api/2/User/password", "its letter case is not Jira's"),
    (b"/rest/Api/2/user/password", "its letter case is not Jira's"),
    (b"/API/2/user/password", "its letter case is not Jira's"),
    (b"//rest/rest/api/2/user/password", "it begins with two slashes"),
    (b"//jira/api/2/user/password", "it begins with two slashes"),
]


@pytest.mark.parametrize(("target", "clause"), AMBIGUOUS)
def test_what_two_servers_could_read_differently_has_all_readings(target, clause):
    read = read_target(target)

    assert read.ambiguous == clause
    assert PASSWORD in read.readings
    assert read.segments in {(), *read.readings}
    assert len(set(read.readings)) == len(read.readings) <= 128


TRICKS = [
    lambda path: path.replace(b"/user", b"%2Fuser"),
    lambda path: path.replace(b"/user", b"%255Cuser"),
    lambda path: path.replace(b"/password", b"\\password"),
    lambda path: path.replace(b"/password", b"%c0%afpassword"),
    lambda path: path.replace(b"/api", b"/x/..;/api"),
    lambda path: path.replace(b"/api", b"//x/%2e%2e/api"),
    lambda path: path.replace(b"rest", b"REST"),
    lambda path: path.replace(b"/2", b"/%252e/2"),
    lambda path: path.replace(b"/2", b"/%u0032"),
    lambda path: path.replace(b"pass", b"pa%ss"),
    lambda path: path.replace(b"pass", b"pa%ffss"),
    lambda path: path.replace(b"word", b"wo%0ard"),
    lambda path: path + b"%00.png",
    lambda path: path + b"%20",
    lambda path: path + b"%3bx",
    lambda path: path + b";x=%2f..",
    lambda path: path + b"%3fx",
    lambda path: path + b" x",
    lambda path: path + b"/#/x",
]


@pytest.mark.parametrize(("one", "two"), [*itertools.permutations(range(len(TRICKS)), 2)])
def test_two_tricks_at_once_are_read_too(one, two):
    target = TRICKS[two](TRICKS[one](b"/rest/api/2/user/password"))

    assert PASSWORD in read_target(target).readings, target


@pytest.mark.parametrize(
    "target",
    [b"/browse/a%2Fb", b"/browse/%00%ff%", b"/s/x/..;/\\_/download", b"/%2561", b"/secure//../a b"],
)
def test_what_has_no_api_path_in_any_reading_is_not_ambiguous(target):
    read = read_target(target)

    assert read.segments == ()
    assert read.ambiguous is None
    assert read.readings == ()


@pytest.mark.parametrize(
    ("target", "readings"),
    [
        (b"/rest/api/2/project/a%2Fb", {("rest", "api", "2", "project", "a", "b")}),
        (b"/rest/api/2/group/C%23", {("rest", "api", "2", "group", "C"), ("rest", "api", "2", "group", "C#")}),
        (b"/rest/api/2/user#/password", {USER, (*USER[:3], "user#", "password")}),
    ],
)
def test_a_near_miss_has_no_reading_that_is_the_endpoint(target, readings):
    read = read_target(target)

    assert readings <= set(read.readings)
    assert PASSWORD not in read.readings


def test_no_clause_quotes_the_target():
    for target, clause in AMBIGUOUS:
        assert not re.search(r"user|password|rest", clause), target


PIECES = [
    *rb"/ /rest /api /2 /user /User . .. ; a A \ % %2f %25 %2e %3b %41 %c0%ae %20 %00 %u002f ? # : 2 .json".split(),
    *rb"http:// %5C %C3 %BC 4 1 %34 %31".split(),
    *(b" ", b"\0", b"\n", b"\xff"),
]
ODD = st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join)
CLEAN = st.lists(st.sampled_from(b"/ /rest /api /2 /user /.. /. . .json a A - ?".split()), max_size=12).map(b"".join)


@given(CLEAN)
@example(b"/rest/x/../auth/1/session")
@example(b"/rest/api/./user")
def test_the_short_way_and_the_long_way_read_the_same(target):
    assert read_target(target) == _read_closely(target)


@given(st.binary() | ODD)
@example(b"/rest/%%34%31")
@example(b"/rest/a%")
@example(b"%u002f!/api")
def test_no_bytes_make_it_raise_and_the_normal_path_reads_the_same(target):
    read = read_target(target)

    again = read_target(read.path)

    assert again.path == read.path
    assert again.segments == read.segments
    assert again.query is None
    assert read.ambiguous is not None or again.ambiguous is None
    assert (read.ambiguous is None) == (read.readings == () and read.more is None)
    assert () not in read.readings
    assert len(read.readings) <= 128


PATHS = st.sampled_from(
    [
        b"/rest/api/2/user",
        b"/rest/api/latest/user/password",
        b"/jira/rest/api/2.0.alpha1/user/application",
        b"/rest/auth/1/session",
        b"/rest/api/2/password/policy/createUser",
        b"/rest/api/2/issue/ABC-123_~.x",
        b"/api/2/user/password",
        b"/api/auth/1/session",
    ]
)


@st.composite
def respelled(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A path, and the same with things in it that mean nothing."""
    plain = path = draw(PATHS)
    for _ in range(draw(st.integers(1, 6))):
        slashes = [found.start() for found in re.finditer(rb"/", path)]
        letters = [found.start() for found in re.finditer(rb"(?<!%)(?<!%.)[A-Za-z0-9._~-]", path)]
        match draw(st.sampled_from(["slash", "dot", "up", "escape", "parameter", "end"])):
            case "slash" | "dot" | "up" as kind:
                at = draw(st.sampled_from(slashes))
                path = path[:at] + {"slash": b"/", "dot": b"/.", "up": b"/x/.."}[kind] + path[at:]
            case "escape":
                at = draw(st.sampled_from(letters))
                escape = draw(st.sampled_from([b"%%%02x", b"%%%02X"])) % path[at]
                path = path[:at] + escape + path[at + 1 :]
            case "parameter":
                at = draw(st.sampled_from([*slashes[1:], len(path)]))
                path = path[:at] + b";a=b" + path[at:]
            case _:
                path += b"/"
    return plain, path


@given(respelled())
def test_a_respelled_path_is_still_the_path(paths):
    plain, path = paths

    assert read_target(path).segments == read_target(plain).segments
    assert read_target(path).path == plain


SIMPLE = {
    "slash": lambda path, at: path[:at] + b"/" + path[at:],
    "dot": lambda path, at: path[:at] + b"/." + path[at:],
    "up": lambda path, at: path[:at] + b"/x/.." + path[at:],
    "parameter": lambda path, at: path[:at] + b";a=b" + path[at:],
}


@pytest.mark.parametrize("kind", SIMPLE)
@pytest.mark.parametrize("path", [b"/rest/api/2/user/password", b"/jira/rest/auth/1/session", b"/api/2/user/password"])
def test_one_respelling_is_not_ambiguous(path, kind):
    for found in re.finditer(rb"(?<=.)/", path):
        respelling = SIMPLE[kind](path, found.start())
        assert read_target(respelling) == read_target(path), respelling


LONG = 200_000


@pytest.mark.parametrize(
    "unit",
    [*PIECES, b"/A", b"/rest/a/1/bb", b"/..;", b"//../", b"25", b"%%32%35", b"/rest/..;//%2f%5c\\%00%20 %3f%252f%ff%"],
)
@pytest.mark.parametrize(("before", "after"), [(b"", b""), (b"/rest/%", b"%")])
def test_a_long_target_is_read_in_linear_time(before, unit, after):
    target = before + unit * (LONG // len(unit)) + after

    start = time.process_time()
    read_target(target)

    assert time.process_time() - start < 60  # what is quadratic takes hours
