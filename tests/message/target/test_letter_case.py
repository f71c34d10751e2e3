import pytest

from jira_compat.message.target.letter_case import miscased, spellings


@pytest.mark.parametrize(
    "path",
    [
        "",
        "browse/ABC-1",
        "rest/api/2/user",
        "rest/api/2/issue/ABC-123",
        "rest/api/2/project/PASSWORD",
        "rest/api/2/serverInfo",
        "rest/api/2/issueLinkType",
        "rest/api/2/universal_avatar/type",
        "rest/api/2.0.alpha1/user",
        "Jira/rest/api/2/user",
        "api/2/issue/ABC-123",
        "api/auth/1/session/ABC",
    ],
)
def test_what_jira_itself_writes_is_one_spelling(path):
    words = path.split("/")

    assert not miscased(words)
    assert spellings(words) == [words]


@pytest.mark.parametrize(
    "path",
    [
        "REST/api/2/user",
        "jira/Rest/api/2/user",
        "rest/API/2/user",
        "rest/aPi/2/user",
        "rest/auTh/1/session",
        "rest/api/LATEST/user",
        "rest/api/laTest/user",
        "rest/api/2.0.Alpha1/user",
        "rest/api/2/User",
        "rest/api/2/USER",
        "rest/api/2/uSER",
        "rest/api/2/useR",
        "rest/api/2/u\N{LATIN SMALL LETTER LONG S}er",
        "API/2/user",
        "api/2/User",
        "api/auth/1/Session",
    ],
)
def test_a_miscased_word_may_be_folded(path):
    words = path.split("/")

    assert miscased(words)
    assert words in spellings(words)
    assert path.casefold().split("/") in spellings(words)


def test_the_words_behind_may_be_in_camel_case():
    words = ["REST", "API", "2", "password", "policy", "createUser"]

    assert ["rest", "api", "2", "password", "policy", "createUser"] in spellings(words)
