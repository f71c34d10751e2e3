from jira_compat.audit.files.problems import Problem, Skipped


def lines(skipped):
    return [str(problem) for problem in skipped.problems()]


def test_nothing_skipped_is_no_line():
    assert Skipped("a.log", ":").problems() == []


def test_the_first_few_are_told_with_their_place_and_the_rest_as_a_number():
    skipped = Skipped("a.log", ":")
    for number in range(1, 1236):
        skipped.skip(number, "this is odd")

    assert lines(skipped) == [
        "a.log:1: this is odd",
        "a.log:2: this is odd",
        "a.log:3: this is odd",
        "a.log: 1,232 more like these were skipped",
    ]
    assert all(problem.unread for problem in skipped.problems())


def test_a_remark_is_about_what_was_read():
    skipped = Skipped("a.har", "#")
    for number in range(5):
        skipped.remark(number, "this is odd")

    assert lines(skipped) == ["a.har#0: this is odd", "a.har#1: this is odd", "a.har#2: this is odd"]
    assert not any(problem.unread for problem in skipped.problems())


def test_parts_of_a_file_are_put_together_with_their_lines():
    first, second = Skipped("a.log", ":"), Skipped("a.log", ":")
    for number in (7, 8):
        first.skip(number, "a")
        second.skip(number, "b")
    second.remark(9, "c")
    first.merge(second, 100)

    assert lines(first) == [
        "a.log:7: a",
        "a.log:8: a",
        "a.log:107: b",
        "a.log: 1 more like these were skipped",
        "a.log:109: c",
    ]


def test_a_problem_is_one_line():
    assert str(Problem("a.har", "it is damaged; export it again")) == "a.har: it is damaged; export it again"
