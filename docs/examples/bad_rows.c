/* bad_rows.c - list the ids of rows that have an error, or an image with an error
 *
 *     bad_rows PATH
 *
 * PATH is a data set that was checked, or an index. A row without an id is listed by its
 * file and line. Built with what pkg-config says:
 *
 *     cc bad_rows.c $(pkg-config --cflags --libs llava-check)
 */
#include <llava_check.h>

#include <inttypes.h>
#include <stdio.h>

/* Texts are not ended by NUL; printf's precision is their size. */
static void print_row(const struct lc_row_entry *row)
{
    if (row->id.size)
        printf("%.*s\n", (int)row->id.size, row->id.text);
    else
        printf("%.*s:%" PRIu64 "\n", (int)row->file.size, row->file.text, row->line);
}

static enum lc_status list_rows(const struct lc_index *index, struct lc_error *error)
{
    const struct lc_row_entry *row;
    struct lc_row_iterator *iterator = NULL;
    enum lc_status status = lc_row_iterator_new(index, &iterator, error);

    while (status == LC_OK) {
        status = lc_row_next(iterator, &row, error);
        if (status != LC_OK || !row)
            break;
        if (!row->is_ok)
            print_row(row);
    }
    lc_row_iterator_free(iterator);
    return status;
}

int main(int argc, char **argv)
{
    const char *path = argc == 2 ? argv[1] : "raw";
    struct lc_error error = {0};
    struct lc_index *index = NULL;
    enum lc_status status = lc_index_open(&path, 1, &index, &error);

    if (status == LC_OK)
        status = list_rows(index, &error);
    if (status != LC_OK)
        fprintf(stderr, "bad_rows: %s: %s\n", path, error.message);
    lc_index_close(index);
    return status == LC_OK ? 0 : 2;
}
