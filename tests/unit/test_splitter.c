/* test_splitter.c - src/json/splitter: texts of files, and the pieces they are cut into
 */
#include "unit.h"

#include "base/buffer.h"
#include "json/splitter.h"

/* Cut a text and write its pieces, one a line:
 *
 *     row 0 @1 1:2 {"id": 1}
 *     broken 1 @12 1:13 cut-off+6 {"id": "a       (+ the offset in the row)
 *     file @20 2:1 no-rows: the file contains no rows            (#1: after row 1)
 *
 * A row that ends at the end of the file has a $ at its end; before that is the white
 * space that only str.strip removes (~U+00A0+8: 8 bytes from the row's start). Free with
 * lc_buffer_clear. */
static const char *const fault_names[] = {
    [LC_JSON_FINE] = "fine",
    [LC_JSON_SYNTAX] = "syntax",
    [LC_JSON_CUT_OFF] = "cut-off",
    [LC_JSON_NOT_UTF8] = "not-utf8",
    [LC_JSON_TOO_DEEP] = "too-deep",
    [LC_JSON_BOM] = "bom",
    [LC_JSON_LFS_POINTER] = "lfs-pointer",
    [LC_JSON_SPLIT_ROW] = "split-row",
    [LC_JSON_TOO_LONG] = "too-long",
    [LC_JSON_NOT_ROWS] = "not-rows",
    [LC_JSON_NO_ROWS] = "no-rows",
    [LC_JSON_BLANK_LINE] = "blank-line",
    [LC_JSON_RETURN] = "return",
};

static void write_piece(const struct lc_piece *piece, const char *text, size_t size,
                        struct lc_buffer *out)
{
    const char *fault = fault_names[piece->problem.fault];
    unsigned long long at = piece->place.offset, line = piece->place.line,
                       column = piece->place.column;
    enum lc_status status;

    assert_true(at + piece->size <= size);
    if (piece->kind == LC_PIECE_FILE && piece->has_row)
        status = lc_buffer_printf(out, NULL, "file #%llu @%llu %llu:%llu %s: %s",
                                  (unsigned long long)piece->row, at, line, column, fault,
                                  piece->problem.message);
    else if (piece->kind == LC_PIECE_FILE)
        status = lc_buffer_printf(out, NULL, "file @%llu %llu:%llu %s: %s", at, line,
                                  column, fault, piece->problem.message);
    else if (piece->kind == LC_PIECE_BROKEN)
        status = lc_buffer_printf(out, NULL, "broken %llu @%llu %llu:%llu %s+%u %.*s",
                                  (unsigned long long)piece->row, at, line, column, fault,
                                  piece->problem.offset, (int)piece->size, text + at);
    else
        status = lc_buffer_printf(out, NULL, "row %llu @%llu %llu:%llu %.*s",
                                  (unsigned long long)piece->row, at, line, column,
                                  (int)piece->size, text + at);
    assert_int_equal(status, LC_OK);
    if (piece->space.point)
        status = lc_buffer_printf(out, NULL, " ~U+%04X+%u", (unsigned)piece->space.point,
                                  piece->space.offset);
    assert_int_equal(status, LC_OK);
    status = lc_buffer_printf(out, NULL, "%s\n", piece->at_end ? " $" : "");
    assert_int_equal(status, LC_OK);
}

static struct lc_buffer split(const char *text, size_t size, bool by_name, bool *lines)
{
    char *copy = grab(size + LC_JSON_PADDING);
    struct lc_splitter *splitter = NULL;
    struct lc_buffer out = {0};
    struct lc_piece piece;
    uint64_t before = 0;
    bool more = true;

    memcpy(copy, text, size);
    memset(copy + size, '}', LC_JSON_PADDING); /* what follows must not matter */
    assert_int_equal(lc_splitter_new(copy, size, by_name, &splitter, NULL), LC_OK);
    assert_int_equal(lc_buffer_printf(&out, NULL, "%s", ""), LC_OK);
    for (;;) {
        more = lc_splitter_next(splitter, &piece);
        if (!more)
            break;
        write_piece(&piece, copy, size, &out);
        assert_true(lc_splitter_offset(splitter) >= before);
        assert_true(lc_splitter_offset(splitter) <= size);
        before = lc_splitter_offset(splitter);
    }
    *lines = lc_splitter_lines(splitter);
    more = lc_splitter_next(splitter, &piece);
    assert_false(more); /* the end is final */
    lc_splitter_free(splitter);
    free(copy);
    return out;
}

struct file_case {
    const char *text;
    size_t size;
    const char *pieces;
};

static void check(const struct file_case *cases, size_t count, bool by_name, bool lines)
{
    for (size_t i = 0; i < count; i++) {
        bool read_as_lines = false;
        struct lc_buffer got =
            split(cases[i].text, cases[i].size, by_name, &read_as_lines);

        if (strcmp(got.data, cases[i].pieces) != 0)
            fail_msg("case %zu, %s\nis cut into\n%swhere wanted was\n%s", i,
                     cases[i].text, got.data, cases[i].pieces);
        assert_int_equal(read_as_lines, lines);
        lc_buffer_clear(&got);
    }
}

