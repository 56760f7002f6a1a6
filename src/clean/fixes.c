/* Finds the rows to fix, and makes their fixed texts
 *
 * The findings of the check show which rows have something to fix. The fixed texts are
 * kept in an unnamed file, because there may be as many as there are rows. Whether a
 * fixed row must still be dropped is not decided here: the check of the result shows it,
 * and the fixes are then undone. */
#include "clean/state.h"

#include "base/map.h"
#include "clean/frame.h"
#include "fix/columns.h"
#include "fix/paths.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP ((size_t)1 << 20) /* texts are written when they are this large */

/* What is to be fixed in a row. */
enum { TODO_FINDING = 1, TODO_PATH = 2, TODO_UNSAFE = 4 };

/* Columns of a file that have two types. */
enum { COLUMN_IDS = 1, COLUMN_IMAGES = 2 };

struct finder {
    struct lc_clean *clean;
    struct lc_fixing *fixing;
    struct lc_fixer *fixer;
    struct lc_fix_paths *paths;
    uint8_t *todo;               /* by row */
    uint8_t *columns;            /* by file */
    struct lc_fix_columns types; /* types of the file, or of all files */
    bool joins_types;            /* types are of all files */
    struct lc_buffer message;
    struct lc_buffer path;
    const char *prefix;       /* of the file whose rows are being fixed */
    struct lc_buffer pending; /* texts not written yet */
    uint8_t mark;             /* a TODO_ bit for mark_row */
};

/* ---- choosing rows to fix ---- */

static enum lc_status read_selectors(struct lc_clean *clean, struct lc_error *err)
{
    const struct lc_clean_options *options = &clean->options;
    struct lc_drop selected = {0}, ignored = {0};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < options->select_count && status == LC_OK; i++)
        status = lc_drop_add(&selected, options->select[i], err);
    for (size_t i = 0; i < options->ignore_count && status == LC_OK; i++)
        status = lc_drop_add(&ignored, options->ignore[i], err);
    for (int i = 0; i < LC_RULE_COUNT; i++)
        clean->fixing.skip[i] =
            (options->select_count && !selected.rules[i]) || ignored.rules[i];
    for (int i = 0; i < LC_FIX_COUNT; i++)
        if (options->unsafe || lc_fixes[i].info.is_safe)
            clean->fixing.fixes |= lc_fix_bit((enum lc_fix_index)i);
    return status;
}

static enum lc_status row_number(const struct finder *finder,
                                 const struct lc_finding_record *finding, uint64_t *out,
                                 struct lc_error *err)
{
    struct lc_file_record file = {0};
    enum lc_status status =
        lc_index_get_file(finder->clean->index, finding->file, &file, err);

    *out = file.first_row + (uint64_t)finding->row;
    if (status == LC_OK && *out >= finder->clean->rows)
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    return status;
}

/* Leave out a row that repeats another one. */
static enum lc_status drop_duplicate(struct finder *finder,
                                     const struct lc_finding_record *finding,
                                     struct lc_error *err)
{
    struct lc_clean *clean = finder->clean;
    struct lc_reason reason;
    uint64_t row;
    enum lc_status status = row_number(finder, finding, &row, err);

    if (status != LC_OK || clean->parts[row] == LC_ROW_DROPPED)
        return status;
    status = lc_reason_of(clean->index, &clean->effects, finding, &finder->message,
                          &reason, err);
    if (status == LC_OK)
        status = lc_reasons_add(&clean->reasons, row, &reason, err);
    clean->parts[row] = LC_ROW_DROPPED;
    finder->fixing->duplicates++;
    return status;
}

static enum lc_status mark_finding(struct finder *finder,
                                   const struct lc_finding_record *finding,
                                   enum lc_fix_kind kind, uint8_t mark,
                                   struct lc_error *err)
{
    bool is_between = false;
    uint64_t row;
    enum lc_status status = LC_OK;

