import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest

import sim
from sim import compiled
from sim.rules.chance import logistic
from sim.world.draws import Purpose, four_uniforms

PACKAGE = Path(sim.__file__).parent
BEHAVIOUR = "data/behaviour.toml"
DECORATORS = [compiled.rule, compiled.kernel, compiled.entry_kernel]
needs_compiler = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")


@pytest.fixture
def package_copy(tmp_path):
    copy = tmp_path / "sim"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_unchanged_sources_share_a_cache_folder(package_copy):
    assert compiled.cache_folder_name(package_copy) == compiled.cache_folder_name(PACKAGE)


@pytest.mark.parametrize("source", ["compiled.py", "rules/chance.py", "world/draws.py"])
def test_an_edited_source_starts_a_new_cache_folder(package_copy, source):
    before = compiled.cache_folder_name(package_copy)
    edited = package_copy / source
    edited.write_text(edited.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    assert compiled.cache_folder_name(package_copy) != before


def test_an_added_source_starts_a_new_cache_folder(package_copy):
    before = compiled.cache_folder_name(package_copy)
    (package_copy / "rules" / "added.py").touch()

    assert compiled.cache_folder_name(package_copy) != before


def test_a_source_that_is_never_compiled_does_not_matter(package_copy):
    before = compiled.cache_folder_name(package_copy)
    (package_copy / "errors.py").write_text("", encoding="utf-8")

    assert compiled.cache_folder_name(package_copy) == before


def test_an_added_parameter_starts_a_new_cache_folder(package_copy):
    before = compiled.cache_folder_name(package_copy)
    with (package_copy / BEHAVIOUR).open("a", encoding="utf-8") as parameters:
        parameters.write("\n[added]\nvalue = 1.0\n")

    assert compiled.cache_folder_name(package_copy) != before


def test_parameters_in_another_order_start_a_new_cache_folder(package_copy):
    parameters = package_copy / BEHAVIOUR
    parameters.write_text("[a]\nvalue = 1.0\n[b]\nvalue = 2.0\n", encoding="utf-8")
    before = compiled.cache_folder_name(package_copy)
    parameters.write_text("[b]\nvalue = 2.0\n[a]\nvalue = 1.0\n", encoding="utf-8")

    assert compiled.cache_folder_name(package_copy) != before


def test_the_value_of_a_parameter_does_not_matter(package_copy):
    parameters = package_copy / BEHAVIOUR
    parameters.write_text("[a]\nvalue = 1.0\n", encoding="utf-8")
    before = compiled.cache_folder_name(package_copy)
    parameters.write_text("[a]\nvalue = 2.0\n", encoding="utf-8")

    assert compiled.cache_folder_name(package_copy) == before


def test_another_numba_version_starts_a_new_cache_folder(monkeypatch):
    before = compiled.cache_folder_name(PACKAGE)
    monkeypatch.setattr(numba, "__version__", "0.0")

    assert compiled.cache_folder_name(PACKAGE) != before


def test_checking_array_bounds_starts_a_new_cache_folder(monkeypatch):
    before = compiled.cache_folder_name(PACKAGE)
    monkeypatch.setattr(numba.config, "BOUNDSCHECK", 1)

    assert compiled.cache_folder_name(PACKAGE) != before


def run_python(code, folder, **environment):
    inherited = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env=inherited | {"XDG_CACHE_HOME": str(folder / "cache"), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


@needs_compiler
def test_a_kernel_follows_an_edit_in_a_rule_of_another_file(tmp_path):
    package = tmp_path / "sim"
    for folder in (package, package / "rules", package / "engine", package / "data"):
        folder.mkdir()
        (folder / "__init__.py").touch()
    shutil.copy(PACKAGE / "compiled.py", package)
    (package / BEHAVIOUR).touch()
    rule = package / "rules" / "price.py"
    rule.write_text("from sim.compiled import rule\n@rule\ndef price():\n    return 1.0\n")
    (package / "engine" / "total.py").write_text(
        "from sim.compiled import entry_kernel\n"
        "from sim.rules.price import price\n"
        "@entry_kernel\ndef total(pieces):\n    return pieces * price()\n"
    )
    code = "from sim.engine.total import total; print(total(3))"
    before = run_python(code, tmp_path)
    rule.write_text(rule.read_text().replace("1.0", "100.0"))

    assert (before, run_python(code, tmp_path)) == ("3.0", "300.0")


def test_the_user_cache_folder_follows_the_environment(tmp_path):
    folder = run_python("from sim.compiled import CACHE_FOLDER; print(CACHE_FOLDER)", tmp_path)

    assert Path(folder).parent == tmp_path / "cache" / "villagesim"


def test_numba_cache_dir_goes_before_the_user_cache_folder(tmp_path):
    code = "from sim.compiled import CACHE_FOLDER; print(CACHE_FOLDER)"
    folder = run_python(code, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "numba"))

    assert Path(folder).parent == tmp_path / "numba" / "villagesim"


def test_nothing_is_kept_where_nothing_can_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    code = (
        "from sim.compiled import CACHE_FOLDER; from sim.rules.chance import logistic;"
        "print(CACHE_FOLDER, logistic(0.0))"
    )

    assert run_python(code, tmp_path, NUMBA_CACHE_DIR=str(blocked)) == "None 0.5"


def test_rules_give_the_same_numbers_without_a_compiler(tmp_path):
    code = (
        "from sim.world.draws import four_uniforms; print(four_uniforms(-5, 2**32 - 1, 7, -1, 3))"
    )

    plain = run_python(code, tmp_path, NUMBA_DISABLE_JIT="1")

    assert plain == str(four_uniforms(-5, 2**32 - 1, 7, -1, 3))


def test_the_folders_used_longest_ago_are_removed(tmp_path):
    folders = [tmp_path / f"kernels-{number:016x}" for number in range(4)]
    for age, folder in enumerate(folders):
        folder.mkdir()
        os.utime(folder, (1000 - age, 1000 - age))

    compiled.remove_old_folders(tmp_path, keep=2)

    assert sorted(tmp_path.iterdir()) == folders[:2]


def test_only_cache_folders_are_removed(tmp_path):
    others = [tmp_path / "kernels-of-mine", tmp_path / "notes"]
    for folder in others:
        folder.mkdir()

    compiled.remove_old_folders(tmp_path, keep=0)

    assert sorted(tmp_path.iterdir()) == others


def test_a_missing_parent_is_not_an_error(tmp_path):
    compiled.remove_old_folders(tmp_path / "missing", keep=0)

    assert not (tmp_path / "missing").exists()


@needs_compiler
@pytest.mark.parametrize("decorator", DECORATORS)
def test_fast_but_inexact_arithmetic_is_off(decorator):
    assert not decorator(logistic.py_func).targetoptions.get("fastmath", False)


@needs_compiler
@pytest.mark.parametrize("decorator", DECORATORS)
def test_numba_does_not_share_out_loops_by_itself(decorator):
    assert not decorator(logistic.py_func).targetoptions.get("parallel", False)


@needs_compiler
@pytest.mark.parametrize("decorator", DECORATORS)
def test_only_an_entry_kernel_lets_other_threads_run(decorator):
    releases_lock = decorator(logistic.py_func).targetoptions.get("nogil", False)

    assert releases_lock == (decorator is compiled.entry_kernel)


@needs_compiler
@pytest.mark.parametrize("decorator", DECORATORS)
def test_only_a_kernel_goes_without_a_way_in_from_python(decorator):
    has_no_way_in = decorator(logistic.py_func).targetoptions.get("no_cpython_wrapper", False)

    assert has_no_way_in == (decorator is compiled.kernel)


@compiled.kernel
def fill_village(values, v):
    values[v] = v


@compiled.entry_kernel
def fill_villages(first, last, values):
    for v in range(first, last):
        fill_village(values, v)


def test_an_entry_kernel_in_threads_reaches_every_village():
    values = np.full(1000, -1.0)

    with ThreadPoolExecutor(4) as pool:
        calls = [
            pool.submit(fill_villages, first, first + 10, values) for first in range(0, 1000, 10)
        ]
    for call in calls:
        call.result()

    assert values.tolist() == list(range(1000))


_OPEN = compiled.as_int64(Purpose.OPEN)


@compiled.entry_kernel
def next_to_open():
    return _OPEN + 1


def test_a_member_of_an_enumeration_counts_as_a_number_in_compiled_code():
    assert next_to_open() == Purpose.OPEN.value + 1


@compiled.rule
def quotient(dividend, divisor):
    return dividend / divisor


@needs_compiler
def test_division_by_zero_follows_the_numpy_model():
    assert quotient(1.0, 0.0) == float("inf")


@needs_compiler
def test_decorating_leaves_the_users_own_numba_cache_setting_alone(monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "the user's folder")

    compiled.rule(logistic.py_func)

    assert numba.config.CACHE_DIR == "the user's folder"


@needs_compiler
def test_compiled_code_is_kept_in_the_cache_folder():
    assert Path(logistic.stats.cache_path).is_relative_to(compiled.CACHE_FOLDER)