static void arrays(void **state)
{
    static const struct file_case cases[] = {
        {BYTES("[{\"id\":1}]"), "row 0 @1 1:2 {\"id\":1}\n"},
        {BYTES("[{\"id\":1},{\"id\":2}]"),
         "row 0 @1 1:2 {\"id\":1}\nrow 1 @10 1:11 {\"id\":2}\n"},
        {BYTES(" [ {\"id\":1} , {\"id\":2} ] \n"),
         "row 0 @3 1:4 {\"id\":1}\nrow 1 @14 1:15 {\"id\":2}\n"},
        {BYTES("[\n  {\n    \"id\": 1\n  },\n  {\n    \"id\": 2\n  }\n]\n"),
         "row 0 @4 2:3 {\n    \"id\": 1\n  }\nrow 1 @25 5:3 {\n    \"id\": 2\n  }\n"},
        {BYTES("[\r\n{\"id\":1},\r\n{\"id\":2}\r\n]\r\n"),
         "row 0 @3 2:1 {\"id\":1}\nrow 1 @14 3:1 {\"id\":2}\n"},
        /* columns are characters, offsets are bytes */
        {BYTES("[{\"id\":\"\xC3\xA9\"},{\"id\":2}]"),
         "row 0 @1 1:2 {\"id\":\"\xC3\xA9\"}\nrow 1 @13 1:13 {\"id\":2}\n"},
        /* brackets and quotes in strings, nesting */
        {BYTES("[{\"a\":\"}]\\\"{\"},{\"b\":[{\"c\":{}}]}]"),
         "row 0 @1 1:2 {\"a\":\"}]\\\"{\"}\nrow 1 @15 1:16 {\"b\":[{\"c\":{}}]}\n"},
        /* elements that are not objects are rows, too: a rule reports them */
        {BYTES("[1, \"a]\", null, [2], true, -1.5e3]"),
         "row 0 @1 1:2 1\nrow 1 @4 1:5 \"a]\"\nrow 2 @10 1:11 null\n"
         "row 3 @16 1:17 [2]\nrow 4 @21 1:22 true\nrow 5 @27 1:28 -1.5e3\n"},
        {BYTES("[{}, {}]"), "row 0 @1 1:2 {}\nrow 1 @5 1:6 {}\n"},
        {BYTES("[]"), "file @2 1:3 no-rows: the file contains no rows\n"},
        {BYTES(" [\n] "), "file @5 2:3 no-rows: the file contains no rows\n"},
        {BYTES("\xEF\xBB\xBF[{\"id\":1}]"),
         "file @0 1:1 bom: the file begins with a byte order mark\n"
         "row 0 @4 1:2 {\"id\":1}\n"},
        {BYTES("[NaN]"), "row 0 @1 1:2 NaN\n"},
        /* rows that a parser will refuse, but whose end is known */
        {BYTES("[{\"id\":1,},{\"id\" 2}]"),
         "row 0 @1 1:2 {\"id\":1,}\nrow 1 @11 1:12 {\"id\" 2}\n"},
    };
    EXPECT_CASES(cases, 14);

    (void)state;
    check(cases, COUNT(cases), false, false);
}

