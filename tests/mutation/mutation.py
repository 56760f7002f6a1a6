"""mutation.py - make small changes (mutants) to the C code, and report those that no test detects.

All chosen mutants are built into one set of programs, in which the environment variable LC_MUTANT
selects one (operators.with_mutants). So each mutant only takes the time of its tests, not of a
build. The tests are those that RELEVANT lists for its folder; they run, cheapest first, until one
fails. They use the sanitizers of the preset asan, so that memory errors and leaks are detected,
too. With --preset dev they do not; then survivors are worth a second try with sanitizers (--only).

A test that exceeds its limit of time or memory has detected the mutant. A mutant that does not
compile is replaced by the next one of the sample. A survivor that compiles to the same code as the
original is equivalent; mutants that are equivalent for another reason are listed in equivalent.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import operators  # noqa: E402
from operators import Function, Mutant  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).resolve().parent / "equivalent.txt"
FOLDERS = ["src/rules", "src/json", "src/image", "src/index", "src/scan"]
LEAST = 95  # per cent

# The tests for a file, by the first entry that its path begins with: unit tests, then tests that run
# the program, each group cheapest first. Tests that take longer than MOST_S are left out.
IMAGE_RUNS = "diff.(rare_images|lenient_and_alpha|diff_formats|rewritten_pixels|diff_images)"
RELEVANT = [
    (r"src/rules/check_archive", ["unit.rules", "cli.(archives|members|golden)"]),
    (r"src/rules/", ["unit.(rules|trainers|turn|row|select)",
                     "cli.(set_rules|dialects|registries|inputs|archives|statistics|golden|fixtures|trainers)|"
                     "diff.rows_reference|shards.predictions"]),
    (r"src/json/brackets", ["unit.(brackets|json)", "diff.json_mutants"]),
    (r"src/json/", ["unit.(json|splitter|row)", "diff.(json_lines|json_mutants|rows_broken)|cli.inputs"]),
    (r"src/image/inflate/", ["unit.(image|image_png|inflate)", "diff.(rare_images|diff_images)"]),
    (r"src/image/jpeg/", ["unit.(image|image_extremes|jpeg_codes|jpeg_terms|jpeg_damage)",
                          "unit.jpeg_lanes|diff.(rare_images|jpeg_damage|diff_images)"]),
    (r"src/image/(png|gif|bmp|tiff|webp)/", [r"unit.(image|image_extremes|image_\1)", IMAGE_RUNS]),
    (r"src/image/pnm/", ["unit.image", "diff.(pnm|rare_images)"]),
    (r"src/image/(msp|pcx|qoi|sgi|tga)/", ["unit.image", "diff.(rare_formats|rare_images)"]),
    (r"src/image/", ["unit.image.*", IMAGE_RUNS + "|diff.(pnm|rare_formats)"]),
    (r"src/index/", ["unit.(index|journal|part|records|statistics|stream|changing|iterate)",
                     "cli.(golden|bad_index|foreign_index|incremental|rows_replay|index_folder|"
                     "index_questions|parts|trust)|hostile_index.reproductions"]),
    (r"src/scan/archives/", ["unit.(archive|archives_run|names)", "cli.(archives|members|roots|discovery|parts|golden|incremental)"]),
    (r"src/scan/(merge|images/join|rows/mixture)", ["unit.(part|mixture)", "cli.(parts|inputs|registries)|shards.splits"]),
    (r"src/scan/(prove|sum|verify|manifest|set/download)",
     ["unit.(digest|paths)", "cli.(verify|download|clean_images|golden)|python.manifest"]),
    (r"src/scan/against", ["unit.paths", "cli.against"]),
    (r"src/scan/(check|current)", ["unit.memory_images", "cli.(golden|inputs|incremental|rows_replay|parts|clean)"]),
    (r"src/scan/rows/(job|rows|work)", ["unit.(row_job|pipeline)",
                                        "cli.(golden|inputs|same|rows_replay|incremental|parts)|shards.predictions"]),
    (r"src/scan/(plan|rows/sample)", ["unit.sampling", "cli.plan"]),
    (r"src/scan/", ["unit.(ids|paths|place|sorter|changing|memory_images)",
                    "unit.pipeline|cli.(golden|inputs|set_rules|same|rows_replay|incremental|missing|verify|library|"
                    "thumbnails|baseline|parts)"]),
    (r"src/(query|view)/", ["unit.(select|text|where)", "cli.(index_questions|select|baseline|golden)"]),
    (r"src/(report|print)/", ["unit.(text|image_tally)",
                              "cli.(report_format|formats|statistics|html_report|golden)"]),
    (r"src/store/", ["unit.(folder|nearest)", "cli.(missing|hostile_paths|golden)"]),
    (r"src/thumb/", ["unit.thumb", "cli.thumbnails"]),
    (r"src/dataset/shard", ["unit.(archive|row_job)",
                            "cli.(inputs|trainers|parts)|shards.(predictions|hostile|same_names|splits)"]),
    (r"src/dataset/", ["unit.(row|keys|turn|mixture|sampling)", "diff.rows_.*|cli.(inputs|packed|golden)"]),
    (r"", ["unit..*", "cli.(golden|inputs|bad_use|config|diff|text)"]),
]
PROGRAMS = ["llava-check", "llava_check", "runner", "archive_facts", "hostile_index", "image_facts", "image_rewrite",
            "jpeg_silence", "json_facts", "library_facts", "lines_facts", "findings_by_rule", "bad_rows"]  # that these run
GROUPS = 2
MOST_S = 90  # of processor time, with sanitizers on a busy machine

MEMORY_MB = 3000
FILE_BYTES = 1 << 32
DESELECTED = {"cli.verify": "not huge", "cli.download": "not huge"}  # these tests need huge sparse files
# The limits of a test with a mutant, in processor time and wall time: SLOWER times what it takes
# without a mutant, plus a constant
SLOWER, MORE_PROCESSOR_S, MORE_CLOCK_S = 4, 3, 60
UNKNOWN_S = 600  # for a test whose time is not known


@dataclass
class Test:
    name: str
    command: list[str]
    environment: dict[str, str]
    folder: str
    is_sanitized: bool
    seconds: float = 0  # processor time, and wall time, without a mutant
    wall: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock)  # held while these are measured


@dataclass
class Result:
    mutant: Mutant
    caught_by: str = ""
    timed_out: bool = False
    same_code: bool = False
    seconds: float = 0


@dataclass
class Campaign:
    tree: Path  # a copy of the source tree
    preset: str = "asan"
    tests: dict[str, Test] = field(default_factory=dict)
    times: dict[str, tuple[float, float]] = field(default_factory=dict)
    catchers: dict[str, list[str]] = field(default_factory=dict)  # tests that detected a mutant, by file, the latest first

    @property
    def build(self) -> Path:
        return self.tree / "build" / self.preset


# ---- choosing ----

def changed_since(commit: str, found: list[Function]) -> list[Function]:
    """Return the functions that contain a line changed since the commit."""
    changed: dict[str, set[int]] = {}
    path = ""
    text = subprocess.run(["git", "diff", "-U0", "--no-color", commit, "--", "src"], cwd=ROOT,
                          check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        if line.startswith("+++ "):
            path = line[6:]
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            changed.setdefault(path, set()).update(range(first, first + max(count, 1)))

    def has_changed(function: Function) -> bool:
        lines = range(function.line, function.line + function.body.count("\n") + 1)
        return not changed.get(function.path, set()).isdisjoint(lines)

    return [function for function in found if has_changed(function)]


def candidates(root: Path, options: argparse.Namespace) -> list[Mutant]:
    """Return the mutants of the requested functions, in the order of the sample."""
    following = operators.enumerators(
        path.read_text("utf-8") for path in sorted((root / "src").rglob("*.[ch]")))
    found = operators.read_functions(root, options.folders)
    if options.since:
        found = changed_since(options.since, found)
    every = [mutant for function in found for mutant in operators.mutants(function, following)]
    if options.only:
        return [mutant for mutant in every if mutant.identity in options.only.split(",")]
    return operators.sample(every, options.seed)


def without_equivalent(found: list[Mutant]) -> list[Mutant]:
    listed = operators.read_equivalent(EQUIVALENT)
    return [mutant for mutant in found if not any(entry.is_of(mutant) for entry in listed)]


# ---- building ----

def copy_tree(tree: Path) -> None:
    """Copy the working tree; unchanged files keep their times."""
    listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True).stdout.decode()
    names = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    for path in list(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if path.is_file() and not name.startswith("build/") and name not in names:
            path.unlink()
    for name in sorted(names):
        put_file(tree / name, (ROOT / name).read_bytes(), (ROOT / name).stat().st_mode)


def put_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)


def run_quietly(command: list[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)} failed:\n{done.stdout[-8000:]}")


def compile_commands(build: Path, tree: Path) -> dict[str, list[str]]:
    """Return the command that compiles each source file, without its output and input."""
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if not entry["file"].endswith(".c"):
            continue
        words = shlex.split(entry["command"])
        words = words[next(i for i, word in enumerate(words) if word.endswith(("/cc", "gcc", "clang"))):]
        at = words.index("-o")
        path = str(Path(entry["file"]).relative_to(tree))
        commands.setdefault(path, words[:at])
    return commands


def compiles(mutant: Mutant, command: list[str], tree: Path, *options: str) -> bool:
    return subprocess.run([*command, "-w", *options, "-x", "c", "-"], cwd=tree / "src",
                          input=mutant.text, text=True, check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def object_code(text: str, command: list[str], folder: Path) -> bytes:
    """Return the code that a release build compiles from the text."""
    plain = [word for word in command if not word.startswith(("-fsanitize", "-fno-sanitize", "-g", "-O"))]
    out = folder / "object.o"
    subprocess.run([*plain, "-w", "-O2", "-x", "c", "-", "-c", "-o", str(out)], input=text, text=True,
                   check=True, stderr=subprocess.DEVNULL)
    return out.read_bytes()


def is_same_code(mutant: Mutant, campaign: Campaign) -> bool:
    command = compile_commands(campaign.build, campaign.tree)[mutant.function.path]
    with tempfile.TemporaryDirectory() as folder:
        return object_code(mutant.function.text, command, Path(folder)) == \
            object_code(mutant.text, command, Path(folder))


def first_that_compile(found: list[Mutant], count: int, campaign: Campaign) -> list[Mutant]:
    """Return the first mutants that compile."""
    commands = compile_commands(campaign.build, campaign.tree)
    chosen: list[Mutant] = []
    for mutant in found:
        if len(chosen) == count:
            break
        command = commands.get(mutant.function.path)
        if command and compiles(mutant, command, campaign.tree, "-fsyntax-only"):
            chosen.append(mutant)
    return chosen


def build(campaign: Campaign, chosen: list[Mutant], jobs: int, first: int) -> None:
    """Put the mutants into the copy of the tree, and build what their tests need."""
    by_file: dict[str, list[tuple[int, Mutant]]] = {}
    for number, mutant in enumerate(chosen, 1):
        by_file.setdefault(mutant.function.path, []).append((number, mutant))
    for path, numbered in by_file.items():
        put_file(campaign.tree / path, operators.with_mutants(numbered).encode())
    units = {name.replace("unit.", "test_") for path in by_file
             for names in relevant(path, read_tests(campaign.build))[first:] for name in names
             if name.startswith("unit.")}
    run_quietly(["cmake", "--build", str(campaign.build), "-j", str(jobs), "--target", *PROGRAMS, *units],
                campaign.tree)


# ---- running tests ----

def read_tests(build_folder: Path) -> dict[str, Test]:
    text = subprocess.run(["ctest", "--test-dir", str(build_folder), "--show-only=json-v1"], check=True,
                          capture_output=True, text=True).stdout
    tests = {}
    for entry in json.loads(text)["tests"]:
        properties = {item["name"]: item["value"] for item in entry["properties"]}
        environment = dict(item.split("=", 1) for item in properties.get("ENVIRONMENT", []))
        environment["ASAN_OPTIONS"] += f":hard_rss_limit_mb={MEMORY_MB}"
        command = entry.get("command", [])  # empty if the test is not built
        if "pytest" in command:
            command = [*command, "-x"]
        if command and entry["name"] in DESELECTED:
            command += ["-k", DESELECTED[entry["name"]]]
        tests[entry["name"]] = Test(entry["name"], command, environment,
                                    properties["WORKING_DIRECTORY"], build_folder.name == "asan")
    return tests


def relevant(path: str, tests: dict[str, Test]) -> list[list[str]]:
    match, groups = next((match, groups) for folder, groups in RELEVANT if (match := re.match(folder, path)))
    return [[name for name in tests if re.fullmatch(match.expand(group), name)] for group in groups]


def limit(seconds: int, is_sanitized: bool) -> None:
    if not is_sanitized:  # the limit would include a sanitizer's shadow memory
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_MB << 20, MEMORY_MB << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run_test(test: Test, number: int, log: Path | None = None) -> tuple[bool, bool]:
    """Return whether the test succeeds with a mutant, and whether it exceeded its time limit."""
    processor_s = int(MORE_PROCESSOR_S + SLOWER * test.seconds) if number else UNKNOWN_S
    clock_s = MORE_CLOCK_S + SLOWER * test.wall if number else UNKNOWN_S
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutation.", ignore_cleanup_errors=True) as scratch, \
            open(log or os.devnull, "wb") as output:
        os.chmod(scratch, 0o1777)  # as /tmp: some tests run the program as an ordinary user
        environment = {**os.environ, **test.environment, "LC_MUTANT": str(number), "TMPDIR": scratch}
        process = subprocess.Popen(
            test.command, cwd=test.folder, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True, preexec_fn=lambda: limit(processor_s, test.is_sanitized))
        timer = threading.Timer(clock_s, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        try:  # also end processes that the test left running
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if not number:
        test.seconds, test.wall = used.ru_utime + used.ru_stime, time.monotonic() - began
    return process.returncode == 0, process.returncode in (-signal.SIGXCPU, -signal.SIGKILL)


def succeeds_without(campaign: Campaign, test: Test) -> None:
    """End the campaign if a test fails without a mutant, because its failures would prove nothing."""
    with test.lock:
        if test.name in campaign.times:
            return
        log = campaign.build / f"{test.name}.log"
        if not run_test(test, 0, log)[0]:
            print(f"{test.name} fails without a mutant:\n{log.read_text(errors='replace')[-4000:]}")
            os._exit(2)
        keep_time(campaign, test)


def keep_time(campaign: Campaign, test: Test) -> None:
    campaign.times[test.name] = (test.seconds, test.wall)
    (campaign.build / "times.json").write_text(json.dumps(campaign.times, indent=1))


def in_order(names: list[str], campaign: Campaign, before: list[str]) -> list[Test]:
    """Return the tests to run: first those that detected a mutant of this file before, then the others, cheapest first."""
    tests = [campaign.tests[name] for name in names if campaign.tests[name].seconds <= MOST_S]
    return sorted(tests, key=lambda test: (before.index(test.name) if test.name in before else len(before),
                                           test.seconds))


def run_group(campaign: Campaign, number: int, result: Result, names: list[str]) -> None:
    """Run a group of tests with a mutant until one fails."""
    before = campaign.catchers.setdefault(result.mutant.function.path, [])
    for test in in_order(names, campaign, before):
        succeeds_without(campaign, test)
        began = time.monotonic()
        good, timed_out = run_test(test, number)
        result.seconds += time.monotonic() - began
        if not good:
            result.caught_by, result.timed_out = test.name, timed_out
            before[:] = [test.name, *(name for name in before if name != test.name)]
            return


def show(result: Result) -> None:
    mutant = result.mutant
    survives = not result.caught_by and not result.same_code
    fate = f"caught by {result.caught_by}" if result.caught_by else \
        "SURVIVES" if survives else "equivalent: the same code"
    lines = [f"{mutant.identity} {mutant.function.path}:{mutant.line}: {mutant.function.name}: "
             f"{mutant.edit.operator}: {fate}{' (time)' if result.timed_out else ''}, {result.seconds:.0f} s"]
    print("\n    ".join(lines + (mutant.diff() if survives else [])), flush=True)


def run_all(campaign: Campaign, chosen: list[Mutant], jobs: int, first: int) -> list[Result]:
    """Run every mutant with its first group of tests, then the survivors with the next group."""
    results = [Result(mutant) for mutant in chosen]

    def run(number: int, group: int) -> None:
        result = results[number - 1]
        groups = relevant(result.mutant.function.path, campaign.tests)
        run_group(campaign, number, result, groups[group])
        if not result.caught_by and group == GROUPS - 1:
            result.same_code = is_same_code(result.mutant, campaign)
        if result.caught_by or group == GROUPS - 1:
            show(result)

    for group in range(first, GROUPS):
        left = [number for number, result in enumerate(results, 1) if not result.caught_by]
        print(f"{len(left)} mutants, tests of group {group + 1}", flush=True)
        with ThreadPoolExecutor(jobs) as pool:
            for done in [pool.submit(run, number, group) for number in left]:
                done.result()
    return results


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutation.sh", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", default=FOLDERS, metavar="FOLDER",
                        help=f"folders or files with functions to change ({' '.join(FOLDERS)})")
    parser.add_argument("--count", type=int, default=200, help="number of mutants (200)")
    parser.add_argument("--seed", type=int, default=0, help="another sample for each (0)")
    parser.add_argument("--since", metavar="COMMIT", help="only functions that changed since a commit")
    parser.add_argument("--only", metavar="ID,...", help="only the mutants that a report names so")
    parser.add_argument("--preset", choices=["asan", "dev"], default="asan",
                        help="the build: dev is several times as fast, asan notices errors of memory, too (asan)")
    parser.add_argument("--runs-only", action="store_true", help="only runs of the program, no unit tests before")
    parser.add_argument("--jobs", type=int, default=1, help="mutants that are tested at a time (1)")
    parser.add_argument("--list", action="store_true", help="print the sample and do nothing")
    return parser.parse_args(arguments)


def main() -> int:
    options = parse()
    found = without_equivalent(candidates(ROOT, options))
    if options.list:
        for mutant in found[:options.count]:
            print(f"{mutant.identity} {mutant.function.path}:{mutant.line}: {mutant.function.name}: "
                  f"{mutant.edit.operator}", *mutant.diff(), sep="\n    ")
        return 0
    campaign = Campaign(ROOT / "build/mutation", options.preset)
    campaign.tree.mkdir(parents=True, exist_ok=True)
    copy_tree(campaign.tree)
    # all tests: presets with sanitizers leave out those that are not about memory, but about results
    run_quietly(["cmake", "--preset", campaign.preset, "-DLC_ALL_TESTS=ON", "-DLC_WERROR=OFF"], campaign.tree)
    chosen = first_that_compile(found, options.count, campaign)
    if not chosen:
        sys.exit("no mutants: nothing to change in these functions")
    first = GROUPS - 1 if options.runs_only else 0
    build(campaign, chosen, options.jobs, first)
    campaign.tests = read_tests(campaign.build)
    known = campaign.build / "times.json"
    campaign.times = json.loads(known.read_text()) if known.is_file() else {}
    for name, (seconds, wall) in campaign.times.items():
        campaign.tests[name].seconds, campaign.tests[name].wall = seconds, wall
    results = run_all(campaign, chosen, options.jobs, first)
    same = sum(result.same_code for result in results)
    survivors = [result for result in results if not result.caught_by and not result.same_code]
    counted = len(results) - same
    caught = counted - len(survivors)
    print(f"{len(results)} mutants: {caught} caught ({sum(r.timed_out for r in results)} by time), "
          f"{same} of the same code, {len(survivors)} survive")
    for result in sorted(survivors, key=lambda r: (r.mutant.function.path, r.mutant.line)):
        show(result)
    share = 100 * caught / counted if counted else 100
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"caught: {share:.1f} % of {counted}; {used.ru_utime + used.ru_stime:.0f} s of processor time")
    return 0 if share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