    if (finding->kind != LC_FINDING_ROW || finding->row < 0)
        return LC_OK;
    if (kind == LC_FIX_OF_TEXT)
        status =
            lc_finding_is_between_rows(finder->clean->index, finding, &is_between, err);
    if (status == LC_OK && !is_between)
        status = row_number(finder, finding, &row, err);
    if (status == LC_OK && !is_between)
        finder->todo[row] |= mark;
    return status;
}

static enum lc_status add_path(struct finder *finder,
                               const struct lc_finding_record *finding,
                               struct lc_error *err)
{
    struct lc_image_record image = {0};
    enum lc_status status =
        lc_index_get_image(finder->clean->index, finding->image, &image, err);

    if (status == LC_OK && !finder->paths)
        status = lc_fix_paths_new(finder->clean->dataset.image_root, &finder->paths, err);
    return status == LC_OK ? lc_fix_paths_add(finder->paths, image.path, err) : status;
}

static enum lc_status mark_fixable(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct finder *finder = user;
    enum lc_case_index which = lc_case_index_of(finding->rule, finding->rule_case);
    enum lc_fix_index fix;
    enum lc_status status = LC_OK;

    if (which == LC_CASE_COUNT || finder->fixing->skip[lc_cases[which].rule])
        return LC_OK;
    for (size_t i = 0; status == LC_OK && (fix = lc_case_fix(which, i)) != LC_FIX_COUNT;
         i++) {
        enum lc_fix_kind kind = lc_fixes[fix].kind;

        if (kind == LC_FIX_OF_FRAME)
            continue;
        if (!(finder->fixing->fixes & lc_fix_bit(fix))) {
            status = mark_finding(finder, finding, kind, TODO_UNSAFE, err);
            continue;
        }
        if (kind == LC_FIX_OF_PATH && finding->kind == LC_FINDING_IMAGE)
            status = add_path(finder, finding, err);
        else if (kind == LC_FIX_OF_DROP && finding->row >= 0)
            status = drop_duplicate(finder, finding, err);
        else if (kind == LC_FIX_OF_COLUMN &&
                 finding->file < finder->clean->dataset.file_count)
            finder->columns[finding->file] |=
                fix == LC_FIX_unify_ids ? COLUMN_IDS : COLUMN_IMAGES;
        else if (kind == LC_FIX_OF_TEXT || kind == LC_FIX_OF_ROW)
            status = mark_finding(finder, finding, kind, TODO_FINDING, err);
    }
    return status;
}

static void mark_row(void *user, uint64_t row)
{
    struct finder *finder = user;

    if (row < finder->clean->rows)
        finder->todo[row] |= finder->mark;
}

/* Mark the rows that name an image whose path is to be replaced. */
static enum lc_status mark_rows_of_path(void *user,
                                        const struct lc_finding_record *finding,
                                        struct lc_error *err)
{
    struct finder *finder = user;
    struct lc_image_record image = {0};
    enum lc_fix_index fix = LC_FIX_COUNT;
    enum lc_case_index which = lc_case_index_of(finding->rule, finding->rule_case);
    enum lc_status status;

    if (finding->kind != LC_FINDING_IMAGE || which == LC_CASE_COUNT ||
        finder->fixing->skip[lc_cases[which].rule])
        return LC_OK;
    fix = lc_case_fix(which, 0);
    if (fix == LC_FIX_COUNT || lc_fixes[fix].kind != LC_FIX_OF_PATH)
        return LC_OK;
    status = lc_index_get_image(finder->clean->index, finding->image, &image, err);
    finder->mark = TODO_FINDING;
    if (status == LC_OK && lc_fix_paths_get(finder->paths, image.path, &fix).text)
        finder->mark |= TODO_PATH;
    return status == LC_OK
               ? lc_index_each_row_of_image(finder->clean->index, finding->image,
                                            mark_row, finder, err)
               : status;
}

/* ---- paths of a file whose root is below that of the data set ---- */

static struct lc_span find_path(void *user, struct lc_span path, enum lc_fix_index *fix)
{
    struct finder *finder = user;
    size_t prefix = finder->prefix ? strlen(finder->prefix) + 1 : 0;
    struct lc_span found;

