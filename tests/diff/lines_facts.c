/* lines_facts.c - print how the splitter cuts files of JSON lines, for the diff tests
 *
 * Files come on stdin, each after its length in four bytes, little-endian. For each,
 * prints a line "lines 1" (0: not read as JSON lines), a line for each piece, and an
 * empty line. The fields of a piece, separated by tabs: kind (row, broken, file), row,
 * line, column, offset, size, fault, code point and offset of white space that json.loads
 * refuses. Rows are parsed, so that they have the fault that they would be reported with.
 */

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/splitter.h"

static const char *const kinds[] = {
    [LC_PIECE_ROW] = "row",
    [LC_PIECE_BROKEN] = "broken",
    [LC_PIECE_FILE] = "file",
};

static const char *const faults[] = {
    [LC_JSON_FINE] = "fine",
    [LC_JSON_SYNTAX] = "syntax",
    [LC_JSON_CUT_OFF] = "cut-off",
    [LC_JSON_NOT_UTF8] = "not-utf8",
    [LC_JSON_TOO_DEEP] = "too-deep",
    [LC_JSON_SPLIT_ROW] = "split-row",
    [LC_JSON_TOO_LONG] = "too-long",
    [LC_JSON_BOM] = "bom",
    [LC_JSON_LFS_POINTER] = "lfs-pointer",
    [LC_JSON_NOT_ROWS] = "not-rows",
    [LC_JSON_NO_ROWS] = "no-rows",
    [LC_JSON_BLANK_LINE] = "blank-line",
    [LC_JSON_RETURN] = "return",
};

/* Return the fault of a piece; if it is a row, that of parsing it. */
static enum lc_json_fault fault_of(struct lc_json_parser *parser, const char *text,
                                   const struct lc_piece *piece)
{
    struct lc_json_problem problem = piece->problem;
    const char *begin = text + piece->place.offset;
    struct lc_json_doc doc;
    enum lc_status status;

    if (piece->kind != LC_PIECE_ROW)
        return problem.fault;
    status = lc_json_parse(parser, begin, piece->size, &doc, &problem, NULL);
    assert(status == LC_OK);
    if (problem.fault == LC_JSON_CUT_OFF && !piece->at_end)
        lc_json_reclassify_cut_off(&problem, begin, piece->size);
    return problem.fault;
}

static void print_pieces(struct lc_json_parser *parser, const char *text, size_t size)
{
    struct lc_splitter *splitter = NULL;
    enum lc_status status = lc_splitter_new(text, size, true, &splitter, NULL);
    struct lc_piece piece;
    bool more = status == LC_OK && lc_splitter_next(splitter, &piece);

    assert(status == LC_OK);
    printf("lines %d\n", lc_splitter_lines(splitter));
    for (; more; more = lc_splitter_next(splitter, &piece))
        printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu32
               "\t%s\t%" PRIu32 "\t%" PRIu32 "\n",
               kinds[piece.kind], piece.row, piece.place.line, piece.place.column,
               piece.place.offset, piece.size, faults[fault_of(parser, text, &piece)],
               piece.space.point, piece.space.offset);
    putchar('\n');
    lc_splitter_free(splitter);
}

int main(void)
{
    struct lc_json_parser *parser = NULL;
    unsigned char length[4];
    bool good = true;

    if (lc_json_parser_new(&parser, NULL) != LC_OK)
        return 2;
    while (good && fread(length, 1, 4, stdin) == 4) {
        size_t size = (size_t)length[0] | (size_t)length[1] << 8 |
                      (size_t)length[2] << 16 | (size_t)length[3] << 24;
        char *text = malloc(size + LC_JSON_PADDING);

        assert(text);
        good = fread(text, 1, size, stdin) == size;
        memset(text + size, '\n', LC_JSON_PADDING); /* its content must not matter */
        if (good)
            print_pieces(parser, text, size);
        free(text);
    }
    lc_json_parser_free(parser);
    if (fclose(stdout) != 0)
        good = false;
    return good ? 0 : 2;
}
