"""The C structs of the library's headers, and the functions that take them.

``python/tests/test_structs.py`` compares every struct here with its header.
"""

from __future__ import annotations

import ctypes as c
from typing import Any

STATUS_OK = 0
STATUS_USAGE = 1
STATUS_IO = 2
STATUS_MEMORY = 3
STATUS_INDEX = 4
STATUS_STOPPED = 5

SEVERITIES = ("info", "warning", "error")
EFFECTS = ("fine", "unknown", "altered", "dropped", "replaced", "crash", "refused")
STAGES = ("rows", "links", "images", "set", "index", "copy", "hash")
INDEX_MODES = ("metadata", "content", "ignore")
ADJUSTMENTS = 6
TABLES = ("files", "rows", "images", "findings", "effects", "verdicts")


class Error(c.Structure):
    """``struct lc_error``"""

    _fields_ = [
        ("status", c.c_int),
        ("subject", c.c_int),
        ("path", c.c_size_t),
        ("os_errno", c.c_int),
        ("message", c.c_char * 256),
    ]


class Progress(c.Structure):
    """``struct lc_progress``"""

    _fields_ = [
        ("stage", c.c_int),
        ("done", c.c_uint64),
        ("total", c.c_uint64),
        ("bytes", c.c_uint64),
        ("findings", c.c_uint64 * 3),
        ("reused", c.c_uint64),
        ("files_at_once", c.c_uint),
    ]


class FoundSet(c.Structure):
    """``struct lc_found_set``"""

    _fields_ = [("path", c.c_char_p), ("files", c.c_uint64), ("bytes", c.c_uint64)]


ON_PROGRESS = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(Progress))
ON_NOTICE = c.CFUNCTYPE(None, c.c_void_p, c.c_char_p)
ON_CHOICE = c.CFUNCTYPE(None, c.c_void_p, c.c_char_p, c.c_char_p)
IS_STOPPED = c.CFUNCTYPE(c.c_bool, c.c_void_p)
ON_SET = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(FoundSet))
WRITE = c.CFUNCTYPE(c.c_int, c.c_void_p, c.POINTER(c.c_char), c.c_size_t)


class ImageBytes(c.Structure):
    """``struct lc_image_bytes``"""

    _fields_ = [("data", c.c_void_p), ("size", c.c_size_t), ("held", c.c_void_p)]


GET_IMAGE = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_char_p, c.POINTER(ImageBytes))
PUT_IMAGE = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(ImageBytes))
BRING_FILE = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_char_p, c.c_char_p)
RETURN_FILE = c.CFUNCTYPE(None, c.c_void_p, c.c_char_p, c.c_char_p)


class Inspected(c.Structure):
    """``struct lc_inspected``"""

    _fields_ = [
        ("state", c.c_int),
        ("format", c.c_char_p),
        ("suffix", c.c_char_p),
        ("mode", c.c_char_p),
        ("width", c.c_uint32),
        ("height", c.c_uint32),
        ("transparent", c.c_bool),
        ("detail", c.c_char_p),
        ("content", c.c_uint8 * 16),
    ]


class Sized(c.Structure):
    """An option struct: its first member is its size."""

    def __init__(self, **members: Any) -> None:
        super().__init__(size=c.sizeof(self), **members)


class CheckOptions(Sized):
    """``struct lc_check_options``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("paths", c.POINTER(c.c_char_p)),
        ("path_count", c.c_size_t),
        ("images", c.c_char_p),
        ("videos", c.c_char_p),
        ("dialect", c.c_char_p),
        ("index", c.c_char_p),
        ("no_index", c.c_bool),
        ("no_images", c.c_bool),
        ("index_mode", c.c_int),
        ("allow_outside", c.c_bool),
        ("threads", c.c_uint),
        ("user", c.c_void_p),
        ("on_progress", ON_PROGRESS),
        ("on_notice", ON_NOTICE),
        ("on_choice", ON_CHOICE),
        ("is_stopped", IS_STOPPED),
        ("on_set", ON_SET),
        ("get_image", GET_IMAGE),
        ("put_image", PUT_IMAGE),
        ("part", c.c_uint),
        ("part_count", c.c_uint),
        ("io_depth", c.c_uint),
        ("bring_file", BRING_FILE),
        ("return_file", RETURN_FILE),
        ("each_alone", c.c_bool),
    ]


class VerifyOptions(Sized):
    """``struct lc_verify_options``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("paths", c.POINTER(c.c_char_p)),
        ("path_count", c.c_size_t),
        ("images", c.c_char_p),
        ("index", c.c_char_p),
        ("allow_outside", c.c_bool),
        ("threads", c.c_uint),
        ("user", c.c_void_p),
        ("on_progress", ON_PROGRESS),
        ("on_choice", ON_CHOICE),
        ("is_stopped", IS_STOPPED),
        ("io_depth", c.c_uint),
        ("download", c.c_bool),
        ("manifest", c.c_char_p),
        ("against", c.c_char_p),
    ]