    if (!finder->paths)
        return (struct lc_span){0};
    if (!prefix || path.size == 0 || path.text[0] == '/')
        return lc_fix_paths_get(finder->paths, path, fix);
    finder->path.size = 0;
    if (lc_buffer_printf(&finder->path, NULL, "%s/", finder->prefix) != LC_OK ||
        lc_buffer_add(&finder->path, path.text, path.size, NULL) != LC_OK)
        return (struct lc_span){0};
    found = lc_fix_paths_get(finder->paths,
                             (struct lc_span){finder->path.data, finder->path.size}, fix);
    if (!found.text || found.size <= prefix ||
        memcmp(found.text, finder->path.data, prefix) != 0)
        return (struct lc_span){0};
    return (struct lc_span){found.text + prefix, found.size - prefix};
}

/* ---- texts ---- */

static enum lc_status write_pending(struct finder *finder, struct lc_error *err)
{
    const struct lc_fixing *fixing = finder->fixing;
    struct lc_buffer *pending = &finder->pending;
    enum lc_status status =
        lc_index_scratch_write(NULL, fixing->texts, fixing->texts_size - pending->size,
                               pending->data, pending->size, err);

    pending->size = 0;
    return status;
}

static enum lc_status keep_row(struct finder *finder, uint64_t row,
                               const struct lc_fix_result *result, struct lc_error *err)
{
    struct lc_fixing *fixing = finder->fixing;
    struct lc_clean *clean = finder->clean;
    struct lc_fixed_row *rows =
        lc_array_grow(fixing->rows, fixing->count, &fixing->capacity, sizeof(*rows));
    struct lc_fixed_row *fixed;
    enum lc_status status = LC_OK;

    if (!rows)
        return lc_fail_memory(err);
    fixing->rows = rows;
    if (!fixing->count)
        status = lc_index_scratch(NULL, &fixing->texts, err);
    if (status != LC_OK)
        return status;
    fixed = &rows[fixing->count++];
    *fixed = (struct lc_fixed_row){
        .row = row,
        .at = fixing->texts_size,
        .size = (uint32_t)result->text.size,
        .count = (uint8_t)result->count,
        .reveals = result->reveals,
        .dropped = clean->parts[row] == LC_ROW_DROPPED,
    };
    memcpy(fixed->made, result->made, sizeof(fixed->made));
    clean->parts[row] = 0;
    fixing->texts_size += result->text.size;
    status = lc_buffer_add(&finder->pending, result->text.text, result->text.size, err);
    if (status == LC_OK && finder->pending.size >= STEP)
        status = write_pending(finder, err);
    return status;
}

/* ---- the rows of a file ---- */

/* A rows file whose rows are being fixed. */
struct source {
    struct lc_map map;
    struct lc_file_record record;
    struct lc_fix_row row; /* the members that all rows have in common */
    bool all;              /* look at all rows, even those without findings */
};

static enum lc_status get_row(const struct finder *finder, const struct source *source,
                              uint64_t number, struct lc_fix_row *out,
                              struct lc_error *err)
{
    struct lc_row_record row = {0};
    enum lc_status status = lc_index_get_row(finder->clean->index, number, &row, err);

    if (status == LC_OK &&
        (row.offset > source->map.size || row.size > source->map.size - row.offset))
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    *out = source->row;
    out->text = (struct lc_span){source->map.data + row.offset, row.size};
    if (status == LC_OK && !row.readable && !source->record.lines)
        out->text.size = lc_frame_trim_row(out->text);
    return status;
}

static enum lc_status check_stopped(const struct lc_clean *clean, struct lc_error *err)
{
    if (clean->check.is_stopped && clean->check.is_stopped(clean->check.user))
        return lc_fail(err, LC_ERR_STOPPED, 0, "stopped; nothing was written");
    return LC_OK;
}

/* Note the types of a file's columns. */
static enum lc_status add_types(struct finder *finder, const struct source *source,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (uint64_t i = 0; i < source->record.rows && status == LC_OK; i++) {
        struct lc_fix_row row;

        status = get_row(finder, source, source->record.first_row + i, &row, err);
        if (status == LC_OK)
            status = lc_fix_columns_add(finder->fixer, &row, &finder->types, err);
        if (status == LC_OK && i % 4096 == 0)
            status = check_stopped(finder->clean, err);
    }
    return status;
}

