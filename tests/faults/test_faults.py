"""If a call fails, the program reports the failure or continues; it never lies, crashes or leaks.

This is a sample of what scripts/faults.sh does. With LC_FAULTS_EVERY=N, one in N calls of each kind
fails in every job, instead of one of each kind.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from jobs import CUT, JOBS, Job, prepare
from walk import GOOD, Walk, walk_job, walk_jobs, wrong_of

SOURCE = Path(os.environ["LC_SOURCE_DIR"])
BUILD = Path(os.environ["LC_BUILD_DIR"])
EVERY = os.environ.get("LC_FAULTS_EVERY")
ONE_OF_EACH = "1000000"
OFFSET = "4711"  # which call fails, modulo their number: a different one for each kind
CALLS = (SOURCE / "tests/faults/calls.def").read_text()
WRAPPED = set(re.findall(r"^LC_(?:CALL|CODE|SPECIAL)\((\w+),", CALLS, re.MULTILINE))
ALIASES = set(re.findall(r"^LC_ALIAS\((\w+)\)", CALLS, re.MULTILINE))
SANITIZED = bool(os.environ.get("LC_SANITIZE"))
# The main job goes through all kinds of calls, the others through their most important ones. With
# sanitizers, which take five times as long, only one error of a call is tried, and only once
FULL = ("check",)
FULL_OPTIONS = (["-m", "once", "-c", "ENOMEM,EAGAIN,EINVAL,ENOLCK,MDB_MAP_FULL,ENOSPC"]
                if SANITIZED else ["-m", "both"])
MOST = ("malloc,open,pread,mmap,stream_write" if SANITIZED else
        "malloc,realloc,strdup,open,pread,mmap,stream_write,mdb_cursor_get,link,mdb_env_open")
MOST_OPTIONS = ["-m", "once", "-k", MOST]
FAULTS_AT_LEAST = 150 if SANITIZED else 400

# Calls of our objects that are not made to fail, as patterns, by reason
NEVER_FAILS = {
    "it has no way to fail": r"""
        mem(?!fd)\w+ str(n?len|c?chr|rchr|n?cmp|n?casecmp|cspn|spn|pbrk|(case)?str|tod|toull?|ftime|error|error_r)
        __isoc23_strtoull? v?snprintf qsort(_r)? alphasort free floor nearbyint trunc gmtime_r timegm time getenv getpid umask dirfd stpcpy
        clock_gettime getrusage nanosleep sysconf geteuid isatty pause _exit _setjmp longjmp sig\w+set signal
        __(errno_location|ctype_(b|tolower)_loc|assert_fail|cpu_\w+|popcountdi2|udivti3|sched_cpucount)
        __(longjmp|mem\w+|strcat|v?snprintf)_chk
        XXH\w+ nettle_\w+ mdb_version _libunistring_version crc32_z u8_check mdb_strerror _ZSt\w+ _ZdaPv _ZdlPvm
        _ZN8simdjson13validate_utf8EPKcm _ZN8simdjson8internal10from_charsEPKc(S2_)?
        _ZN8simdjson25get_active_implementationEv
        std(out|err) ferror fileno""",
    "on wrong use alone, which would be a bug": r"""
        pthread_(join|sigmask|mutex_(lock|unlock|destroy)|cond_\w+) mdb_(env_close|txn_abort)
        mdb_cursor_close timer_delete""",
    "what it would lose was written, synced and looked at before": r"close closedir munmap",
    "its reads and writes of the stream are": r"""
        f(printf|putc|puts|write|read|flush|close) printf putc putchar puts __f?printf_chk""",
    "a stream that keeps its own buffer writes the same": r"setvbuf",
    "a terminal's: without it there is no bar; or of blocks to share, which most file systems refuse": r"ioctl timer_(create|settime)",
    "of the three standard streams, before anything": r"fcntl",
    "of the index's lock file: without a birth time, device and inode identify it": r"statx",
    "advice, which changes no result": r"posix_fadvise sync_file_range",
    "of lc_index_detach, which only other programs call: see tests/unit/test_index.c": r"memfd_create",
    "it returns only if it fails, as tests/cli/test_import.py has it": r"execvp?",
    "operator new is": r"_Znam\w+ _Znwm\w+",
    "a library's: the calls for memory that it makes are, and what it does without is a fact": r"""
        jpeg_\w+ png_\w+ TIFF\w+ WebP\w+ inflate\w* zlibVersion ZSTD_\w+ lzma_\w+ BZ2_\w+ isal_\w+ libdeflate_\w+ yaml_\w+ u8_(casefold|normcmp)
        uninorm_nfkc""",
}
# Kinds of calls that no job makes, and why
NOT_REACHED = {
    "fopencookie": "on a terminal alone, whose lines are made to fit",
    "readlinkat": "where clean finds a link already in the place of one",
    "unlinkat": "where a file system has no files without a name",
    "fchown": "where fix replaces a rows file",
    "mkdtemp": "where an estimate checks a sample",
    "setrlimit": "where clean writes more files than may be open",
    "renameat2": "where a file system has no hard links, or link() fails",
}


def undefined() -> set[str]:
    """Return the external functions that our objects call."""
    objects = [path for part in ("lc_objects", "llava-check")
               for path in (BUILD / f"CMakeFiles/{part}.dir").rglob("*.o")]
    assert len(objects) > 180
    done = subprocess.run(["nm", "-u", *objects], capture_output=True, text=True, check=True)
    names = set(re.findall(r"^\s+U (\S+)$", done.stdout, re.MULTILINE))
    return {name for name in names if not re.match(r"lc_|__(asan|ubsan|tsan|lsan|sanitizer|"
                                                   r"gcov|stack_chk)|_GLOBAL_", name)}


def test_every_call_that_can_fail_is_made_to():
    patterns = [re.compile(pattern) for reason in NEVER_FAILS.values()
                for pattern in reason.split()]
    names = undefined()
    assert len(names & WRAPPED) > 50
    assert {name for name in names - WRAPPED - ALIASES
            if not any(pattern.fullmatch(name) for pattern in patterns)} == set()


@pytest.fixture(scope="module", name="walks")
def _walks(tmp_path_factory: pytest.TempPathFactory) -> list[Walk]:
    """Walk through each job in a separate folder; which call fails differs between jobs."""
    work = tmp_path_factory.mktemp("faults")
    walks: list[Walk] = []
    for full in (True, False):
        jobs = [job for job in JOBS if bool(EVERY or job.name in FULL) == full]
        options = FULL_OPTIONS if full else MOST_OPTIONS
        walks += walk_jobs(jobs, work, [*options, "-e", EVERY or ONE_OF_EACH, "-o", OFFSET])
    return walks


def test_nothing_wrong_is_done(walks: list[Walk]):
    wrong = [str(fault) for walk in walks for fault in wrong_of(walk)]
    assert not wrong, "\n".join(wrong)


def test_faults_are_made(walks: list[Walk]):
    outcomes = Counter(f.outcome for walk in walks for f in walk.faults)
    assert outcomes.total() > FAULTS_AT_LEAST
    assert outcomes["refused"] > FAULTS_AT_LEAST / 2 and outcomes["same"] > 5
    assert outcomes["unreached"] < outcomes.total() / 50
    assert len(walks) == len(JOBS) and {walk.exit for walk in walks} == {0, 1}


def test_every_kind_of_call_is_reached(walks: list[Walk]):
    counts: Counter[str] = Counter()
    for walk in walks:
        counts.update(walk.counts)
    assert WRAPPED - set(counts) == set(NOT_REACHED)


def test_what_is_said_says_why(walks: list[Walk]):
    """An error names the operation, and the system's reason."""
    said = {f.said for walk in walks for f in walk.faults if f.outcome == "refused"}
    reasons = ("out of memory", "Cannot allocate memory", "Input/output error", "No space left on device",
               "Disk quota exceeded", "Too many open files", "Interrupted system call",
               "No such device", "No locks available", "cannot create a thread", "MDB_",
               "damaged", "incomplete write", "Resource temporarily unavailable")
    assert len(said) > 20
    unclear = [line for line in sorted(said) if not any(r in line for r in reasons)]
    assert not unclear, "\n".join(unclear)