class ManifestOptions(Sized):
    """``struct lc_manifest_options``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("path", c.c_char_p),
        ("except", c.c_char_p),
        ("threads", c.c_uint),
        ("user", c.c_void_p),
        ("on_progress", ON_PROGRESS),
        ("is_stopped", IS_STOPPED),
    ]


class ManifestCounts(c.Structure):
    """``struct lc_manifest_counts``"""

    _fields_ = [("files", c.c_uint64), ("bytes", c.c_uint64), ("links", c.c_uint64)]


class Summary(c.Structure):
    """``struct lc_summary``"""

    _fields_ = [
        ("rows_files", c.c_uint64),
        ("rows", c.c_uint64),
        ("rows_ok", c.c_uint64),
        ("rows_text_only", c.c_uint64),
        ("turns", c.c_uint64),
        ("words", c.c_uint64),
        ("characters", c.c_uint64),
        ("rows_sampled", c.c_uint64),
        ("images_referenced", c.c_uint64),
        ("images", c.c_uint64),
        ("images_ok", c.c_uint64),
        ("images_unverified", c.c_uint64),
        ("images_skipped", c.c_uint64),
        ("image_bytes", c.c_uint64),
        ("urls", c.c_uint64),
        ("embedded", c.c_uint64),
        ("findings", c.c_uint64 * 3),
    ]


class LevelChoice(c.Structure):
    """``struct lc_level_choice``"""

    _fields_ = [("rules", c.c_char_p), ("level", c.c_int)]


class FolderChoice(c.Structure):
    """``struct lc_folder_choice``"""

    _fields_ = [("pattern", c.c_char_p), ("rules", c.c_char_p)]


class Selection(Sized):
    """``struct lc_selection``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("select", c.POINTER(c.c_char_p)),
        ("select_count", c.c_size_t),
        ("ignore", c.POINTER(c.c_char_p)),
        ("ignore_count", c.c_size_t),
        ("levels", c.POINTER(LevelChoice)),
        ("level_count", c.c_size_t),
        ("folders", c.POINTER(FolderChoice)),
        ("folder_count", c.c_size_t),
        ("baseline", c.c_char_p),
    ]


class ViewCounts(c.Structure):
    """``struct lc_view_counts``"""

    _fields_ = [
        ("findings", c.c_uint64 * 3),
        ("adjusted", (c.c_uint64 * 3) * ADJUSTMENTS),
        ("expired", c.c_uint64),
        ("unneeded", c.c_uint64),
    ]


class ReportOptions(Sized):
    """``struct lc_report_options``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("format", c.c_char_p),
        ("show", c.c_int),
        ("trainer", c.c_char_p),
        ("failed", c.c_bool),
        ("color", c.c_bool),
        ("width", c.c_uint),
        ("prefix", c.c_char_p),
        ("again", c.c_char_p),
        ("base", c.c_char_p),
        ("fail_on", c.c_int),
        ("view", c.c_void_p),
        ("adjusted_by", c.c_char_p * ADJUSTMENTS),
        ("passed_by", c.c_char_p),
        ("max_findings", c.c_uint64),
        ("thumbnails", c.c_void_p),
        ("marked", c.c_bool),
        ("unsure", c.c_bool),
        ("stopped", c.c_bool),
        ("prediction", c.c_void_p),
        ("paths", c.c_char_p),
    ]


class DiffOptions(Sized):
    """``struct lc_diff_options``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("format", c.c_char_p),
        ("color", c.c_bool),
        ("examples", c.c_uint),
        ("names", c.c_char_p * 2),
        ("prefixes", c.c_char_p * 2),
    ]


class Query(Sized):
    """``struct lc_query``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("name", c.c_char_p),
        ("format", c.c_char_p),
        ("ids", c.POINTER(c.c_char_p)),
        ("id_count", c.c_size_t),
        ("where", c.POINTER(c.c_char_p)),
        ("where_count", c.c_size_t),
        ("rules", c.POINTER(c.c_char_p)),
        ("rule_count", c.c_size_t),
        ("show", c.c_int),
        ("prefix", c.c_char_p),
        ("trainer", c.c_char_p),
    ]


class ThumbnailOptions(Sized):
    """``struct lc_thumbnail_options``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("paths", c.POINTER(c.c_char_p)),
        ("path_count", c.c_size_t),
        ("images", c.c_char_p),
        ("allow_outside", c.c_bool),
        ("show", c.c_int),
    ]


