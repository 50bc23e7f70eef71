"""Files found, extended, merged and overridden; what is said when that fails."""

from datetime import date
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.scenario import (
    Scenario,
    list_policies,
    list_scenarios,
    load_scenario,
)

BASE = """\
title = "Base"
start = 2010-01-01
end = 2014-12-31
platforms = ["taobao", "jd"]
observer.rule = "published"

[[villages]]
name = "Reed"
province = "P"
prefecture = "Q"
county = "C"
town = "T"
people = 1200
households = 400
broadband_year = 2006
farmers = { households = 100, crop = "bayberry", orchard_mu_mean = 5 }

[[policies]]
kind = "service_platform"
name = "hub"
start = 2012-01-01
storage = { intensity = 0.5 }
"""

VILLAGE = """
[[villages]]
name = "%s"
province = "P"
prefecture = "Q"
county = "C"
town = "%s"
people = 90
households = 30
broadband_year = 2006
"""

GREENHOUSE = """\
title = "Covers"

[[policies]]
kind = "greenhouse"
name = "covers"
start = 2013-01-01
orchard_share = 0.1
days_earlier = 10
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with scenarios of its own."""
    (tmp_path / "scenarios" / "policies").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "base", BASE)
    write(tmp_path, "policies/covers", GREENHOUSE)
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / "scenarios" / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def error_of(*args: object, **kwargs: object) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(*args, **kwargs)  # type: ignore[arg-type]
    return str(caught.value)


def names(scenario: Scenario) -> list[str]:
    return [policy.name for policy in scenario.policies]


class TestFinding:
    def test_a_bare_name_is_looked_up_in_the_working_directory_first(self, folder: Path) -> None:
        write(folder, "cangtian", BASE)

        assert load_scenario("cangtian").title == "Base"

    def test_a_bare_name_is_looked_up_among_the_shipped_scenarios(self, folder: Path) -> None:
        assert load_scenario("cangtian").villages[0].name == "Cangtian"

    def test_a_path_may_be_text_or_path(self, folder: Path) -> None:
        assert load_scenario("scenarios/base.toml") == load_scenario(Path("scenarios/base.toml"))

    def test_the_name_is_that_of_the_file(self, folder: Path) -> None:
        assert load_scenario("base").name == "base"

    def test_the_list_has_names_and_titles(self, folder: Path) -> None:
        assert ("base", "Base") in list_scenarios()
        assert ("covers", "Covers") in list_policies()

    def test_the_list_shows_what_is_wrong_with_a_damaged_file(self, folder: Path) -> None:
        write(folder, "broken", "title = ")

        assert dict(list_scenarios())["broken"].startswith("not valid: scenarios/broken.toml")

    def test_an_unknown_name_gets_the_nearest_one(self, folder: Path) -> None:
        assert "did you mean 'base'?" in error_of("bass")

    def test_no_name_at_all_is_refused(self, folder: Path) -> None:
        assert "the name of a scenario" in error_of("")

    def test_a_missing_file_is_named(self, folder: Path) -> None:
        message = error_of("scenarios/bsae.toml")

        assert message.startswith("scenarios/bsae.toml: no such file; allowed: an existing")
        assert "did you mean 'base.toml'?" in message

    def test_a_folder_is_no_file(self, folder: Path) -> None:
        assert "this is a folder" in error_of(folder / "scenarios")

    @pytest.mark.parametrize("text", ["", "# only a comment\n"])
    def test_an_empty_file_is_refused(self, folder: Path, text: str) -> None:
        write(folder, "empty", text)

        assert "the file is empty" in error_of("empty")

    def test_a_file_that_is_no_text_is_refused(self, folder: Path) -> None:
        (folder / "scenarios" / "photo.toml").write_bytes(b"\xff\xd8\xff\xe0")

        assert "UTF-8" in error_of("photo")

    def test_a_byte_order_mark_does_no_harm(self, folder: Path) -> None:
        (folder / "scenarios" / "marked.toml").write_bytes(b"\xef\xbb\xbf" + BASE.encode())

        assert load_scenario("marked").title == "Base"

    def test_a_policy_file_is_no_scenario(self, folder: Path) -> None:
        assert "only policies" in error_of("scenarios/policies/covers.toml")


