"""An answer that was asked for and not given is not answered, whatever the reason."""

from api.demonstration.counting import answers_given


def test_blank_and_unknown_are_not_answers() -> None:
    document = {"facts": {"a": True, "b": False, "c": None, "d": {"unknown": "x"}}}

    assert sorted(answers_given(document)) == [False, False, True, True]


def test_every_fact_of_every_member_counts_but_the_key_does_not() -> None:
    document = {
        "facts": {},
        "children": [{"key": "1", "age": 13}, {"key": "2", "age": None}],
        "workers": [],
    }

    assert answers_given(document) == [True, False]


def test_a_roster_that_nobody_answered_is_one_blank() -> None:
    assert answers_given({"facts": {}, "workers": None}) == [False]


def test_an_empty_list_of_choices_is_an_answer() -> None:
    assert answers_given({"facts": {"a": [], "b": 0}}) == [True, True]