class ReportFormatInfo(c.Structure):
    """``struct lc_report_format_info``"""

    _fields_ = [
        ("name", c.c_char_p),
        ("summary", c.c_char_p),
        ("suffixes", c.c_char_p),
        ("printed", c.c_bool),
    ]


class RuleInfo(c.Structure):
    """``struct lc_rule_info``"""

    _fields_ = [
        ("code", c.c_char_p),
        ("name", c.c_char_p),
        ("severity", c.c_int),
        ("summary", c.c_char_p),
        ("why", c.c_char_p),
        ("fix", c.c_char_p),
        ("source", c.c_char_p),
    ]


class TrainerInfo(c.Structure):
    """``struct lc_trainer_info``"""

    _fields_ = [
        ("name", c.c_char_p),
        ("title", c.c_char_p),
        ("source", c.c_char_p),
        ("reads", c.c_char_p),
    ]


class ArrowSchema(c.Structure):
    """``struct ArrowSchema`` of Arrow's C data interface"""


ArrowSchema._fields_ = [
    ("format", c.c_char_p),
    ("name", c.c_char_p),
    ("metadata", c.c_char_p),
    ("flags", c.c_int64),
    ("n_children", c.c_int64),
    ("children", c.POINTER(c.POINTER(ArrowSchema))),
    ("dictionary", c.POINTER(ArrowSchema)),
    ("release", c.CFUNCTYPE(None, c.POINTER(ArrowSchema))),
    ("private_data", c.c_void_p),
]


class ArrowArray(c.Structure):
    """``struct ArrowArray`` of Arrow's C data interface"""


ArrowArray._fields_ = [
    ("length", c.c_int64),
    ("null_count", c.c_int64),
    ("offset", c.c_int64),
    ("n_buffers", c.c_int64),
    ("n_children", c.c_int64),
    ("buffers", c.POINTER(c.c_void_p)),
    ("children", c.POINTER(c.POINTER(ArrowArray))),
    ("dictionary", c.POINTER(ArrowArray)),
    ("release", c.CFUNCTYPE(None, c.POINTER(ArrowArray))),
    ("private_data", c.c_void_p),
]


class ArrowArrayStream(c.Structure):
    """``struct ArrowArrayStream`` of Arrow's C stream interface"""


ArrowArrayStream._fields_ = [
    (
        "get_schema",
        c.CFUNCTYPE(c.c_int, c.POINTER(ArrowArrayStream), c.POINTER(ArrowSchema)),
    ),
    (
        "get_next",
        c.CFUNCTYPE(c.c_int, c.POINTER(ArrowArrayStream), c.POINTER(ArrowArray)),
    ),
    ("get_last_error", c.CFUNCTYPE(c.c_char_p, c.POINTER(ArrowArrayStream))),
    ("release", c.CFUNCTYPE(None, c.POINTER(ArrowArrayStream))),
    ("private_data", c.c_void_p),
]


class ArrowOptions(Sized):
    """``struct lc_arrow_options``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("view", c.c_void_p),
        ("prediction", c.c_void_p),
        ("batch", c.c_uint64),
        ("show", c.c_int),
    ]


class Span(c.Structure):
    """``struct lc_span``"""

    _fields_ = [("text", c.c_void_p), ("size", c.c_size_t)]


class VerdictOptions(Sized):
    """``struct lc_verdict_options``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("trainer", c.c_char_p),
        ("selection", c.POINTER(Selection)),
        ("show", c.c_int),
    ]


class ImportBatch(c.Structure):
    """``struct lc_import_batch``"""

    _fields_ = [
        ("size", c.c_size_t),
        ("schema", c.c_void_p),
        ("array", c.c_void_p),
        ("roles", c.c_char_p),
        ("images", c.c_char_p),
        ("folder", c.c_char_p),
        ("file", c.c_char_p),
        ("group", c.c_uint64),
        ("first_in_group", c.c_uint64),
        ("first_row", c.c_uint64),
    ]


class ImportCounts(c.Structure):
    """``struct lc_import_counts``"""

    _fields_ = [
        ("rows", c.c_uint64),
        ("rows_text_only", c.c_uint64),
        ("images", c.c_uint64),
        ("image_bytes", c.c_uint64),
        ("states", c.c_uint64 * 16),
    ]


_P = c.c_void_p  # an opaque handle
_OUT = c.POINTER(c.c_void_p)
_ERR = c.POINTER(Error)
_STRINGS = c.POINTER(c.c_char_p)

