"""Every option of the command is a keyword with the same meaning."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest
from conftest import ROOT, Made, command

import llava_check
from llava_check import _api, _command


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("python_api", ROOT / "scripts/python_api.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["python_api"] = module
    spec.loader.exec_module(module)
    return module


def test_the_generated_module_is_current():
    assert generator().TARGET.read_text() == generator().module(), "run scripts/python_api.py"


def test_every_option_is_a_keyword():
    """Options come from the table, and from the help that the command prints."""
    table = generator()
    functions = {"check": llava_check.check, "report": llava_check.open,
                 "verify": llava_check.verify, "clean": llava_check.clean, "fix": llava_check.fix,
                 "convert": llava_check.convert, "watch": llava_check.watch}
    everywhere = {"check_all": llava_check.check_all, "text": llava_check.Report.text,
                  "query": llava_check.Report.query}
    count = 0
    for name in functions:
        printed = subprocess.run([command(), name, "-h"], capture_output=True, text=True,
                                 check=True).stdout
        found = set(re.findall(r"^  .{0,4}--([a-z-]+)", printed, flags=re.M))
        aliases = {o.name for o in table.options() if o.alias}
        assert {o.name for o in table.options() if name in o.commands} <= found
        for option in found - aliases:
            count += 1
            keyword = option.replace("-", "_")
            if option in table.NOT_HERE or name not in table.ONLY_OF.get(option, name):
                continue
            if option == "all":
                assert everywhere["check_all"]
            elif option in table.ELSEWHERE:
                place = table.ELSEWHERE[option].rpartition(".")[2]
                assert keyword in inspect.signature(everywhere[place]).parameters
            else:
                assert keyword in inspect.signature(functions[name]).parameters, option
    assert count > 80


def test_every_keyword_is_documented():
    for name in _api.__all__:
        function = getattr(_api, name)
        documented = set(re.findall(r":param (\w+):", function.__doc__))
        assert documented == set(inspect.signature(function).parameters)


def test_arguments_of_the_command():
    given = {"images": b"a b\xff", "select": ["IMG", "CNV"], "recheck": True, "force": False,
             "threads": 2, "videos": None, "ignore": ()}
    assert _command.arguments(given) == [b"--images=a b\xff", b"--select=IMG", b"--select=CNV",
                                         b"--recheck", b"--threads=2"]


@pytest.mark.parametrize("options", [
    {},
    {"select": "IMG"},
    {"ignore": ["IMG501", "CNV"]},
    {"severity": ["IMG501=warning", "CNV303=off"]},
    {"severity": "IMG501=info", "fail_on": "info"},
    {"fail_on": "warning", "ignore": "IMG,CNV"},
    {"trainer": "llava-next", "ignore": "CNV"},
    {"trainer": "llava-next", "ignore": "IMG,CNV"},
    {"trainer": "internvl"},
    {"trainer": "all"},
    {"exit_zero": True},
    {"no_images": True},
    {"show": "info", "max_findings": 1},
    {"fail_on": "unknown", "severity": ["all=off"]},
    {"index_mode": "content", "threads": 1},
])
def test_the_verdict_is_that_of_the_command(made: Made, options: dict[str, Any]):
    arguments = _command.arguments({k.replace("_", "-"): v for k, v in options.items()})
    printed = subprocess.run([command(), str(made.path), *map(bytes.decode, arguments),
                              "--format", "json"], capture_output=True, text=True, check=False)
    with llava_check.check(made.path, **options) as report:
        assert report.exit_code == printed.returncode
        ours, theirs = report.to_dict(), json.loads(printed.stdout)
        for verdict in (ours["verdict"], theirs["verdict"]):
            for adjusted in verdict["adjusted"]:
                adjusted["by"] = adjusted["by"].replace("--", "").replace("-", "_")
            verdict["text"] = verdict["text"].replace("--exit-zero", "exit_zero")
        assert ours == theirs


def test_settings_files_count(made: Made, tmp_path):
    settings = tmp_path / "work" / "llava-check.yaml"
    settings.write_text("ignore: [IMG501]\nfail-on: warning\n")
    with llava_check.check(made.path) as report:
        found = {f["rule"] for f in report.findings}
        assert "CNV303" in found and "IMG501" not in found
    with llava_check.check(made.path, isolated=True) as report:
        assert "IMG501" in {f["rule"] for f in report.findings}
    own = tmp_path / "own.yaml"
    own.write_text("exit-zero: true\n")
    with llava_check.check(made.path, config=own) as report:
        assert report.exit_code == 0 and not report.ok


def test_bad_values_are_usage_errors(made: Made):
    for options in ({"trainer": "none-such"}, {"select": "ZZZ999"}, {"threads": -1},
                    {"severity": "IMG501"}, {"fail_on": "never"}, {"dialect": "none"}):
        with pytest.raises(llava_check.UsageError) as caught:
            llava_check.check(made.path, **options)  # type: ignore[arg-type]
        assert str(caught.value)
    with pytest.raises(ValueError, match="progress"):
        llava_check.check(made.path, progress="loud")  # type: ignore[arg-type]
    with pytest.raises(llava_check.UsageError, match="NUL"):
        llava_check.check("a\0b")
    with pytest.raises(llava_check.UsageError):
        llava_check.check([])
