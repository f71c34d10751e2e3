import click
import pytest
from click.testing import CliRunner

from jira_compat.cli.flags import addon_flags, address, fields, settings, with_flags
from jira_compat.proxy.settings.options import OPTIONS, read_options


def flags_of(*names):
    @click.command()
    @addon_flags(*names)
    def command(**_):
        pass

    return {flag.name: flag for flag in command.params}


def test_every_option_of_the_addon_is_a_flag_with_the_same_default():
    flags = flags_of()

    assert [f"jira_{name}" for name in flags] == [option for option, *_ in OPTIONS]
    assert [flag.default for flag in flags.values()] == [default for _, _, default, *_ in OPTIONS]
    assert all(flag.help for flag in flags.values())


def test_some_of_them_can_be_had():
    assert list(flags_of("profile", "mode")) == ["mode", "profile"]


def test_what_has_choices_takes_no_other():
    @click.command()
    @addon_flags()
    def command(**_):
        pass

    for option, _, _, _, choices in OPTIONS:
        if choices:
            flag = f"--{option.removeprefix('jira_').replace('_', '-')}"
            assert CliRunner().invoke(command, [flag, choices[-1]]).exit_code == 0
            assert CliRunner().invoke(command, [flag, "nonsense"]).exit_code == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("policies/a.yaml:1:1: jira_mode: what", "policies/a.yaml:1:1: jira_mode: what"),
        ("jira_max_body: 'x' is not a size", "--max-body: 'x' is not a size"),
        ("jira_elsewhere: what", "jira_elsewhere: what"),
        ("nothing at all", "nothing at all"),
    ],
)
def test_a_line_about_an_option_becomes_one_about_its_flag(line, told):
    assert with_flags(line) == told


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_addresses_are_read(text, read):
    assert address(None, None, text) == read  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "8080", ":8080", "::1:8080", "a:65536", "a:-1", "a:b", "a b:1", "http://a:1", "[a]:1"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(click.BadParameter):
        address(None, None, text)  # type: ignore[arg-type]


def test_header_fields_are_read():
    lines = ["A: b: c", "D:", " e :  f ", "g: \udcff"]

    assert fields(None, None, lines) == ((b"A", b"b: c"), (b"D", b""), (b"e", b"f"), (b"g", b"\xff"))  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["tulip7", ": tulip7", ""])
def test_what_is_no_header_field_is_refused_and_not_repeated(line):
    with pytest.raises(click.BadParameter) as raised:
        fields(None, None, [line])  # type: ignore[arg-type]

    assert "tulip7" not in raised.value.message


def test_flags_that_are_not_there_have_the_addons_defaults():
    defaults = {option: default for option, _, default, _, _ in OPTIONS}

    assert settings({}) == read_options(defaults.__getitem__)
    assert settings({"profile": "staging"}).run.profile == "staging"