class TestExtending:
    def test_tables_are_merged_and_lists_replaced(self, folder: Path) -> None:
        text = 'extends = "base"\nplatforms = ["jd"]\nobserver.stores_threshold = 50\n'
        write(folder, "variant", text)

        variant = load_scenario("variant")

        assert variant.platforms == ("jd",)
        assert (variant.observer.rule, variant.observer.stores_threshold) == ("published", 50)

    def test_villages_are_merged_by_name(self, folder: Path) -> None:
        write(
            folder,
            "variant",
            'extends = "base"\n[[villages]]\nname = "Reed"\nfarmers.orchard_mu_mean = 7\n'
            + VILLAGE % ("Willow", "T"),
        )

        reed, willow = load_scenario("variant").villages

        assert (reed.farmers.orchard_mu_mean, reed.farmers.households) == (7, 100)  # type: ignore[union-attr]
        assert willow.name == "Willow"

    def test_a_village_of_another_town_is_another_village(self, folder: Path) -> None:
        write(folder, "variant", 'extends = "base"\n' + VILLAGE % ("Reed", "U"))

        assert [v.path for v in load_scenario("variant").villages] == [
            "P/Q/C/T/Reed",
            "P/Q/C/U/Reed",
        ]

    def test_a_name_that_two_villages_have_needs_the_town(self, folder: Path) -> None:
        write(folder, "two", BASE + VILLAGE % ("Reed", "U"))

        assert "the town or county as well" in error_of("two", ["villages.Reed.people=100"])
        two = load_scenario("two", ["villages.U/Reed.people=100"])
        assert [village.people for village in two.villages] == [1200, 100]

    def test_policies_are_merged_by_name(self, folder: Path) -> None:
        write(folder, "v", 'extends = "base"\n[[policies]]\nname = "hub"\nstorage.intensity = 1\n')

        (hub,) = load_scenario("v").policies

        assert hub.measures()[1].levers == {"storage": 1.0}

    def test_a_policy_of_another_kind_takes_the_place_of_its_namesake(self, folder: Path) -> None:
        write(
            folder,
            "variant",
            'extends = "base"\n' + GREENHOUSE.partition("\n")[2].replace("covers", "hub"),
        )

        assert [p.kind for p in load_scenario("variant").policies] == ["greenhouse"]

    def test_policies_are_removed_by_name(self, folder: Path) -> None:
        write(folder, "without", 'extends = "base"\nremove_policies = ["hub"]\n')

        assert load_scenario("without").policies == ()

    def test_a_policy_to_remove_must_be_there(self, folder: Path) -> None:
        write(folder, "without", 'extends = "base"\nremove_policies = ["hob"]\n')

        message = error_of("without")

        assert message.startswith("scenarios/without.toml: remove_policies = 'hob'")
        assert message.endswith("scenario: hub; did you mean 'hub'?")

    def test_several_files_can_be_extended_the_last_one_the_strongest(self, folder: Path) -> None:
        write(folder, "later", 'extends = "base"\nend = 2016-12-31\n')
        write(folder, "both", 'extends = ["base", "later", "covers"]\nseed = 3\n')

        both = load_scenario("both")

        assert (both.end, both.seed, names(both)) == (date(2016, 12, 31), 3, ["hub", "covers"])

    def test_the_title_of_a_policy_file_is_its_own(self, folder: Path) -> None:
        assert load_scenario("base", policies=["covers"]).title == "Base"

    def test_relative_paths_start_from_the_extending_file(self, folder: Path) -> None:
        (folder / "elsewhere").mkdir()
        path = folder / "elsewhere" / "variant.toml"
        path.write_text('extends = "../scenarios/base.toml"\n', encoding="utf-8")

        assert load_scenario(path).title == "Base"

    def test_circles_are_found(self, folder: Path) -> None:
        write(folder, "a", 'extends = "b"\n')
        write(folder, "b", 'extends = "a"\n')

        message = error_of("a")

        assert message.startswith("scenarios/b.toml: extends = 'a'")
        assert "a.toml -> scenarios/b.toml -> scenarios/a.toml" in message

    def test_an_error_names_the_file_in_which_the_value_stands(self, folder: Path) -> None:
        write(folder, "bad", BASE.replace("people = 1200", 'people = "x"'))
        write(folder, "variant", 'extends = "bad"\nseed = 3\n')

        assert error_of("variant").startswith("scenarios/bad.toml: villages.Reed.people = 'x'")

    def test_what_is_missing_is_missing_in_the_file_that_was_asked_for(self, folder: Path) -> None:
        write(folder, "short", "seed = 3\n")

        assert error_of("short", ["seed=4"]).startswith("scenarios/short.toml: start; allowed")


class TestPolicyFiles:
    def test_they_are_added_by_name_or_path(self, folder: Path) -> None:
        by_name = load_scenario("base", policies=["covers"])
        by_path = load_scenario("base", policies=[folder / "scenarios/policies/covers.toml"])

        assert names(by_name) == names(by_path) == ["hub", "covers"]

    def test_an_unknown_one_gets_the_nearest_name(self, folder: Path) -> None:
        assert "did you mean 'covers'?" in error_of("base", policies=["cover"])

    def test_they_have_nothing_but_policies(self, folder: Path) -> None:
        write(folder, "policies/odd", GREENHOUSE.replace("title", "seed = 3\ntitle"))

        message = error_of("base", policies=["odd"])

        assert message.startswith("scenarios/policies/odd.toml: seed")
        assert "only title and [[policies]]" in message

    def test_they_have_at_least_one_policy(self, folder: Path) -> None:
        write(folder, "policies/none", 'title = "None"\n')

        assert "at least one [[policies]]" in error_of("base", policies=["none"])

    def test_a_target_in_another_place_becomes_everyone(self, folder: Path) -> None:
        target = 'target = { villages = ["Far"], share = 0.5 }\n'
        write(folder, "policies/far", GREENHOUSE + target)

        policy = load_scenario("base", policies=["far"]).policies[1]

        assert (policy.target.villages, policy.target.share) == ((), 0.5)

    def test_a_target_in_this_place_stays(self, folder: Path) -> None:
        write(folder, "policies/near", GREENHOUSE + 'target.villages = ["T/Reed"]\n')

        policy = load_scenario("base", policies=["near"]).policies[1]

        assert policy.target.villages == ("T/Reed",)

    def test_their_errors_name_their_file(self, folder: Path) -> None:
        write(folder, "policies/bad", GREENHOUSE.replace("0.1", "1.1"))

        message = error_of("base", policies=["bad"])

        assert message.startswith(
            "scenarios/policies/bad.toml: policies.covers.orchard_share = 1.1"
        )