def test_files_that_are_cut_while_they_are_read(tmp_path: Path):
    """Reading past the end of a mapping is SIGBUS, which ends the run with a message; cut images are reported."""
    walk = walk_job(CUT, tmp_path / "cut", ["-c", "LC_CODE_CUT", "-k", "mmap,fstat"])
    outcomes = Counter(f.outcome for f in walk.faults)
    assert set(outcomes) <= {"reported", "unreadable", "refused", "same"}, walk.faults
    assert outcomes["reported"] > 10 and outcomes.total() > 30


def test_some_calls_of_each_way(tmp_path: Path):
    """A call that a loop makes a hundred times fails the first and the last time."""
    job = next(job for job in JOBS if job.name == "mixture")
    walks = [walk_job(job, tmp_path / first, ["-m", "once", "-k", "malloc,mdb_cursor_put", "-w", first])
             for first in ("0", "1", "2")]
    assert walks[0].ways == 0 < walks[1].ways == walks[2].ways < walks[0].counts.total()
    every, one, two = ({(f.call, f.thread, f.number, f.code) for f in walk.faults} for walk in walks)
    assert one < two < every and {f[0] for f in one} == {"malloc", "mdb_cursor_put"}
    assert all(f.outcome in GOOD for walk in walks for f in walk.faults)


def test_calls_that_are_interrupted(tmp_path: Path):
    """A signal every millisecond interrupts calls."""
    job = next(job for job in JOBS if job.name in FULL)
    assert walk_job(job, tmp_path / job.name, ["-i"]).interrupted == "same"


def test_several_threads(tmp_path: Path):
    """Which thread makes a call is random then, but the outcome is not."""
    job = Job("check", (*JOBS[0].arguments[:-1], "4"), "empty", after=True)
    options = ["-m", "once", "-e", ONE_OF_EACH, "-o", OFFSET]
    walk = walk_job(job, tmp_path / "four", [*options, "-k", "malloc,openat,pthread_create"])
    assert len(walk.faults) >= 6
    assert [str(f) for f in walk.faults if f.outcome not in GOOD] == []


def too_many_open(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def test_files_that_cannot_be_opened(tmp_path: Path):
    """With one more file descriptor each time, there is either an error, or the whole report."""
    program = Path(os.environ["LLAVA_CHECK"])
    prepare(program, tmp_path / "work")
    command = [program, "check", "../data", "--no-index", "--threads", "1", "-f", "json"]
    codes = []
    for most in range(5, 24):
        done = subprocess.run(command, cwd=tmp_path / "work/empty", capture_output=True,
                              check=False, timeout=60,
                              preexec_fn=lambda most=most: too_many_open(most))
        codes.append(done.returncode)
        if done.returncode == 2:
            assert b"Too many open files" in done.stderr, (most, done.stderr)
        else:
            assert done.returncode == 1 and len(json.loads(done.stdout)["findings"]) > 10
    assert codes[0] == 2 and codes[-1] == 1 and codes == sorted(codes, reverse=True)
