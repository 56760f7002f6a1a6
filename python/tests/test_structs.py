"""The structs in _structs.py have the same members in the same order as those in the headers."""

from __future__ import annotations

import ctypes
import re

from conftest import ROOT

from llava_check import _structs as structs

CASES = {
    "lc_error": structs.Error,
    "lc_progress": structs.Progress,
    "lc_found_set": structs.FoundSet,
    "lc_image_bytes": structs.ImageBytes,
    "lc_inspected": structs.Inspected,
    "lc_import_batch": structs.ImportBatch,
    "lc_import_counts": structs.ImportCounts,
    "lc_verdict_options": structs.VerdictOptions,
    "lc_check_options": structs.CheckOptions,
    "lc_verify_options": structs.VerifyOptions,
    "lc_manifest_options": structs.ManifestOptions,
    "lc_manifest_counts": structs.ManifestCounts,
    "lc_summary": structs.Summary,
    "lc_level_choice": structs.LevelChoice,
    "lc_folder_choice": structs.FolderChoice,
    "lc_selection": structs.Selection,
    "lc_view_counts": structs.ViewCounts,
    "lc_report_options": structs.ReportOptions,
    "lc_report_format_info": structs.ReportFormatInfo,
    "lc_thumbnail_options": structs.ThumbnailOptions,
    "lc_diff_options": structs.DiffOptions,
    "lc_query": structs.Query,
    "lc_rule_info": structs.RuleInfo,
    "lc_trainer_info": structs.TrainerInfo,
    "lc_arrow_options": structs.ArrowOptions,
    "ArrowSchema": structs.ArrowSchema,
    "ArrowArray": structs.ArrowArray,
    "ArrowArrayStream": structs.ArrowArrayStream,
}

# ctypes by the C type of a member
TYPES = {
    "size_t": (ctypes.c_size_t,),
    "uint64_t": (ctypes.c_uint64,),
    "int64_t": (ctypes.c_int64,),
    "int": (ctypes.c_int,),
    "bool": (ctypes.c_bool,),
    "uint32_t": (ctypes.c_uint32,),
    "unsigned": (ctypes.c_uint,),
    "const char *": (ctypes.c_char_p,),
    "void *": (ctypes.c_void_p,),
}


def headers() -> str:
    text = "\n".join(
        path.read_text() for path in sorted((ROOT / "include/llava_check").glob("*.h"))
    )
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def members(name: str) -> list[tuple[str, str]]:
    """Return the type and name of each member of a struct in the headers."""
    (body,) = re.findall(rf"^struct {name} \{{(.*?)^\}};", headers(), flags=re.DOTALL | re.M)
    found = []
    for line in body.split(";"):
        line = " ".join(line.split())
        pointer = re.search(r"\(\*(\w+)\)", line)
        if pointer:
            found.append(("function", pointer[1]))
        elif line:
            match = re.fullmatch(r"(.*?)(\w+)((?:\[\w+\])*)", line)
            assert match, line
            found.append((match[1].strip() + match[3], match[2]))
    return found


def test_members_are_those_of_the_headers():
    assert len(CASES) == 28
    count = 0
    for name, struct in CASES.items():
        wanted = members(name)
        assert [member for member, *_ in struct._fields_] == [n for _, n in wanted], name
        for (c_type, member), (_, ours) in zip(wanted, struct._fields_):
            if c_type == "struct lc_hash":
                assert ctypes.sizeof(ours) == 16
            elif c_type in TYPES:
                assert ours in TYPES[c_type], f"{name}.{member}"
            elif c_type.startswith("enum "):
                assert ours is ctypes.c_int, f"{name}.{member}"
            elif c_type == "function" or "*" in c_type:
                assert ctypes.sizeof(ours) % ctypes.sizeof(ctypes.c_void_p) == 0
            count += 1
    assert count > 130


def names_of(enum: str, prefix: str) -> list[str]:
    (body,) = re.findall(rf"^enum {enum} \{{(.*?)\}};", headers(), flags=re.DOTALL | re.M)
    found = re.findall(r"\bLC_(\w+)", body)
    return [name.replace(prefix, "").lower() for name in found if not name.endswith("COUNT")]


def test_enums_are_those_of_the_headers():
    assert names_of("lc_severity", "SEVERITY_") == list(structs.SEVERITIES)
    assert names_of("lc_effect", "EFFECT_") == list(structs.EFFECTS)
    assert names_of("lc_stage", "STAGE_") == list(structs.STAGES)
    assert names_of("lc_index_mode", "INDEX_") == list(structs.INDEX_MODES)
    assert names_of("lc_arrow_table", "ARROW_") == list(structs.TABLES)
    assert names_of("lc_status", "ERR_") == ["ok", "usage", "io", "memory", "index", "stopped"]
    assert f"#define LC_ADJUSTMENT_COUNT {structs.ADJUSTMENTS}\n" in headers()


def test_every_function_is_declared():
    text = headers() + (ROOT / "cmake/version.h.in").read_text()
    assert len(structs.FUNCTIONS) > 20
    for name in structs.FUNCTIONS:
        assert re.search(rf"^LC_API [^;]*\b{name}\(", text, flags=re.M), name