/* Pick the types that the columns of a file are to have. */
static void pick_types(const struct finder *finder, struct source *source,
                       uint8_t columns)
{
    if (columns & COLUMN_IDS)
        source->row.ids = lc_fix_columns_ids(&finder->types);
    if (columns & COLUMN_IMAGES)
        source->row.images = lc_fix_columns_images(&finder->types);
    source->all |=
        source->row.ids != LC_FIX_COLUMN_KEEP || source->row.images != LC_FIX_COLUMN_KEEP;
}

static enum lc_status fix_row(struct finder *finder, const struct source *source,
                              uint64_t number, struct lc_error *err)
{
    struct lc_fix_result result = {0};
    struct lc_fix_row row;
    enum lc_status status = get_row(finder, source, number, &row, err);

    if (status == LC_OK)
        status = lc_fixer_run(finder->fixer, &row, &result, err);
    if (status != LC_OK)
        return status;
    if (result.count)
        return keep_row(finder, number, &result, err);
    finder->fixing->unfixed += (finder->todo[number] & ~TODO_UNSAFE) != 0;
    return LC_OK;
}

static enum lc_status fix_rows(struct finder *finder, struct source *source,
                               struct lc_error *err)
{
    const struct lc_clean *clean = finder->clean;
    size_t dropped = 0;
    enum lc_status status = LC_OK;

    for (uint64_t i = 0; i < source->record.rows && status == LC_OK; i++) {
        uint64_t number = source->record.first_row + i;

        if (number >= clean->rows)
            return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
        finder->fixing->unsafe += (finder->todo[number] & TODO_UNSAFE) != 0;
        if (finder->todo[number] & ~TODO_UNSAFE || source->all)
            status = fix_row(finder, source, number, err);
        if (i % 1024 == 0 && status == LC_OK) {
            struct lc_row_record row = {0};

            status = lc_index_get_row(clean->index, number, &row, err);
            dropped = lc_map_drop(&source->map, dropped, row.offset);
            if (status == LC_OK)
                status = check_stopped(clean, err);
        }
    }
    return status;
}

/* Whether a file has anything to fix. */
static bool has_work(const struct finder *finder, const struct source *source,
                     uint8_t columns)
{
    if (columns || source->all)
        return true;
    for (uint64_t i = 0; i < source->record.rows; i++)
        if (source->record.first_row + i < finder->clean->rows &&
            finder->todo[source->record.first_row + i])
            return true;
    return false;
}

static enum lc_status open_source(const struct finder *finder, uint32_t number,
                                  struct source *source, struct lc_error *err)
{
    const struct lc_rows_file *file = &finder->clean->dataset.files[number];
    enum lc_status status = lc_map_open(file->path, &source->map, err);

    if (status == LC_OK && (source->map.size != source->record.size ||
                            source->map.mtime_ns != source->record.mtime_ns))
        return lc_fail(err, LC_ERR_IO, 0,
                       "%.150s changed since it was checked: run the command again",
                       file->name);
    return status;
}

/* Note the types in all files if their rows are joined into one file, where a column has
 * one type. */
static enum lc_status add_joined_types(struct finder *finder, struct lc_error *err)
{
    uint32_t files = (uint32_t)finder->clean->dataset.file_count;
    enum lc_status status = LC_OK;

    if (files < 2 || !finder->clean->options.name || finder->fixing->skip[LC_RULE_JSN115])
        return LC_OK;
    finder->joins_types = true;
    for (uint32_t i = 0; i < files && status == LC_OK; i++) {
        struct source source = {
            .row = {.dialect = finder->clean->dataset.files[i].dialect}};

        finder->columns[i] = COLUMN_IDS | COLUMN_IMAGES;
        status = lc_index_get_file(finder->clean->index, i, &source.record, err);
        if (status == LC_OK)
            status = open_source(finder, i, &source, err);
        if (status == LC_OK)
            status = add_types(finder, &source, err);
        lc_map_close(&source.map);
    }
    return status;
}