# name: (type of the result, types of the arguments)
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "lc_version": (c.c_char_p, []),
    "lc_check": (c.c_int, [c.POINTER(CheckOptions), _OUT, _ERR]),
    "lc_verify": (c.c_int, [c.POINTER(VerifyOptions), _OUT, _ERR]),
    "lc_manifest_new": (c.c_int, [c.POINTER(ManifestOptions), _OUT, _ERR]),
    "lc_manifest_free": (None, [_P]),
    "lc_manifest_counts": (c.POINTER(ManifestCounts), [_P]),
    "lc_manifest_write_to": (c.c_int, [_P, WRITE, _P, _ERR]),
    "lc_image_state_name": (c.c_char_p, [c.c_int]),
    "lc_inspector_new": (c.c_int, [_OUT, _ERR]),
    "lc_inspector_free": (None, [_P]),
    "lc_inspect": (c.c_int, [_P, _P, c.c_size_t, c.POINTER(Inspected), _ERR]),
    "lc_importer_new": (c.c_int, [_OUT, _ERR]),
    "lc_importer_free": (None, [_P]),
    "lc_importer_write": (
        c.c_int,
        [_P, c.POINTER(ImportBatch), c.POINTER(ImportCounts), _ERR],
    ),
    "lc_importer_render": (c.c_int, [_P, c.POINTER(ImportBatch), _ERR]),
    "lc_importer_check": (c.c_int, [_P, c.POINTER(CheckOptions), _OUT, _ERR]),
    "lc_importer_verdicts": (
        c.c_int,
        [_P, c.POINTER(CheckOptions), c.POINTER(VerdictOptions), c.POINTER(ArrowArrayStream), _ERR],
    ),
    "lc_importer_rows": (Span, [_P]),
    "lc_importer_mapping": (Span, [_P]),
    "lc_importer_subject": (c.c_char_p, [_P]),
    "lc_import_suffix": (None, [c.c_char_p, c.c_size_t, c.c_char_p, c.c_size_t, c.c_char_p]),
    "lc_import_can_render": (c.c_int, [_P]),
    "lc_index_open": (c.c_int, [_STRINGS, c.c_size_t, _OUT, _ERR]),
    "lc_index_detach": (c.c_int, [_P, c.c_size_t, _ERR]),
    "lc_index_close": (None, [_P]),
    "lc_index_summary": (c.POINTER(Summary), [_P]),
    "lc_index_verification": (_P, [_P]),
    "lc_index_caveat": (c.c_char_p, [_P]),
    "lc_view_new": (c.c_int, [_P, c.POINTER(Selection), _OUT, _ERR]),
    "lc_view_free": (None, [_P]),
    "lc_view_counts": (c.POINTER(ViewCounts), [_P]),
    "lc_prediction_new": (c.c_int, [_P, c.c_char_p, c.c_bool, _OUT, _ERR]),
    "lc_prediction_new_of_each": (c.c_int, [_P, c.c_char_p, _OUT, _ERR]),
    "lc_prediction_free": (None, [_P]),
    "lc_prediction_stops": (c.c_int, [_P, _P, c.POINTER(c.c_bool), _ERR]),
    "lc_prediction_is_unsure": (c.c_bool, [_P]),
    "lc_report_write_to": (c.c_int, [_P, c.POINTER(ReportOptions), WRITE, _P, _ERR]),
    "lc_report_format_at": (c.POINTER(ReportFormatInfo), [c.c_size_t]),
    "lc_report_is_one": (c.c_bool, [c.c_char_p, c.c_size_t]),
    "lc_dataset_has_file": (
        c.c_int,
        [_STRINGS, c.c_size_t, c.c_char_p, c.POINTER(c.c_bool), _ERR],
    ),
    "lc_thumbnails_new": (c.c_int, [_P, _P, c.POINTER(ThumbnailOptions), _OUT, _ERR]),
    "lc_thumbnails_free": (None, [_P]),
    "lc_diff_write_to": (
        c.c_int,
        [_P, _P, c.POINTER(DiffOptions), WRITE, _P, c.POINTER(c.c_bool), _ERR],
    ),
    "lc_query_write_to": (
        c.c_int,
        [_P, c.POINTER(Query), WRITE, _P, c.POINTER(c.c_uint64), _ERR],
    ),
    "lc_rule_at": (c.POINTER(RuleInfo), [c.c_size_t]),
    "lc_trainer_at": (c.POINTER(TrainerInfo), [c.c_size_t]),
    "lc_arrow_stream": (
        c.c_int,
        [_P, c.c_int, c.POINTER(ArrowOptions), c.POINTER(ArrowArrayStream), _ERR],
    ),
    "lc_arrow_schema": (c.c_int, [c.c_int, c.POINTER(ArrowSchema), _ERR]),
}


def strings(values: list[bytes]) -> Any:
    """Return an array of C strings, or None (NULL) if there are none. It must outlive its use."""
    return (c.c_char_p * len(values))(*values) if values else None
