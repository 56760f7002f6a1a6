"""Small texts that JSON parsers get wrong, in the categories of nst/JSONTestSuite.

y_ is JSON, n_ is not, i_ is left to the parser by RFC 8259: there, Python's json decides.
"""

from __future__ import annotations

Y_TEXTS: list[bytes] = [
    # structure and white space
    b"[]", b"{}", b" [ ] ", b"\t\r\n{\t\r\n}\t\r\n", b"[[]   ]", b"[\n1\n,\r\n1]", b"null", b"true", b"false", b'""', b'"x"',
    b"7", b"-0.5", b"[null,true,false,0,\"\",[],{}]", b'{"a":[]}', b"[1]\n", b"[[[[[[[[[[]]]]]]]]]]", b"[" * 500 + b"]" * 500,
    # numbers
    b"0", b"-0", b"0e1", b"0e+1", b"0.0", b"1E22", b"1E-2", b"1E+2", b"123e45", b"123.456e78", b"-1", b"-123",
    b"0." + b"0" * 80 + b"1", b"-1.7976931348623157e308", b"9223372036854775807", b"-9223372036854775808",
    # strings
    rb'"\"\\\/\b\f\n\r\t"', rb'"\u0000"', rb'"\u0060\u012a\u12AB"', rb'"\ud801\udc37"', rb'"\ud83d\ude39\ud83d\udc8d"',
    rb'"\uDBFF\uDFFE"', rb'"\uFFFF\ufdd0\u2064"', rb'"\u0061\u30af\u30EA"', rb'"new\u000Aline"', rb'"\\u0041"', rb'"\\n"',
    rb'"\u0022"', rb'"\u005C"', b'"\x7f"', b'"\xc2\xa0"', b'"\xcf\x80"', b'"\xe2\x82\xac"', b'"\xe2\x80\xa8\xe2\x80\xa9"',
    b'"\xef\xbf\xbf"', b'"\xf0\x9b\xbf\xbf"', b'"\xf4\x8f\xbf\xbf"', b'"\xef\xbb\xbf"', b'"a/*b*/c/*d//e"',
    # objects
    b'{"a":"b","a":"c"}', b'{"a":"b","a":"b"}', b'{"":0}', rb'{"foo\u0000bar":42}', b'{"min":-1.0e+28,"max":1.0e+28}',
    b'{"x":[{"id":"' + b"x" * 40 + b'"}],"id":"' + b"x" * 40 + b'"}', b'{\n"a":"b"\n}',
]  # fmt: skip