static enum lc_status fix_file(struct finder *finder, uint32_t number,
                               struct lc_error *err)
{
    const struct lc_rows_file *file = &finder->clean->dataset.files[number];
    bool lines = lc_clean_is_lines(finder->clean, number);
    struct source source = {.row = {.dialect = file->dialect, .lines = lines}};
    enum lc_status status =
        lc_index_get_file(finder->clean->index, number, &source.record, err);

    if (status != LC_OK)
        return status;
    source.row.joined = lines;
    source.all = lines && !source.record.lines;
    if (!has_work(finder, &source, finder->columns[number]))
        return LC_OK;
    finder->prefix = file->image_prefix;
    status = open_source(finder, number, &source, err);
    if (status == LC_OK && finder->columns[number] && !finder->joins_types) {
        finder->types = (struct lc_fix_columns){0};
        status = add_types(finder, &source, err);
    }
    pick_types(finder, &source, finder->columns[number]);
    if (status == LC_OK)
        status = fix_rows(finder, &source, err);
    lc_map_close(&source.map);
    return status;
}

/* ---- all files ---- */

static enum lc_status find_work(struct finder *finder, struct lc_error *err)
{
    const struct lc_index *index = finder->clean->index;
    enum lc_status status = lc_index_each_finding(index, mark_fixable, finder, err);

    lc_reasons_sort(&finder->clean->reasons);
    if (status != LC_OK || !finder->paths)
        return status;
    status = lc_fix_paths_find(finder->paths, err);
    return status == LC_OK ? lc_index_each_finding(index, mark_rows_of_path, finder, err)
                           : status;
}

static enum lc_status find_fixes(struct finder *finder, struct lc_error *err)
{
    struct lc_clean *clean = finder->clean;
    struct lc_fixer_options options = {.fixes = finder->fixing->fixes,
                                       .trainer = clean->effects.trainer,
                                       .user = finder,
                                       .find_path = find_path};
    enum lc_status status;

    memcpy(options.skip, finder->fixing->skip, sizeof(options.skip));
    finder->todo = calloc(clean->rows + 1, 1);
    finder->columns = calloc(clean->dataset.file_count + 1, 1);
    if (!finder->todo || !finder->columns)
        return lc_fail_memory(err);
    status = lc_fixer_new(&options, &finder->fixer, err);
    if (status == LC_OK)
        status = find_work(finder, err);
    if (status == LC_OK)
        status = add_joined_types(finder, err);
    for (uint32_t i = 0; i < clean->dataset.file_count && status == LC_OK; i++)
        status = fix_file(finder, i, err);
    return status == LC_OK ? write_pending(finder, err) : status;
}

enum lc_status lc_clean_find_fixes(struct lc_clean *clean, struct lc_error *err)
{
    struct finder finder = {.clean = clean, .fixing = &clean->fixing};
    enum lc_status status = read_selectors(clean, err);

    if (status == LC_OK)
        status = find_fixes(&finder, err);
    lc_fixer_free(finder.fixer);
    lc_fix_paths_free(finder.paths);
    free(finder.todo);
    free(finder.columns);
    lc_buffer_clear(&finder.message);
    lc_buffer_clear(&finder.path);
    lc_buffer_clear(&finder.pending);
    return status;
}

void lc_clean_clear_fixes(struct lc_clean *clean)
{
    if (clean->fixing.count)
        close(clean->fixing.texts);
    free(clean->fixing.rows);
    free(clean->fixing.tally);
}

/* ---- one row ---- */

static struct lc_fixed_row *find_row(const struct lc_clean *clean, uint64_t row)
{
    size_t low = 0, high = clean->fixing.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct lc_fixed_row *fixed = &clean->fixing.rows[middle];

        if (fixed->row == row)
            return fixed;
        if (row < fixed->row)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

struct lc_fixed_row *lc_clean_fixed(const struct lc_clean *clean, uint64_t row)
{
    struct lc_fixed_row *fixed = find_row(clean, row);