static void faulty_arrays(void **state)
{
    static const struct file_case cases[] = {
        {BYTES("[{\"id\":1},]"), "row 0 @1 1:2 {\"id\":1}\n"
                                 "file #0 @9 1:10 syntax: trailing comma before ]\n"},
        {BYTES("[{\"id\":1} ,\n ]\n"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "file #0 @10 1:11 syntax: trailing comma before ]\n"},
        {BYTES("[{\"id\":1},,{\"id\":2}]"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "file #0 @10 1:11 syntax: a comma without a row before it\n"
         "row 1 @11 1:12 {\"id\":2}\n"},
        {BYTES("[,{\"id\":2}]"), "file @1 1:2 syntax: a comma without a row before it\n"
                                 "row 0 @2 1:3 {\"id\":2}\n"},
        {BYTES("[{\"id\":1}\n{\"id\":2}]"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "file #0 @10 2:1 syntax: expecting ',' delimiter between rows\n"
         "row 1 @10 2:1 {\"id\":2}\n"},
        {BYTES("[{\"id\":1} x {\"id\":2}]"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "file #0 @10 1:11 syntax: expecting ',' delimiter between rows\n"
         "row 1 @12 1:13 {\"id\":2}\n"},
        {BYTES("[{\"id\":1}] x"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "file @11 1:12 not-rows: text follows the closing ] of the array\n"},
        {BYTES("[{\"id\":1}]\n[{\"id\":2}]"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "file @11 2:1 not-rows: text follows the closing ] of the array\n"
         "row 1 @12 2:2 {\"id\":2}\n"},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    check(cases, COUNT(cases), false, false);
}

static void cut_arrays(void **state)
{
    static const struct file_case cases[] = {
        {BYTES("["), "file @1 1:2 cut-off: the file ends inside the array\n"},
        {BYTES("[\n"), "file @2 2:1 cut-off: the file ends inside the array\n"},
        {BYTES("[{\"id\":1}"), "row 0 @1 1:2 {\"id\":1} $\n"
                               "file @9 1:10 cut-off: the file ends inside the array\n"},
        {BYTES("[{\"id\":1},\n"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "file @11 2:1 cut-off: the file ends inside the array\n"},
        {BYTES("[{\"id\":1},{"),
         "row 0 @1 1:2 {\"id\":1}\nbroken 1 @10 1:11 cut-off+1 { $\n"},
        {BYTES("[{\"id\":1},{\"id"),
         "row 0 @1 1:2 {\"id\":1}\nbroken 1 @10 1:11 cut-off+1 {\"id $\n"},
        {BYTES("[{\"id\":1},{\"id\":\"a\xC3"),
         "row 0 @1 1:2 {\"id\":1}\nbroken 1 @10 1:11 cut-off+6 {\"id\":\"a\xC3 $\n"},
        {BYTES("[1, tru"), "row 0 @1 1:2 1\nbroken 1 @4 1:5 cut-off+0 tru $\n"},
        {BYTES("[\""), "broken 0 @1 1:2 cut-off+0 \" $\n"},
    };
    EXPECT_CASES(cases, 9);

    (void)state;
    check(cases, COUNT(cases), false, false);
}

/* Rows whose end is not clear from the brackets: the next row must still be found. */
static void broken_rows(void **state)
{
    static const struct file_case cases[] = {
        /* a raw newline in a string; the row ends where the next begins */
        {BYTES("[{\"id\":1},{\"id\":\"a\nb\"},{\"id\":3}]"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "broken 1 @10 1:11 syntax+8 {\"id\":\"a\nb\"},\n"
         "row 2 @23 2:5 {\"id\":3}\n"},
        /* a missing quote: the string continues into the next row */
        {BYTES("[{\"id\":1},\n{\"id\":\"a},\n{\"id\":3}]"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "broken 1 @11 2:1 syntax+10 {\"id\":\"a},\n\n"
         "row 2 @22 3:1 {\"id\":3}\n"},
        /* a bracket that does not match */
        {BYTES("[{\"id\":1},{\"id\":[2},{\"id\":3}]"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "broken 1 @10 1:11 syntax+8 {\"id\":[2},\n"
         "row 2 @20 1:21 {\"id\":3}\n"},
        /* the last row is broken: the array is closed after it */
        {BYTES("[{\"id\":1},{\"id\":[2}]"),
         "row 0 @1 1:2 {\"id\":1}\nbroken 1 @10 1:11 syntax+8 {\"id\":[2}\n"},
        {BYTES("[{\"id\":1},{\"id\":[2}\n]\n"),
         "row 0 @1 1:2 {\"id\":1}\nbroken 1 @10 1:11 syntax+8 {\"id\":[2}\n\n"},
        /* text that is not a value */
        {BYTES("[{\"id\":1}, oops, {\"id\":3}]"),
         "row 0 @1 1:2 {\"id\":1}\nbroken 1 @11 1:12 syntax+0 oops, \n"
         "row 2 @17 1:18 {\"id\":3}\n"},
        /* invalid UTF-8 takes precedence over bad syntax, as in Python */
        {BYTES("[{\"id\":1},{\"id\":\"\xFF\nb\"},{\"id\":3}]"),
         "row 0 @1 1:2 {\"id\":1}\n"
         "broken 1 @10 1:11 not-utf8+7 {\"id\":\"\xFF\nb\"},\n"
         "row 2 @23 2:5 {\"id\":3}\n"},
        /* pretty-printed: an inner object that begins like a row is not a row */
        {BYTES("[\n  {\n    \"id\": [{\n      \"id\": 0\n    }]\n  },\n  {\n    \"id\": "
               "[\n "
               "     {\n      \"id\": 1\n    }\n  },\n  {\n    \"id\": 2\n  }\n]"),
         "row 0 @4 2:3 {\n    \"id\": [{\n      \"id\": 0\n    }]\n  }\n"
         "broken 1 @47 7:3 syntax+44 {\n    \"id\": [\n      {\n      \"id\": 1\n    }\n "
         " "
         "},\n  \n"
         "row 2 @96 13:3 {\n    \"id\": 2\n  }\n"},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    check(cases, COUNT(cases), false, false);
}

#define BLANK_OF "blank-line: a blank line, which json.loads rejects "
#define RETURN "return: the line before ends in a carriage return\n"
#define BLANK "blank-line: a blank line, which json.loads rejects\n"

static void json_lines(void **state)
{
    static const struct file_case cases[] = {
        {BYTES("{\"id\":1}\n{\"id\":2}\n"),
         "row 0 @0 1:1 {\"id\":1}\nrow 1 @9 2:1 {\"id\":2}\n"},
        {BYTES("{\"id\":1}\n{\"id\":2}"),
         "row 0 @0 1:1 {\"id\":1}\nrow 1 @9 2:1 {\"id\":2} $\n"},
        {BYTES("{\"id\":1}\r\n{\"id\":2}\r\n"),
         "row 0 @0 1:1 {\"id\":1}\nrow 1 @10 2:1 {\"id\":2}\n"},
        {BYTES("  {\"id\":1}  \n\t{\"id\":2}\n"),
         "row 0 @2 1:3 {\"id\":1}\nrow 1 @14 2:2 {\"id\":2}\n"},
        {BYTES("{\"id\":1}\n"), "row 0 @0 1:1 {\"id\":1}\n"},
        {BYTES("{\"id\":1}"), "row 0 @0 1:1 {\"id\":1} $\n"},
        /* a broken line is a row, whatever it contains */
        {BYTES("{\"id\":1}\n{\"id\n{\"id\":3}\n"),
         "row 0 @0 1:1 {\"id\":1}\nrow 1 @9 2:1 {\"id\nrow 2 @14 3:1 {\"id\":3}\n"},
        {BYTES("{\"id\":\"a\n{\"id\":2}\n"),
         "row 0 @0 1:1 {\"id\":\"a\nrow 1 @9 2:1 {\"id\":2}\n"},
        {BYTES("{\"id\":1}\nnull\n7\n"),
         "row 0 @0 1:1 {\"id\":1}\nrow 1 @9 2:1 null\nrow 2 @14 3:1 7\n"},
        {BYTES("\xEF\xBB\xBF{\"id\":1}\n{\"id\":2}\n"),
         "file @0 1:1 bom: the file begins with a byte order mark\n"
         "row 0 @3 1:1 {\"id\":1}\nrow 1 @12 2:1 {\"id\":2}\n"},
    };
    /* the name decides if the content does not */
    static const struct file_case comma[] = {
        {BYTES("{\"id\":1},\n{\"id\":2}\n"),
         "row 0 @0 1:1 {\"id\":1},\nrow 1 @10 2:1 {\"id\":2}\n"},
        {BYTES("{\"id\":1},\n{\"id\":2}\n"), "file @0 1:1 not-rows: the top level is a "
                                             "single object, not an array of rows\n"},
    };
    EXPECT_CASES(cases, 10);

    (void)state;
    check(cases, COUNT(cases), true, true);
    check(&comma[0], 1, true, true);
    check(&comma[1], 1, false, false);
}

/* Line ends are those of Python's text files: \n, \r and \r\n. */
static void line_ends(void **state)
{
    static const struct file_case cases[] = {
        {BYTES("{\"id\":1}\r{\"id\":2}\r"),
         "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " RETURN "row 1 @9 2:1 {\"id\":2}\n"},
        {BYTES("{\"id\":1}\r{\"id\":2}"),
         "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " RETURN "row 1 @9 2:1 {\"id\":2} $\n"},
        {BYTES("{\"id\":1}\r\n{\"id\":2}\n{\"id\":3}\r \t{\"id\":4} \r\n"),
         "row 0 @0 1:1 {\"id\":1}\nrow 1 @10 2:1 {\"id\":2}\n"
         "row 2 @19 3:1 {\"id\":3}\nfile @28 4:1 " RETURN "row 3 @30 4:3 {\"id\":4}\n"},
        /* \n\r is two line ends */
        {BYTES("{\"id\":1}\n\r{\"id\":2}\n"),
         "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " BLANK "row 1 @10 3:1 {\"id\":2}\n"},
        {BYTES("{\"id\":1}\r\r{\"id\":2}\r\r\n"),
         "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " BLANK "file @10 3:1 " RETURN
         "row 1 @10 3:1 {\"id\":2}\n"},
        {BYTES("\r\n\r{\"id\":1}\r\n"), "file @0 1:1 " BLANK "row 0 @3 3:1 {\"id\":1}\n"},
        /* between two tokens, and in a string */
        {BYTES("{\"id\":1,\r\"b\":2}\n{\"id\":2}\r"),
         "broken 0 @0 1:1 split-row+0 {\"id\":1,\r\"b\":2}\nrow 1 @16 3:1 {\"id\":2}\n"},
        {BYTES("{\"id\":[1,\r\n\r2\n]}\r{\"id\":2}\r"),
         "broken 0 @0 1:1 split-row+0 {\"id\":[1,\r\n\r2\n]}\n"
         "file @17 5:1 " RETURN "row 1 @17 5:1 {\"id\":2}\n"},
        {BYTES("{\"id\":{}\r,\"b\":2}\n"),
         "row 0 @0 1:1 {\"id\":{}\nfile @9 2:1 " RETURN "row 1 @9 2:1 ,\"b\":2}\n"},
        {BYTES("{\"id\":\"a\rb\"}\n{\"id\":2}\n"),
         "row 0 @0 1:1 {\"id\":\"a\nfile @9 2:1 " RETURN
         "row 1 @9 2:1 b\"}\nrow 2 @13 3:1 {\"id\":2}\n"},
        /* after a row that spans lines, its last line continues */
        {BYTES("{\"id\":\r1} \xC2\xA0\r{\"id\":2}\r"),
         "broken 0 @0 1:1 split-row+0 {\"id\":\r1}\nfile @13 3:1 " RETURN
         "row 1 @13 3:1 {\"id\":2}\n"},
        {BYTES("{\"id\":\r1} 7\r{\"id\":2}\r"),
         "broken 0 @0 1:1 split-row+0 {\"id\":\r1}\nrow 1 @10 2:4 7\n"
         "file @12 3:1 " RETURN "row 2 @12 3:1 {\"id\":2}\n"},
        {BYTES("{\"id\":\r1}"), "broken 0 @0 1:1 split-row+0 {\"id\":\r1} $\n"},
        /* none of these ends a line of a file */
        {BYTES("{\"id\":\v1}\f\x1E{\"id\":2}\xE2\x80\xA9{\"id\":3}\n"),
         "row 0 @0 1:1 {\"id\":\v1}\f\x1E{\"id\":2}\xE2\x80\xA9{\"id\":3}\n"},
        {BYTES("[1]\r[2]\r"),
         "row 0 @0 1:1 [1]\nfile @4 2:1 " RETURN "row 1 @4 2:1 [2]\n"},
        {BYTES("junk\r{\"id\":1}\r"),
         "row 0 @0 1:1 junk\nfile @5 2:1 " RETURN "row 1 @5 2:1 {\"id\":1}\n"},
        {BYTES("\xEF\xBB\xBF\r{\"id\":1}\r\xEF\xBB\xBF{\"id\":2}\r"),
         "file @0 1:1 bom: the file begins with a byte order mark\n"
         "file @3 1:1 " BLANK "row 0 @4 2:1 {\"id\":1}\n"
         "file @13 3:1 " RETURN "row 1 @13 3:1 \xEF\xBB\xBF{\"id\":2}\n"},
    };
    static const struct file_case not_named[] = {
        {BYTES("{\"id\":1}\r{\"id\":2}\r"),
         "file @0 1:1 not-rows: JSON lines in a file that is not named .jsonl\n"
         "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " RETURN "row 1 @9 2:1 {\"id\":2}\n"},
    };
    static const struct file_case arrays[] = {
        {BYTES("[{\"id\":\r1},\r{\"id\":2}]\r"),
         "row 0 @1 1:2 {\"id\":\r1}\nrow 1 @12 1:13 {\"id\":2}\n"},
    };
    EXPECT_CASES(cases, 17);

    (void)state;
    check(cases, COUNT(cases), true, true);
    check(not_named, COUNT(not_named), false, true);
    check(arrays, COUNT(arrays), false, false);
}

/* White space that str.strip removes, but that JSON does not know. */
static void line_space(void **state)
{
    static const struct file_case cases[] = {
        {BYTES("{\"id\":1}\xC2\xA0\n"), "row 0 @0 1:1 {\"id\":1} ~U+00A0+8\n"},
        {BYTES("{\"id\":1} \t\x1F \n"), "row 0 @0 1:1 {\"id\":1} ~U+001F+10\n"},
        {BYTES("{\"id\":1}\xE3\x80\x80"), "row 0 @0 1:1 {\"id\":1} ~U+3000+8 $\n"},
        {BYTES("\xC2\xA0{\"id\":1}\n"), "row 0 @2 1:2 {\"id\":1} ~U+00A0+0\n"},
        {BYTES("\f {\"id\":1}\v\n"), "row 0 @2 1:3 {\"id\":1} ~U+000C+0\n"},
        {BYTES(" \xE2\x80\xA8 {\"id\":1}\r\n\x1C{\"id\":2}\n"),
         "row 0 @5 1:4 {\"id\":1} ~U+2028+0\nrow 1 @16 2:2 {\"id\":2} ~U+001C+0\n"},
        {BYTES("\v\n{\"id\":1}\n"),
         "file @0 1:1 " BLANK_OF "~U+000B+0\nrow 0 @2 2:1 {\"id\":1}\n"},
        /* a broken row, and one that spans lines */
        {BYTES("\f{\"id\":\xC2\x85\n"), "row 0 @1 1:2 {\"id\": ~U+000C+0\n"},
        {BYTES("\f{\"id\":\n1}\f\n"),
         "broken 0 @1 1:2 split-row+0 {\"id\":\n1} ~U+000C+0\n"},
        /* not white space for str.strip, or not at the edge */
        {BYTES("{\"id\":1}\xE2\x80\x8B\n"), "row 0 @0 1:1 {\"id\":1}\xE2\x80\x8B\n"},
        {BYTES("\xEF\xBB\xBF\xEF\xBB\xBF{\"id\":1}\n{}\n"),
         "file @0 1:1 bom: the file begins with a byte order mark\n"
         "row 0 @3 1:1 \xEF\xBB\xBF{\"id\":1}\nrow 1 @15 2:1 {}\n"},
        {BYTES("{\"id\":\xC2\xA0 1}\n"), "row 0 @0 1:1 {\"id\":\xC2\xA0 1}\n"},
        {BYTES("{\"id\":1}\xC2\n\xA0{\"id\":2}\n"),
         "row 0 @0 1:1 {\"id\":1}\xC2\nrow 1 @10 2:1 \xA0{\"id\":2}\n"},
        {BYTES("{\"id\":1}\xE2\x80\n"), "row 0 @0 1:1 {\"id\":1}\xE2\x80\n"},
        {BYTES("{\"id\":1}\x7F\n"), "row 0 @0 1:1 {\"id\":1}\x7F\n"},
    };
    EXPECT_CASES(cases, 15);

    (void)state;
    check(cases, COUNT(cases), true, true);
}

/* All blank lines are skipped; the first is reported, with its position. */
static void blank_lines(void **state)
{
    static const struct file_case cases[] = {
        {BYTES("\n\n  {\"id\":1}  \n \n\t{\"id\":2}\n\n"),
         "file @0 1:1 " BLANK "row 0 @4 3:3 {\"id\":1}\nrow 1 @18 5:2 {\"id\":2}\n"},
        {BYTES("{\"id\":1}\n\n{\"id\":2}\n"),
         "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " BLANK "row 1 @10 3:1 {\"id\":2}\n"},
        {BYTES("{\"id\":1}  \n \t\n  {\"id\":2}\n\n"),
         "row 0 @0 1:1 {\"id\":1}\nfile @11 2:1 " BLANK "row 1 @16 3:3 {\"id\":2}\n"},
        {BYTES("{\"id\":1}\r\n\r\n{\"id\":2}\r\n"),
         "row 0 @0 1:1 {\"id\":1}\nfile @10 2:1 " BLANK "row 1 @12 3:1 {\"id\":2}\n"},
        /* after the last row: a final newline is not a blank line, another one is */
        {BYTES("{\"id\":1}\n\n"), "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " BLANK},
        {BYTES("{\"id\":1}\n  "), "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " BLANK},
        {BYTES("{\"id\":1}\n\t\n"), "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " BLANK},
        {BYTES("{\"id\":1} \t\r\n"), "row 0 @0 1:1 {\"id\":1}\n"},
        {BYTES("{\"id\":1}  "), "row 0 @0 1:1 {\"id\":1} $\n"},
        {BYTES("{\"id\":1}\n  {\"id\":2}"),
         "row 0 @0 1:1 {\"id\":1}\nrow 1 @11 2:3 {\"id\":2} $\n"},
        /* columns are characters, offsets are bytes */
        {BYTES("{\"id\":\"\xC3\xA9\"}\n\n"),
         "row 0 @0 1:1 {\"id\":\"\xC3\xA9\"}\nfile @12 2:1 " BLANK},
        /* a line is blank if str.strip leaves nothing of it */
        {BYTES("{\"id\":1}\n\v\n"),
         "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " BLANK_OF "~U+000B+0\n"},
        {BYTES("{\"id\":1}\n\n \xC2\xA0\n\f\n"),
         "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " BLANK
         "file @10 3:1 fine: a blank line, which json.loads rejects ~U+00A0+0\n"},
        {BYTES("{\"id\":1}\n\x1C\n\n\xC2\x85\n{\"id\":2}\n"),
         "row 0 @0 1:1 {\"id\":1}\nfile @9 2:1 " BLANK_OF
         "~U+001C+0\nrow 1 @15 5:1 {\"id\":2}\n"},
        {BYTES("\xEF\xBB\xBF\n{\"id\":1}\n"),
         "file @0 1:1 bom: the file begins with a byte order mark\n"
         "file @3 1:1 " BLANK "row 0 @4 2:1 {\"id\":1}\n"},
        /* after a row that spans lines */
        {BYTES("{\"id\":\n1}\n\n{\"id\":2}\n"),
         "broken 0 @0 1:1 split-row+0 {\"id\":\n1}\nfile @10 3:1 " BLANK
         "row 1 @11 4:1 {\"id\":2}\n"},
    };
    EXPECT_CASES(cases, 16);

    (void)state;
    check(cases, COUNT(cases), true, true);
}

static void not_rows(void **state)
{
    static const struct file_case cases[] = {
        {BYTES(""), "file @0 1:1 no-rows: the file contains no rows\n"},
        {BYTES(" \n\n"), "file @3 3:1 no-rows: the file contains no rows\n"},
        {BYTES("\xEF\xBB\xBF"),
         "file @0 1:1 bom: the file begins with a byte order mark\n"},
        {BYTES("{\"data\": [{\"id\": 1}]}"), "file @0 1:1 not-rows: the top level is a "
                                             "single object, not an array of rows\n"},
        {BYTES("{\n  \"data\": []\n}\n"), "file @0 1:1 not-rows: the top level is a "
                                          "single object, not an array of rows\n"},
        {BYTES("\"rows\""),
         "file @0 1:1 not-rows: the top level is not an array of rows\n"},
        {BYTES("17"), "file @0 1:1 not-rows: the top level is not an array of rows\n"},
        {BYTES("id,image\n1,a.jpg\n"),
         "file @0 1:1 not-rows: the top level is not an array of rows\n"},
        {BYTES("\xE9"), "file @0 1:1 not-utf8: not UTF-8\n"},
        {BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
         "file @0 1:1 lfs-pointer: a git-LFS pointer, not the data\n"},
        {BYTES("version https://git-lfs"),
         "file @0 1:1 not-rows: the top level is not an array of rows\n"},
    };
    EXPECT_CASES(cases, 11);

    (void)state;
    check(cases, COUNT(cases), false, false);
}

#define UTF_16 "file @0 1:1 not-utf8: UTF-16, not UTF-8: re-encode it, as with iconv\n"
#define UTF_32 "file @0 1:1 not-utf8: UTF-32, not UTF-8: re-encode it, as with iconv\n"

/* Files of other kinds that someone took for rows files. */
static void foreign(void **state)
{
    static const struct file_case cases[] = {
        {BYTES("\x1F\x8B\x08"),
         "file @0 1:1 not-rows: gzip-compressed; decompress it first\n"},
        {BYTES("\x1F"), "file @0 1:1 not-rows: the top level is not an array of rows\n"},
        {BYTES("\x28\xB5\x2F\xFD\x24"),
         "file @0 1:1 not-rows: Zstandard-compressed; decompress it first\n"},
        {BYTES("BZh91AY"),
         "file @0 1:1 not-rows: bzip2-compressed; decompress it first\n"},
        {BYTES("\xFD"
               "7zXZ\0"),
         "file @0 1:1 not-utf8: xz-compressed; decompress it first\n"},
        {BYTES("PK\3\4\x14"), "file @0 1:1 not-rows: a ZIP archive; unpack it first\n"},
        {BYTES("7z\xBC\xAF\x27\x1C"),
         "file @0 1:1 not-rows: a 7z archive; unpack it first\n"},
        {BYTES("PAR1\x15"), "file @0 1:1 not-rows: Parquet, not JSON; convert it with "
                            "llava-check import parquet\n"},
        {BYTES("ARROW1\0\0"), "file @0 1:1 not-rows: Arrow, not JSON\n"},
        {BYTES("\xFF\xFE[\0"), UTF_16},
        {BYTES("\xFE\xFF\0["), UTF_16},
        {BYTES("[\0{\0}\0]\0"), UTF_16},
        {BYTES("\0[\0{\0}\0]"), UTF_16},
        {BYTES("{\0}\0\n\0"), UTF_16},
        {BYTES("\0{\0}\0\n"), UTF_16},
        {BYTES("\xFF\xFE\0\0[\0\0\0"), UTF_32},
        {BYTES("\0\0\xFE\xFF\0\0\0["), UTF_32},
        {BYTES("\n<html>"), "file @1 2:1 not-rows: HTML or XML, not JSON; perhaps the "
                            "error page of a failed download\n"},
    };
    EXPECT_CASES(cases, 18);

    (void)state;
    check(cases, COUNT(cases), false, false);
}

/* Wherever a file is cut, at most the row with the cut is lost, and that is reported. */
static void every_cut(void **state)
{
    static const char text[] = "[\n {\"id\": 1, \"a\": [\"x\", {\"b\": null}]},\n"
                               " {\"id\": 2, \"a\": \"caf\xC3\xA9 \\u00e9\"},\n"
                               " {\"id\": 3, \"a\": -1.5e3}\n]";
    size_t size = sizeof(text) - 1, ends[3] = {0}, count = 0;

    (void)state;
    for (size_t i = 0; i + 1 < size; i++)
        if (text[i] == '}' && (text[i + 1] == ',' || text[i + 1] == '\n'))
            ends[count++] = i + 1;
    assert_int_equal(count, 3);
    for (size_t cut = 1; cut < size; cut++) {
        struct lc_buffer got;
        size_t rows = 0;
        bool lines;

        got = split(text, cut, false, &lines);
        for (const char *at = got.data; (at = strstr(at, "row ")); at += 4)
            rows += at == got.data || at[-1] == '\n';
        assert_int_equal(rows, (cut >= ends[0]) + (cut >= ends[1]) + (cut >= ends[2]));
        assert_non_null(strstr(got.data, "cut-off"));
        lc_buffer_clear(&got);
    }
}

/* A row of over 256 KiB (the look-ahead for brackets), sound or broken, between others.
 */
static void long_rows(void **state)
{
    static const size_t sizes[] = {200000, 262100, 262144, 262200, 1000000};
    EXPECT_CASES(sizes, 5);

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (int broken = 0; broken < 2; broken++) {
            size_t size = sizes[i] + 64, at;
            char *text = grab(size), *wanted = grab(size + 256);
            struct lc_buffer got;
            bool lines;

            at = (size_t)sprintf(text, "[{\"id\":0},{\"id\":\"");
            memset(text + at, 'x', sizes[i]);
            text[at + 10] = broken ? '\n' : 'x';
            strcpy(text + at + sizes[i], "\"},{\"id\":2}]");
            sprintf(wanted,
                    "row 0 @1 1:2 {\"id\":0}\n%s %.*s%s\nrow 2 @%zu %d:%zu {\"id\":2}\n",
                    broken ? "broken 1 @10 1:11 syntax+17" : "row 1 @10 1:11",
                    (int)sizes[i] + 9, text + 10, broken ? "," : "", sizes[i] + 20,
                    broken ? 2 : 1, broken ? sizes[i] - 7 : sizes[i] + 21);
            got = split(text, strlen(text), false, &lines);
            assert_string_equal(got.data, wanted);
            lc_buffer_clear(&got);
            free(text);
            free(wanted);
        }
    }
}

/* Ten thousand broken rows: none is lost, and the search does not start over for each. */
static void many_broken_rows(void **state)
{
    enum { ROWS = 10000 };
    struct lc_buffer text = {0}, got;
    size_t broken = 0;
    bool lines;

    (void)state;
    assert_int_equal(lc_buffer_printf(&text, NULL, "[{\"id\": 0}"), LC_OK);
    for (int i = 1; i <= ROWS; i++)
        assert_int_equal(lc_buffer_printf(&text, NULL, ",\n{\"id\": \"%d}", i), LC_OK);
    assert_int_equal(lc_buffer_printf(&text, NULL, "]"), LC_OK);
    got = split(text.data, text.size, false, &lines);
    for (const char *at = got.data; (at = strstr(at, "\nbroken ")); at++)
        broken++;
    assert_int_equal(broken, ROWS);
    lc_buffer_clear(&got);
    lc_buffer_clear(&text);
}

/* Any text: the splitter stays in bounds, ends, and reports something. */
static void random_texts(void **state)
{
    static const char alphabet[] = "[[]]{{}},,\"\"\\ \n:1a\xC3\xA9\xFF";
    uint64_t seed = 11;

    (void)state;
    for (int round = 0; round < 50000; round++) {
        char text[80];
        size_t size = next_random(&seed) % sizeof(text);
        struct lc_buffer got;
        bool lines;

        for (size_t i = 0; i < size; i++) {
            uint64_t pick = next_random(&seed) >> 8;

            text[i] = alphabet[pick % (sizeof(alphabet) - 1)];
            if (pick >> 40 & 1 && size - i > 8) {
                memcpy(text + i, "{\"id\":1}", 8);
                i += 7;
            }
        }
        got = split(text, size, round % 2 == 0, &lines);
        assert_true(got.size > 0);
        lc_buffer_clear(&got);
    }
}

/* Loaders go by the name; the rows are checked anyway. */
static void misnamed(void **state)
{
    static const struct file_case arrays_named_jsonl[] = {
        {BYTES("[{\"id\":1}]"), "file @0 1:1 not-rows: an array in a file named .jsonl\n"
                                "row 0 @1 1:2 {\"id\":1}\n"},
        {BYTES("[\n {\"id\":1},\n 2]"),
         "file @0 1:1 not-rows: an array in a file named .jsonl\n"
         "row 0 @3 2:2 {\"id\":1}\nrow 1 @14 3:2 2\n"},
    };
    static const struct file_case lists_as_rows[] = {
        {BYTES("[1]"), "row 0 @0 1:1 [1] $\n"},
        {BYTES("[{\"id\":1}]\n[2]\n"), "row 0 @0 1:1 [{\"id\":1}]\nrow 1 @11 2:1 [2]\n"},
    };
    static const struct file_case lines_named_json[] = {
        {BYTES("{\"id\":1}\n{\"id\":2}\n"),
         "file @0 1:1 not-rows: JSON lines in a file that is not named .jsonl\n"
         "row 0 @0 1:1 {\"id\":1}\nrow 1 @9 2:1 {\"id\":2}\n"},
        {BYTES("\n{\"id\":1}\n\n{\"id\":2}\n"),
         "file @1 2:1 not-rows: JSON lines in a file that is not named .jsonl\n"
         "file @0 1:1 " BLANK "row 0 @1 2:1 {\"id\":1}\nrow 1 @11 4:1 {\"id\":2}\n"},
    };
    static const struct file_case objects[] = {
        {BYTES("{\"id\":1,\"conversations\":[]}\n"),
         "file @0 1:1 not-rows: the top level is a single object, not an array of "
         "rows\n"},
    };

    (void)state;
    check(arrays_named_jsonl, COUNT(arrays_named_jsonl), true, false);
    check(lists_as_rows, COUNT(lists_as_rows), true, true);
    check(lines_named_json, COUNT(lines_named_json), false, true);
    check(objects, COUNT(objects), false, false);
}

/* Split 200,000 rows in which every hundredth is replaced by other. Returns how many are
 * broken. */
static size_t count_broken(const char *other)
{
    static const char row[] = "{\"id\":\"a\",\"conversations\":[{\"value\":\"x\"}]},";
    const size_t count = 200000, size = 1 + count * sizeof(row);
    char *text = malloc(size + LC_JSON_PADDING);
    struct lc_splitter *splitter = NULL;
    struct lc_piece piece;
    size_t used = 1, broken = 0;

    assert_non_null(text);
    text[0] = '[';
    for (size_t i = 0; i < count; i++) {
        const char *next = i % 100 == 50 ? other : row;

        memcpy(text + used, next, strlen(next));
        used += strlen(next);
    }
    text[used - 1] = ']';
    memset(text + used, 0, LC_JSON_PADDING);
    assert_int_equal(lc_splitter_new(text, used, false, &splitter, NULL), LC_OK);
    while (lc_splitter_next(splitter, &piece))
        broken += piece.kind == LC_PIECE_BROKEN;
    lc_splitter_free(splitter);
    free(text);
    return broken;
}

/* An open string or bracket makes the exact parser read on, an open bracket even to the
 * end of the file. Many of them may take only a small multiple of the time for the file;
 * quadratic time would take minutes here. */
static void many_open_rows(void **state)
{
    (void)state;
    assert_int_equal(count_broken("{\"id\":\"a\",\"conversations\":[{\"value\":\"x},"),
                     2000);
    assert_int_equal(count_broken("{\"id\":\"a\",\"conversations\":[{\"value\":\"x\"},"),
                     2000);
}

/* A row that is nested too deep and longer than the look-ahead still ends at its bracket.
 */
static void long_deep_row(void **state)
{
    const size_t deep = LC_JSON_MAX_DEPTH + 1, letters = 300000;
    char *text = grab(2 * deep + letters + 64);
    struct lc_buffer got;
    size_t used;
    bool lines;

    (void)state;
    used = (size_t)sprintf(text, "[{\"id\":0},");
    memset(text + used, '[', deep);
    text[used + deep] = '"';
    memset(text + used + deep + 1, 'x', letters);
    text[used + deep + letters] = '"';
    memset(text + used + deep + letters + 1, ']', deep);
    strcpy(text + used + 2 * deep + letters + 1, ",{\"id\":2}]");
    got = split(text, strlen(text), false, &lines);
    assert_non_null(
        strstr(got.data, "row 0 @1 1:2 {\"id\":0}\nbroken 1 @10 1:11 too-deep+1024 [["));
    assert_non_null(strstr(got.data, "]]\nrow 2 @"));
    assert_string_equal(strrchr(got.data, '@') - 6,
                        "row 2 @302062 1:302063 {\"id\":2}\n");
    lc_buffer_clear(&got);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays),        cmocka_unit_test(faulty_arrays),
        cmocka_unit_test(cut_arrays),    cmocka_unit_test(broken_rows),
        cmocka_unit_test(json_lines),    cmocka_unit_test(not_rows),
        cmocka_unit_test(foreign),       cmocka_unit_test(blank_lines),
        cmocka_unit_test(line_ends),     cmocka_unit_test(line_space),
        cmocka_unit_test(every_cut),     cmocka_unit_test(long_rows),
        cmocka_unit_test(misnamed),      cmocka_unit_test(many_open_rows),
        cmocka_unit_test(long_deep_row), cmocka_unit_test(many_broken_rows),
        cmocka_unit_test(random_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
