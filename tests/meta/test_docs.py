"""docs/index-format.md names every table of the index and every field of its records."""

from __future__ import annotations

import re

from tree import ROOT, SRC, public_text, without_comments

TABLES = 15
RECORDS = 10
# Structs whose fields are stored in records
RECORD_STRUCTS = ["lc_file_record", "lc_row_record", "lc_image_record", "lc_finding_record",
                  "lc_summary", "lc_statistics", "lc_histogram", "lc_share",
                  "lc_archive_record", "lc_member_record"]


def format_text() -> str:
    path = ROOT / "docs" / "index-format.md"
    assert path.exists(), "docs/index-format.md is missing"
    return path.read_text()


def is_named(name: str, text: str) -> bool:
    """Whether a name occurs as code, between backquotes: a plain word would match by chance."""
    return any(name in re.findall(r"\w+", code) for code in re.findall(r"`([^`\n]+)`", text))


def table_names() -> list[str]:
    text = (SRC / "index" / "format" / "tables.h").read_text()
    return re.findall(r'LC_TABLE\(\w+, "(\w+)"\)', text)


def fields(struct: str) -> list[str]:
    text = without_comments((SRC / "index" / "format" / "records.h").read_text() +
                            (SRC / "index" / "format" / "statistics.h").read_text()) + public_text()
    body = re.search(rf"struct {struct} \{{(.*?)\}};", text, flags=re.DOTALL)
    assert body, f"no struct {struct}"
    names = re.findall(r"(\w+)(?:\[[^\]]+\])?;", body.group(1))
    assert len(names) == body.group(1).count(";")
    return names


def test_tables_are_named():
    names = table_names()
    assert len(names) == TABLES
    assert [name for name in names if not is_named(name, format_text())] == []


def test_fields_are_named():
    assert len(RECORD_STRUCTS) == RECORDS
    missing = [f"{struct}.{name}" for struct in RECORD_STRUCTS for name in fields(struct)
               if not is_named(name, format_text())]
    assert missing == []


def test_rule_counts_are_described():
    """The two fields are described in words, as values of the keys of meta that begin with count:."""
    assert fields("lc_rule_count") == ["code", "counts"]
    assert re.search(r"\*\*count\*\*: the rule's code in 8 bytes\b", format_text())


def test_keys_of_meta_are_named():
    text = (SRC / "index" / "format" / "tables.h").read_text()
    keys = re.findall(r'#define LC_META_\w+ "([^"]+)"', text)
    assert len(keys) == 12
    assert [key for key in keys if f"`{key}" not in format_text()] == []


def test_schema_is_the_present_one():
    number = re.search(r"#define LC_INDEX_SCHEMA (\d+)",
                       (SRC / "index" / "format" / "records.h").read_text()).group(1)
    assert re.search(rf"[Ss]chema\D{{0,20}}\b{number}\b", format_text())


def test_fields_of_answers_are_named():
    """docs/questions.md names every field that llava-check index writes."""
    text = (ROOT / "docs" / "questions.md").read_text()
    names = [name for path in sorted((SRC / "query").glob("*.c"))
             for name in re.findall(r'\{"(\w+)", LC_FIELD_', path.read_text())]
    assert len(names) > 60
    assert [name for name in names if not is_named(name, text)] == []
