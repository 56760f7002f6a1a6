"""Seeds for fuzzing indexes and whole data sets."""

import re
import struct

import fuzz_texts
import image_seeds

# ---- records: see docs/index-format.md ----

# By the kind in fuzz_records.c: s is a string, h a hash, n a LEB128 number, t a string with a LEB128
# length; others as in struct.
FIELDS = [
    "sQqqQQhQQBsQ",  # file
    "nnnnnnnnnnnnnnBBBBhQQQBBBtt",  # row
    "tBnqqnnhttnnnnBBnnBBBBBtBn",  # image
    "BBtttnnnnnnntn",  # finding
    "Q" * 17,  # summary
    None,  # statistics: statistics_fields
    "sQQQQ",  # share
    "BBBBBBBBQQQ",  # rule_count
]
IMAGE = 2


def record(fields, number=1, text=b"a.jpg"):
    out = b""
    for field in fields:
        if field == "s":
            out += struct.pack(">I", len(text)) + text
        elif field == "t":
            out += bytes([len(text)]) + text
        elif field == "n":
            out += bytes([number])
        elif field == "h":
            out += bytes(range(16))
        else:
            out += struct.pack(">" + field, number)
    return out


def defined(header, name):
    text = (fuzz_texts.SOURCE / "src" / header).read_text(encoding="utf-8")
    return int(re.search(rf"^#define {name} (\d+)", text, re.MULTILINE)[1])


def statistics_fields():
    scripts = defined("base/measure.h", "LC_SCRIPT_COUNT") + 1
    return "Q" * (4 + scripts + 5 * (3 + defined("index/format/statistics.h", "LC_BUCKETS")) + 1)


def records():
    found = []
    for kind, fields in enumerate(FIELDS):
        fields = fields or statistics_fields()
        for number in (0, 1, 2):
            for text in (b"", b"a.jpg", b"\xff\n\x1b"):
                found.append(bytes([kind]) + record(fields, number, text))
    return sorted(set(found))


# ---- a journal ----


def block(data):
    return struct.pack("<H", len(data)) + data


def images_block(*paths):
    images = [record(FIELDS[IMAGE], 1, path) for path in paths]
    return block(b"i" + b"".join(struct.pack(">I", len(image)) + image for image in images))


def journals():
    run = block(b"R" + struct.pack(">q", 5))
    return [
        b"\1",
        b"\0LCJ1" + bytes(30),
        b"\1" + run,
        b"\1" + run + images_block(b"a.jpg", b"b.jpg"),
        b"\1" + run + images_block(b"b.jpg", b"a.jpg", b"b.jpg") + run + images_block(b"a.jpg"),
        b"\1" + run + images_block(b"added.jpg", b""),
        b"\1" + images_block(b"a.jpg") + run + images_block(b"c")[:-3],
        b"\1" + run + block(b"i" + struct.pack(">I", 0xFFFFFFFF) + b"x"),
    ]


# ---- an index ----

TABLES = 12
CHANGES = 5


def change(table, which, what, at, data):
    return bytes([table, which, what]) + struct.pack("<HB", at, len(data)) + data


def indexes():
    found = [b""]
    for table in range(TABLES):
        for what in range(CHANGES):
            found.append(change(table, table % 3, what, 4 * what, b"\xff\xff\xff\xff"))
        for at in range(0, 48, 8):
            found.append(change(table, 1, 0, at, b"\0\0\0\2") + change(table, 0, 0, at, b"\1"))
    return found


# ---- pages of LMDB ----

PAGE_CHANGES = 7
PAGES = 64  # the sound file has more


def page_change(kind, page, at, rest):
    return struct.pack("<BHH", kind, page, at) + rest


def pages():
    """Each kind of change, in heads of pages and inside; also several at once."""
    found = [b""]
    for page in range(PAGES):
        kind = page % PAGE_CHANGES
        for at in (0, 8, 10, 12, 14, 16, 20, 24, 40, 88, 128, 3000):
            one = page_change(kind, page, at, b"\4\2\0\0\0")
            found.append(one)
            found.append(one + page_change(2, page + 1, at + 2, b"\x82"))
    return found


# ---- a whole data set ----

NAMES = ["0.jpg", "1.jpg", "2.png", "3.gif", "4.webp", "5.bmp", "6.tif", "a/7.jpg", "A/7.jpg"]
LONGEST_PICTURE = 6000


def part(letter, data):
    return b"\x1e@" + letter + b"\n" + data


def rows_of(names):
    turns = '[{"from":"human","value":"<image>\\nWhat?"},{"from":"gpt","value":"A cat."}]'
    rows = [f'{{"id":"{name}","image":"{name}","conversations":{turns}}}' for name in names]
    return ("[" + ",\n".join(rows) + "]").encode()


def letter_of(data):
    beginnings = [(b"\xff\xd8", b"0"), (b"\x89PNG", b"2"), (b"GIF8", b"3"), (b"RIFF", b"4"),
                  (b"BM", b"5"), (b"II", b"6"), (b"MM", b"6")]  # fmt: skip
    return next((letter for begin, letter in beginnings if data.startswith(begin)), b"9")


def programs():
    pictures = [data for _, data in image_seeds.seeds() if len(data) <= LONGEST_PICTURE]
    assert len(pictures) > 20
    rows = part(b"r", rows_of(NAMES))
    found = [b"\0\0" + rows + part(letter_of(data), data) for data in pictures[::3]]
    found += [b"\x80" + bytes([number]) + part(b"r", text) + part(b"0", pictures[number % 9])
              for number, text in enumerate(fuzz_texts.rows()[::16])]
    found += [bytes([number]) + part(b"l", b"{}\n" + text) + part(b"b", b"[]")
              for number, text in enumerate(fuzz_texts.rows()[::61])]
    found += [b"\0\0" + rows + part(b"m", text.replace("a.json", "rows.json").encode())
              for text in fuzz_texts.MIXTURES]
    found.append(b"\1" + rows + part(b"b", fuzz_texts.BASELINES[2].encode()))
    twice = pictures[0]
    found.append(b"\2" + rows + b"".join(part(letter, twice) for letter in
                                         (b"0", b"1", b"2", b"7", b"8")))  # fmt: skip
    return found


def family(name):
    """Return the seeds and the words of a family."""
    if name == "records":
        return records(), [b"\xff\xff\xff\xff", b"\0\0\0\1"]
    if name == "journal":
        return journals(), [b"\x09\0R", b"i", b"LCJ2"]
    if name == "index":
        return indexes(), [b"\xff\xff\xff\xff", b"\0\0\0\0\0\0\0\0"]
    if name == "pages":
        return pages(), [struct.pack("<Q", 2**64 - 1), struct.pack("<H", 4096), b"\x02\0", b"\x04\0"]
    assert name == "program", name
    marks = [part(letter, b"") for letter in (b"r", b"l", b"m", b"b", b"0", b"2", b"5")]
    return programs(), marks + fuzz_texts.WORDS_OF_ROWS + [name.encode() for name in NAMES]
