"""Seeds for fuzzing texts: rows, JSON, settings, conditions and so on."""

import functools
import pathlib
import re

import json_texts

SOURCE = pathlib.Path(__file__).resolve().parents[2]
RULES = SOURCE / "fixtures" / "rules"
CORPUS = SOURCE.parent / "shared" / "corpus"  # large, and not part of the source tree
LONGEST = 8192

WORDS_OF_ROWS = [
    b'"id"', b'"image"', b'"video"', b'"conversations"', b'"from"', b'"value"', b'"human"',
    b'"gpt"', b'"role"', b'"content"', b'"data_source"', b'"images"', b"<image>", b"<video>",
    b"</s>", b"[INST]", b"null", b"true", b"NaN", b"-Infinity", b"\\ud83d", b"\\ude00",
    b"\\u0000", b"\\\"", b"\\n", b"\xef\xbb\xbf", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"},{",
    b"\n", b"\r", b"\r\n", b"}\r{", b"\x0c", b"\x1f", b"\xc2\xa0", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe3\x80\x80",
    b"}\n{", b"\n  {\n", b"]", b"[]", b"{}", b"1e999", b"18446744073709551616", b"-0",
]  # fmt: skip

WORDS_OF_DIALECTS = [
    b'"messages"', b'"system"', b'"tools"', b'"user"', b'"assistant"', b'"observation"', b'"tool_call"', b'"instruction"', b'"input"',
    b'"output"', b'"history"', b'"query"', b'"response"', b'"videos"', b'"type"', b'"text"', b'"image_url"', b'"url"', b'"chosen"',
    b'"rejected"', b'"label"', b'"tool_calls"', b"<img>", b"</img>", b"https://", b"data:", b'{"path": "a"}',
]  # fmt: skip

MIXTURES = [
    "datasets:\n  - json_path: a.json\n",
    "datasets:\n  - json_path: a.json\n    sampling_strategy: first:10\n"
    "  - json_path: b.jsonl\n    sampling_strategy: 'end:10%'\n",
    'datasets: [{json_path: "a.json", sampling_strategy: "random:1"}, {json_path: c.json}]\n',
    "datasets:\n  - &a {json_path: a.json}\n  - *a\n",
    "datasets: &x\n  - *x\n",
    "a: &a {json_path: a.json}\ndatasets:\n  - <<: *a\n",
    "datasets: []\n", "datasets:\n", "- json_path: a.json\n", "--- {}\n--- {}\n", "",
    "datasets:\n  - json_path: ~\n", "datasets:\n  - json_path: 12.json\n",
    "datasets:\n  - json_path: gone.json\n", "datasets:\n  - json_path: a.json\n    "
    "sampling_strategy: all:1:2\n", "%YAML 1.1\n---\ndatasets: !!seq [!!map {}]\n",
    "datasets: " + "[" * 40 + "]" * 40 + "\n", "? datasets\n: - ? json_path\n    : b.jsonl\n",
]  # fmt: skip
WORDS_OF_MIXTURES = [
    b"datasets", b"json_path", b"sampling_strategy", b"first:", b"end:", b"random:", b"all",
    b"%", b"a.json", b"b.jsonl", b"c.json", b"<<", b": ", b"- ", b"*a", b"&a ", b"\n  ",
    b"{", b"}", b"[", b"]", b"!!str ", b"---\n", b"|\n", b">\n", b"0x1", b"1_0",
]  # fmt: skip

SETTINGS = [
    "fail-on: warning\nselect: [IMG, CNV303]\nignore: TOK\n",
    "severity: {IMG512: error, TOK: off}\nper-folder-ignores:\n  images/charts: [IMG512]\n"
    "  '**/x*': all\n",
    "severity:\n  - CNV306=info\n  - IMG=off\nthreads: 2\nno-images: true\n",
    "images: pics\nvideos: ../up\nbaseline: base.json\nreport: [json:out.txt, a.html]\n",
    "quiet: true\n", "exit-zero: true\n", "allow-outside: true\nindex: /tmp/x\n",
    "trainer: llava-next\nformat: json\nshow: info\ncolor: never\nmax-findings: 3\n",
    "select: \"IMG501,\\x1b[31m\"\n", "slect: IMG\n", "select: [IMG, [x]]\n", "- a\n", "", "{}",
    "select: &a IMG\nignore: *a\n", "--- {}\n--- {}\n", "\"\\0\": 1\n", "select: IMG\nselect: CNV\n",
    "per-folder-ignores: {'': IMG}\n", "per-folder-ignores: {a: []}\n", "# nothing\n",
]  # fmt: skip

CONDITIONS = [
    "verdict=corrupt", "format=png", "width<100", "size>=10M", "path~coco/", "blank", "!blank",
    "faulty=yes", "mode!=RGB", "detail!~end", "height > 2G", "mtime_ns<=9223372036854775807",
    "content=01020300000000000000000000000000", "verdict=corupt", "wdth<1", "rows==3", " ! blank ",
    "size>99999999999999999999", "width~1", "blank<1", "", "=", "!", "!width=1", "pixels>0K",
]  # fmt: skip

ARGUMENTS = [
    "check\nraw\n--images=pics\n-q\n--fail-on\nwarning", "check\n--where=width<1\nraw",
    "index\nimages\nraw\n--where\nwidth<100\n--format=csv", "report\n-vv\n--\n--x", "check\n-j2\nraw",
    "check\n--report\njson:x\n--report=a.html\n--severity\nIMG=off", "rules\nIMG501", "diff\na\nb",
    "check\n--selct=IMG", "check\n--images", "check\n--images=", "check\n-Z", "help", "check\n-",
    "check\n--threads=0", "check\n--threads=x", "check\n--max-findings\n18446744073709551616",
    "config\n--format=json", "check\n" + "--report=x.json\n" * 20, "x\n--color=\x1b[0m",
]  # fmt: skip