N_TEXTS: list[bytes] = [
    # nothing, and text around a value
    b"", b" ", b"\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf{}", b"\xef\xbb", b"\x00", b"[]\x00", b"\x00[]", b"[1]x", b"[1]]", b"[][]", b"{}}",
    b"1]", b'""x', b"2@", b"]", b"}", b"[" * 5000, b'[{"":' * 5000, b"*", b"<null>", b"nan", b"\xe2\x81\xa0", b"[\xe2\x81\xa0]", b"[\x0c]",
    b"[\xc2\xa0]", b"\xc3\xa5", b'\\u000A""',
    # arrays
    b"[", b"[1", b"[1,", b"[1,]", b'["",]', b"[1,,]", b"[,]", b"[,1]", b"[1,,2]", b"[1 2]", b'["a" "b"]', b'["": 1]', b"[1:2]", b"[3[4]]",
    b"[}", b"[1}", b'["x"', b"[''", b"[*]", b"[x", b'["",\n4\n,1', b"[-]", b"[1\n]]",
    # objects
    b"{", b"{]", b"{[", b"{,", b'{"', b'{"a', b'{"a"', b'{"a"}', b'{"a":', b'{"a":}', b'{"a":"b"', b'{"a":"a', b'{"a" 1}', b'{"a",1}',
    b'{"a"::1}', b'{"a":1,}', b'{"a":1,,}', b'{"a":1,,"b":2}', b'{"a":1 "b":2}', b'{"a":1 2}', b"{a:1}", b"{1:1}", b"{null:null}",
    b"{'a':1}", b'{"a":1]', b'{"a":"b"}#', b'{"a":"b"}/**/', b'{"a":"b"}//', b'{"a":/*x*/"b"}', b'{"a":"b",#', b'{"a" b}', b'{:"b"}',
    b'{"a":true,"b":', b"{9999E9999:1}", b'{"x":"y","a"}', b'{ "a" : "b" "c" }',
    # words
    b"nul", b"tru", b"fals", b"[nul", b"[nullx]", b"True", b"TRUE", b"None", b"[a]", b"undefined", b"truefalse", b"[true", b"[fals]",
    # numbers
    b"+1", b"-", b"--1", b"-+1", b"+-1", b"++1", b"01", b"-01", b"012", b"1.", b"-1.", b".1", b"-.1", b"1..2", b"1.2.3", b"1e", b"1e+", b"1E-",
    b"1.e1", b"0e", b"0e+-1", b"1eE2", b"1e1.5", b"0x1", b"0X1F", b"1_000", b"1,000", b"1 000", b"1f", b"1L", b"Inf", b"-Inf", b"+Infinity",
    b"-NaN", b"[-foo]", b"[1+2]", b"[1ea]", b"[1a]", b"[- 1]", b"\xef\xbc\x91", b"[0\xe5]", b"[123\xe5]", b"[1e1\xe5]", b"2.e+3",
    # strings
    b'"', b'"a', b"'a'", b"a", b'"\\"', b'"\\', b'"\\\\\\"', b'"\n"', b'"\t"', b'"\x00"', b'"a\x1fb"', rb'"\x00"', rb'"\a"', rb"'\n'", rb'"\u"',
    rb'"\u1"', rb'"\u12"', rb'"\u123"', rb'"\u123g"', rb'"\U0041"', rb'"\ud834\u"', rb'"\ud834\u1"', rb'"\ud834\u1x"', rb'"\ud834\ud"',
    b'"\\\xe5"', b'"\\u\xe5"', b'"\\\xf0\x9f\x98\x80"', b"\\n", b'"\\\x00"', b'"\\ "', b'"\xff', b'"a\xe2\x82',
    # texts that end within a token
    rb'"\u1234', rb'"\ud83d\ude', rb'"\ud83d\ude00', b"[1.+", b"1.5.", b"1e5e", b"[1.5e", b"[-", b"-I", b"-Infinit", b"Na", b"[Infinit",
]  # fmt: skip

I_TEXTS: list[bytes] = [
    # numbers beyond machine types
    b"1e999", b"-1e999", b"1e-999", b"123123e100000", b"0.4e00669999999999999999999999999999999999999999999", b"100000000000000000000",
    b"-100000000000000000000", b"9223372036854775808", b"-9223372036854775809", b"18446744073709551615", b"18446744073709551616",
    b"1" * 4300, b"1" * 4301, b"-" + b"1" * 4300, b"-" + b"1" * 4301, b"[1e5,NaN]", b"NaN", b"Infinity", b"-Infinity", b'{"a":-Infinity}',
    # surrogates
    rb'"\ud800"', rb'"\udc00"', rb'{"\udc00":0}', rb'"\ud800\n"', rb'"\ud888\u1234"', rb'"\ud800\ud800\n"', rb'"\ud83d\ud83d\ude00"',
    rb'"\udd1e\ud834"', rb'"\ud800abc"', rb'"\ud83d\\ude00"',
    # bytes that are not UTF-8
    b'"\xff"', b'"\x81"', b'"\xe9"', b'"\xc0\xaf"', b'"\xe0\xff"', b'"\xed\xa0\x80"', b'"\xf4\xbf\xbf\xbf"', b'"\xf8\x88\x80\x80\x80"',
    b'"\xfc\x83\xbf\xbf\xbf\xbf"', b'"\xe6\x97\xa5\xd1\x88\xfa"', b'"\xe6\x97"', b"[\xff]", b"\xff\xfe[\x00]\x00", b"\x00[\x00]", b"[\x00]\x00",
    # depth
    b"[" * 850 + b"]" * 850, b'{"a":' * 400 + b"1" + b"}" * 400,
]  # fmt: skip


def table() -> list[tuple[str, bytes]]:
    """Return every text with its name, which begins with its category."""
    groups = (("y", Y_TEXTS), ("n", N_TEXTS), ("i", I_TEXTS))
    return [(f"{kind}_{i}", text) for kind, texts in groups for i, text in enumerate(texts)]