class TestOverrides:
    def test_values_of_all_kinds(self, folder: Path) -> None:
        changed = load_scenario(
            "base",
            [
                "villages.Reed.broadband_year=2010",
                'policies."hub".storage.intensity=0.25',
                "behaviour.open_gain=1",
                "goods.bayberry.shelf_life_days = 2",
                "platform_terms.taobao.commission_share=.05",
                "end=2016-12-31",
                'observer.listing_date="12-31"',
                "villages.Reed.within_reach=['shoes']",
            ],
        )

        assert changed.villages[0].broadband_year == 2010
        assert changed.policies[0].measures()[1].levers == {"storage": 0.25}
        assert changed.behaviour == {"open_gain": 1.0}
        assert changed.goods == {"bayberry": {"shelf_life_days": 2.0}}
        assert changed.platform_terms == {"taobao": {"commission_share": 0.05}}
        assert changed.end == date(2016, 12, 31)
        assert changed.observer.listing_date == "12-31"
        assert changed.villages[0].within_reach == ("shoes",)

    def test_words_need_no_quotes(self, folder: Path) -> None:
        changed = load_scenario("base", ["observer.rule=strict", "title=A new title"])

        assert (changed.observer.rule, changed.title) == ("strict", "A new title")

    def test_names_with_spaces_or_other_letters_need_no_quotes(self, folder: Path) -> None:
        write(folder, "other", BASE.replace('"hub"', '"big hub"').replace('"Reed"', '"沧田村"'))

        changed = load_scenario(
            "other", ["policies.big hub.storage.intensity=1", "villages.沧田村.people=1300"]
        )

        assert changed.policies[0].measures()[1].levers == {"storage": 1.0}
        assert changed.villages[0].people == 1300

    def test_the_last_one_is_the_strongest(self, folder: Path) -> None:
        assert load_scenario("base", ["seed=1", "seed=2"]).seed == 2

    def test_they_are_stronger_than_policy_files(self, folder: Path) -> None:
        changed = load_scenario("base", ["policies.covers.orchard_share=0.3"], ["covers"])

        assert changed.policies[1].measures()[0].levers["greenhouse_share"] == 0.3

    def test_a_whole_table_is_merged(self, folder: Path) -> None:
        changed = load_scenario("base", ["villages.Reed={people = 1300}"])

        assert (changed.villages[0].people, changed.villages[0].households) == (1300, 400)

    def test_policies_can_be_removed(self, folder: Path) -> None:
        assert load_scenario("base", ['remove_policies=["hub"]']).policies == ()

    @pytest.mark.parametrize(
        ("override", "key", "said"),
        [
            ("seed", "", "key.path=value"),
            ("=3", "", "key.path=value"),
            ("villages..people=3", "", "key.path=value"),
            ("seed=", "seed = ''", "a value written as in TOML"),
            ("seed=[1", "seed = '[1'", "a value written as in TOML"),
            ("seed=1\nend=2", "seed = ", "a value written as in TOML"),
            ("seed=abc", "seed = 'abc'", "a whole number"),
            ("sede=3", "sede", "did you mean 'seed'?"),
            ("villages.Red.people=3", "villages.Red", "did you mean 'Reed'?"),
            ("villages.Reed.peeple=3", "villages.Reed.peeple", "did you mean 'people'?"),
            ("villages.Reed=3", "villages.Reed", "villages.NAME.KEY=value"),
            ("villages.Reed.name=Rush", "villages.Reed.name", "any key but name"),
            ("villages=3", "villages = 3", "a list"),
            ("policies.hubb.start=2012-01-01", "policies.hubb", "did you mean 'hub'?"),
            (
                "policies.hub.storage.intensity=2",
                "policies.hub.storage.intensity = 2",
                "equal to 1",
            ),
            ("policies.hub.start=2015-01-01", "policies.hub.start", "up to the end"),
            ("start=2015-01-01", "end", "from the start on, 2015-01-01"),
            ("end=2016-13-01", "end = '2016-13-01'", "a date such as"),
            ("goods.bayberry.box_kg=-1", "goods.bayberry.box_kg = -1", "above 0"),
        ],
    )
    def test_wrong_ones_are_refused(self, folder: Path, override: str, key: str, said: str) -> None:
        message = error_of("base", [override])

        assert key in message
        assert said in message
        assert message.startswith("override " + " ".join(override.split())) or key == "end"
