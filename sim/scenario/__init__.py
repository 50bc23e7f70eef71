"""What a study says: scenario files and policies, read, merged and checked."""

from sim.scenario.changes import Key, find_key, with_changes
from sim.scenario.files import scenario_folders
from sim.scenario.loading import (
    is_policy_file,
    list_policies,
    list_scenarios,
    load_scenario,
    with_policies,
)
from sim.scenario.policy import Measure, Policy, Target
from sim.scenario.registering import register_of, registered
from sim.scenario.schema import ObserverRule, Scenario, VillageSpec
from sim.scenario.village_file import write_villages
from sim.scenario.writing import resolved_json, resolved_toml, scenario_hash, scenario_schema

__all__ = [
    "Key",
    "Measure",
    "ObserverRule",
    "Policy",
    "Scenario",
    "Target",
    "VillageSpec",
    "find_key",
    "is_policy_file",
    "list_policies",
    "list_scenarios",
    "load_scenario",
    "register_of",
    "registered",
    "resolved_json",
    "resolved_toml",
    "scenario_folders",
    "scenario_hash",
    "scenario_schema",
    "with_changes",
    "with_policies",
    "write_villages",
]
