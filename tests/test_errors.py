import pickle

import pytest

from sim.errors import DataError, ExtensionError, RunError, ScenarioError, SimError


@pytest.mark.parametrize("error", [ScenarioError, DataError, RunError, ExtensionError])
def test_every_error_is_caught_as_a_sim_error(error):
    assert issubclass(error, SimError)


def test_sim_error_is_an_ordinary_exception():
    assert SimError.__mro__[1] is Exception


def test_message_for_a_wrong_value_says_where_what_was_given_and_what_is_allowed():
    error = ScenarioError("cixi.toml", "village.households", given=-3, allowed="a number above 0")

    assert str(error) == "cixi.toml: village.households = -3; allowed: a number above 0"


def test_message_for_an_unknown_key_offers_the_nearest_name():
    error = ScenarioError("cixi.toml", "village.housholds", nearest="households")

    assert str(error) == "cixi.toml: village.housholds; did you mean 'households'?"


def test_message_for_a_whole_file_needs_no_key():
    error = ScenarioError("cixi.tml", allowed="a file or the name of a scenario", nearest="cixi")

    assert str(error) == (
        "cixi.tml; allowed: a file or the name of a scenario; did you mean 'cixi'?"
    )


def test_message_for_a_value_without_a_key_shows_the_value():
    assert str(ScenarioError("--set", given="seed")) == "--set: 'seed'"


def test_message_shows_a_value_that_counts_as_false():
    assert str(ScenarioError("cixi.toml", "seed", given=0)) == "cixi.toml: seed = 0"


def test_message_is_one_line_whatever_was_given():
    error = ScenarioError("a\nb.toml", "key", given="one\ntwo", allowed="three\nfour")

    assert "\n" not in str(error)


def test_message_cuts_a_long_value_short():
    assert len(str(ScenarioError("cixi.toml", "names", given="x" * 10_000))) < 120


def test_attributes_survive_the_way_back_from_a_worker_process():
    error = ScenarioError("cixi.toml", "seed", "many", "a whole number", "seed")

    copy = pickle.loads(pickle.dumps(error))

    assert vars(copy) == vars(error)


def test_message_survives_the_way_back_from_a_worker_process():
    error = ScenarioError("cixi.toml", "seed", "many", "a whole number", "seed")

    assert str(pickle.loads(pickle.dumps(error))) == str(error)