ENTRY = '{"fingerprint":"%032x","rule":"IMG501","place":"coco/1.jpg","reason":""'
BASELINES = [
    '[\n{"llava-check-baseline":1}\n]\n',
    '[\n{"llava-check-baseline":1},\n' + ENTRY % 1 + "}\n]\n",
    '[\n{"llava-check-baseline":1},\n' + ENTRY % 1 + ',"count":3,"expires":"2027-01-31"},\n'
    + ENTRY % 2 + ',"expires":""}\n]\n',
    '[\n{"llava-check-baseline":1},\n' + ENTRY % 1 + "},\n" + ENTRY % 1 + "}\n]\n",
    '[{"llava-check-baseline":2}]', '{"llava-check-baseline":1}\n' + ENTRY % 7 + "}\n", "[]", "",
    '[{"llava-check-baseline":1},{"rule":"IMG501"}]', '[{"llava-check-baseline":1},[]]',
    '[{"llava-check-baseline":1},' + ENTRY % 3 + ',"expires":"2027-02-30"}]',
    '[{"llava-check-baseline":1},' + ENTRY % 3 + ',"count":0}]',
    '[{"llava-check-baseline":1},' + ENTRY % 3 + ',"\\u001b":"x"}]',
]  # fmt: skip
WORDS_OF_BASELINES = [
    b'"fingerprint":', b'"rule":', b'"place":', b'"reason":', b'"expires":', b'"count":',
    b"2000-01-01", b"9999-12-31", b"00000000000000000000000000000001", b"\\u0030", b"4294967296",
    b'{"llava-check-baseline":1}', b"},\n{",
]  # fmt: skip


def encode(items):
    return [item.encode() for item in items]


@functools.cache
def rows():
    """The rows files of the fixtures, and short ones of the corpus."""
    files = sorted(RULES.glob("*.json")) + sorted(RULES.glob("*.jsonl"))
    assert len(files) > 500
    for folder in ("hostile", "json-suite"):
        files += sorted(path for path in (CORPUS / folder).rglob("*") if path.is_file())
    found = []
    for path in files:
        if path.stat().st_size <= LONGEST:
            found.append(path.read_bytes())
    return sorted(set(found))


def json_pieces():
    """Single values: what parsers get wrong, and rows without their array."""
    found = [text for text in json_texts.Y_TEXTS + json_texts.N_TEXTS if len(text) <= 4096]
    for text in rows()[::7]:
        found.append(text.strip().removeprefix(b"[").removesuffix(b"]").strip())
    return sorted(set(found))


@functools.cache
def convert_rows():
    """Rows in every dialect, each with a byte that selects the dialects to convert from and to."""
    shown = (SOURCE / "docs/dialects.md").read_bytes()
    rows = [line for line in shown.splitlines() if line.startswith(b'{"')]
    rows += [text for text in json_pieces() if text.lstrip().startswith(b"{")][:40]
    return [text + bytes([number]) for row, text in enumerate(rows) for number in range(64) if (row + number) % 3 == 0]


def option_names():
    table = (SOURCE / "src" / "cli" / "options.def").read_text(encoding="utf-8")
    names = re.findall(r"^LC_OPTION\(\w+, \"([\w-]+)\"", table, re.MULTILINE)
    assert len(names) > 20
    return [name.encode() for name in names]


def field_names():
    table = "".join((SOURCE / "src/query" / name).read_text(encoding="utf-8") for name in ("images.c", "row.c"))
    return [name.encode() for name in re.findall(r"^    {\"(\w+)\", LC_FIELD", table, re.MULTILINE)]


def settings_words():
    return option_names() + [
        b"per-folder-ignores", b"IMG501", b"CNV", b"all", b"off", b"error", b"true", b"false",
        b": ", b"- ", b"[", b"]", b"{", b"}", b"\n  ", b"..", b"/", b"**", b"\"\\x1b\"", b"\"\\x9b\"",
        b"\"\\L\"", b"'", b"&a ", b"*a", b"---\n", b"|\n ", b"!!str ", b"=off",
    ]  # fmt: skip


def family(name):
    """Return the seeds and the words of a family; None if it is not one of these."""
    if name == "rows":
        return rows(), WORDS_OF_ROWS
    if name == "texts":
        return json_pieces(), WORDS_OF_ROWS
    if name == "convert":
        return convert_rows(), WORDS_OF_ROWS + WORDS_OF_DIALECTS
    if name == "mixture":
        return encode(MIXTURES), WORDS_OF_MIXTURES
    if name == "config":
        each = [option + b": x\n" for option in option_names()]
        return encode(SETTINGS) + each, settings_words()
    if name == "arguments":
        each = [b"check\n--" + option + b"=x" for option in option_names()]
        return encode(ARGUMENTS) + each, [b"\n", b"--", b"=", b"-"] + option_names()
    if name == "baseline":
        return encode(BASELINES), WORDS_OF_BASELINES
    if name == "where":
        signs = [b"<=", b">=", b"!=", b"!~", b"==", b"~", b"!", b"K", b"yes", b"corrupt"]
        return encode(CONDITIONS), field_names() + signs
    return None
