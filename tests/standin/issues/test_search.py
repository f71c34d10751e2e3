import pytest


@pytest.mark.parametrize(
    ("asked", "first", "size", "total"),
    [
        ({}, "DEMO-1", 50, 120),
        ({"jql": "project = DEMO", "startAt": 95}, "DEMO-96", 5, 100),
        ({"jql": "project = DEMO", "startAt": 50, "maxResults": 7}, "DEMO-51", 7, 100),
        ({"maxResults": 5000}, "DEMO-1", 120, 120),
        ({"maxResults": -1}, "DEMO-1", 120, 120),
        ({"maxResults": 0}, None, 0, 120),
        ({"startAt": 120}, None, 0, 120),
    ],
)
def test_get_and_post_give_the_same_page(server, asked, first, size, total):
    query = "&".join(f"{name}={value}".replace(" ", "%20") for name, value in asked.items())
    got, posted = server("GET", f"/rest/api/2/search?{query}").json, server("POST", "/rest/api/2/search", asked).json

    assert got == posted
    assert [issue["key"] for issue in got["issues"]][:1] == ([first] if first else [])
    assert (len(got["issues"]), got["total"], got["startAt"]) == (size, total, asked.get("startAt", 0))


def test_pages_hold_every_issue_once(server):
    seen: list[str] = []
    while len(seen) < 120:
        page = server("GET", f"/rest/api/2/search?startAt={len(seen)}&maxResults=33").json
        seen += [issue["key"] for issue in page["issues"]]

    assert len(set(seen)) == 120


@pytest.mark.parametrize("asked", [{"jql": "colour = red"}, {"startAt": "x"}, {"jql": ["a"]}])
def test_a_search_that_is_not_understood_is_400(server, asked):
    reply = server("POST", "/rest/api/2/search", asked)

    assert reply.status == 400
    assert reply.json.keys() == {"errorMessages", "errors"}


PARAMETERS = {"jql": "key = DEMO-1", "fields": "summary,status", "expand": "names,schema,changelog"}


def test_the_answer_has_the_old_shape_and_describes_its_fields(server):
    got = server(
        "GET", "/rest/api/2/search?jql=key%3DDEMO-1&fields=summary&fields=status&expand=names,schema,changelog"
    )
    posted = server("POST", "/rest/api/2/search", PARAMETERS | {"expand": ["names", "schema", "changelog"]}).json

    assert got.json == posted == server("POST", "/rest/api/2/search", PARAMETERS).json
    assert posted.keys() == {"expand", "startAt", "maxResults", "total", "issues", "names", "schema"}
    assert posted["names"] == {"summary": "Summary", "status": "Status"}
    assert posted["schema"]["summary"] == {"type": "string", "system": "summary"}
    assert posted["issues"][0]["changelog"]["histories"] == []


@pytest.mark.parametrize(
    ("fields", "there", "missing"),
    [
        (None, {"summary", "description"}, {"attachment"}),
        (["*navigable"], {"summary", "description"}, {"attachment"}),
        (["-description"], {"summary"}, {"attachment", "description"}),
        (["*all", "-description"], {"summary", "attachment"}, {"description"}),
        ("summary, status", {"summary", "status"}, {"description"}),
        (["key"], set(), {"summary"}),
    ],
)
def test_fields_are_navigable_unless_others_are_wanted(server, fields, there, missing):
    [issue] = server("POST", "/rest/api/2/search", {"jql": "key = DEMO-1", "fields": fields}).json["issues"]

    assert there <= issue["fields"].keys()
    assert not missing & issue["fields"].keys()


@pytest.mark.parametrize("jql", ["project = NONE", "colour = red"])
@pytest.mark.parametrize(
    ("validation", "status", "warned"),
    [
        (None, 400, False),
        ("true", 400, False),
        (True, 400, False),
        (False, 200, True),
        ("warn", 200, True),
        ("none", 200, False),
    ],
)
def test_what_is_unknown_is_refused_or_matches_nothing(server, jql, validation, status, warned):
    reply = server("POST", "/rest/api/2/search", {"jql": jql, "validateQuery": validation})

    assert reply.status == status
    assert ("warningMessages" in reply.json) is warned
    assert reply.json.get("total", 0) == 0


def test_properties_are_given_when_wanted(server):
    server.state.issues["DEMO-1"].properties["colour"] = {"is": "red"}
    asked = {"jql": "key = DEMO-1", "fields": ["key"], "properties": ["colour", "size"]}

    assert server("POST", "/rest/api/2/search", asked).json["issues"][0]["properties"] == {"colour": {"is": "red"}}