    return fixed && !fixed->withdrawn ? fixed : NULL;
}

bool lc_clean_is_withdrawn(const struct lc_clean *clean, uint64_t row)
{
    const struct lc_fixed_row *fixed = find_row(clean, row);

    return fixed && fixed->withdrawn && fixed->round == clean->counts.rounds;
}

enum lc_status lc_clean_read_fixed(const struct lc_clean *clean,
                                   const struct lc_fixed_row *fixed,
                                   struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status;

    out->size = 0;
    status = lc_buffer_reserve(out, (size_t)fixed->size + 1, err);
    if (status == LC_OK)
        status = lc_index_scratch_read(NULL, clean->fixing.texts, fixed->at, out->data,
                                       fixed->size, err);
    out->size = status == LC_OK ? fixed->size : 0;
    return status;
}

void lc_clean_withdraw(struct lc_clean *clean, struct lc_fixed_row *fixed)
{
    fixed->withdrawn = true;
    fixed->round = clean->counts.rounds;
    clean->fixing.unfixed++;
    if (fixed->dropped)
        clean->parts[fixed->row] = LC_ROW_DROPPED;
}

/* ---- counts ---- */

static int compare_tally(const void *a, const void *b)
{
    const struct lc_clean_fix *x = a, *y = b;
    int order = strcmp(x->code + 3, y->code + 3); /* by the number, as in reports */

    return order ? order : strcmp(x->name, y->name);
}

static enum lc_status add_tally(struct lc_fixing *fixing, size_t rule, size_t fix,
                                uint64_t rows, struct lc_error *err)
{
    struct lc_clean_fix *tally =
        realloc(fixing->tally, (fixing->tally_count + 1) * sizeof(*tally));

    if (!tally)
        return lc_fail_memory(err);
    fixing->tally = tally;
    tally[fixing->tally_count++] =
        (struct lc_clean_fix){lc_rules[rule].info.code, lc_rules[rule].info.name,
                              lc_fixes[fix].info.name, lc_fixes[fix].info.is_safe, rows};
    return LC_OK;
}

enum lc_status lc_clean_count_fixes(struct lc_clean *clean, struct lc_error *err)
{
    struct lc_fixing *fixing = &clean->fixing;
    uint64_t(*rows)[LC_FIX_COUNT] = calloc(LC_RULE_COUNT, sizeof(*rows));
    enum lc_status status = LC_OK;

    if (!rows)
        return lc_fail_memory(err);
    free(fixing->tally);
    fixing->tally = NULL;
    fixing->tally_count = 0;
    for (size_t i = 0; i < fixing->count; i++) {
        const struct lc_fixed_row *fixed = &fixing->rows[i];

        for (size_t k = 0; k < fixed->count && !fixed->withdrawn &&
                           clean->parts[fixed->row] != LC_ROW_LEFT;
             k++)
            rows[fixed->made[k].rule][fixed->made[k].fix]++;
    }
    rows[LC_RULE_ROW210][LC_FIX_drop_duplicate] = fixing->duplicates;
    for (size_t rule = 0; rule < LC_RULE_COUNT && status == LC_OK; rule++)
        for (size_t fix = 0; fix < LC_FIX_COUNT && status == LC_OK; fix++)
            if (rows[rule][fix])
                status = add_tally(fixing, rule, fix, rows[rule][fix], err);
    free(rows);
    if (status == LC_OK && fixing->tally_count)
        qsort(fixing->tally, fixing->tally_count, sizeof(*fixing->tally), compare_tally);
    return status;
}

const struct lc_clean_fix *lc_clean_fix_at(const struct lc_clean *clean, size_t index)
{
    return index < clean->fixing.tally_count ? &clean->fixing.tally[index] : NULL;
}

uint64_t lc_clean_unsafe(const struct lc_clean *clean)
{
    return clean->fixing.unsafe;
}

uint64_t lc_clean_unfixed(const struct lc_clean *clean)
{
    return clean->fixing.unfixed;
}
