/* Checks that the records of an index agree with each other and with its totals */
#include "index/read/check.h"
#include "llava_check/rules.h"
#include "llava_check/dialects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Totals of the rows, and the state of the walk over them. */
struct rows {
    struct lc_checking *check;
    uint64_t next; /* number of the next row */
    struct lc_file_record file;
    uint32_t file_number;
    uint64_t end; /* offset in the file where the previous row ends */
    uint64_t ok, turns, words, characters, strays;
};

/* Sets of numbers, as bit arrays. */
static void set(uint8_t *bits, uint64_t number)
{
    bits[number / 8] |= (uint8_t)(1U << number % 8);
}

static bool is_set(const uint8_t *bits, uint64_t number)
{
    return bits[number / 8] >> number % 8 & 1;
}

/* ---- files ---- */

struct files {
    struct lc_checking *check;
    uint64_t count;
    uint64_t rows;
    uint64_t sampled;
    uint64_t strays;
};

static enum lc_status visit_file(void *user, struct lc_span key, struct lc_span value,
                                 struct lc_error *err)
{
    struct files *files = user;
    struct lc_file_record file;

    (void)err;
    if (key.size != 4 || lc_get_u32((const uint8_t *)key.text) != files->count)
        lc_check_fault(files->check, LC_TABLE_FILES, "file %llu is missing",
                       (unsigned long long)files->count);
    if (!lc_check_decoded(files->check, LC_TABLE_FILES, files->count++,
                          lc_file_decode(value, &file, NULL)))
        return LC_OK;
    if (file.first_row != files->rows)
        lc_check_fault(files->check, LC_TABLE_FILES,
                       "file %llu begins with row %llu, but should with %llu",
                       (unsigned long long)files->count - 1,
                       (unsigned long long)file.first_row,
                       (unsigned long long)files->rows);
    files->rows = file.first_row + file.rows;
    files->sampled += file.sampled;
    files->strays += file.strays;
    return LC_OK;
}

static enum lc_status check_files(struct lc_checking *c, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(c->index);
    struct files files = {.check = c};
    enum lc_status status = lc_check_walk(c, LC_TABLE_FILES, visit_file, &files, err);

    lc_check_equal(c, LC_TABLE_FILES, "files", files.count, s->rows_files);
    lc_check_equal(c, LC_TABLE_FILES, "rows of all files", files.rows, s->rows);
    lc_check_equal(c, LC_TABLE_FILES, "rows sampled", files.sampled, s->rows_sampled);
    c->strays = files.strays;
    return status;
}

/* ---- statistics of each file ---- */

struct statistics {
    struct lc_checking *check;
    uint64_t count;
    struct lc_statistics sum;
};

static enum lc_status visit_statistics(void *user, struct lc_span key,
                                       struct lc_span value, struct lc_error *err)
{
    struct statistics *s = user;
    struct lc_statistics file_statistics;

    (void)err;
    if (key.size != 4 || lc_get_u32((const uint8_t *)key.text) != s->count)
        lc_check_fault(s->check, LC_TABLE_FILE_STATISTICS,
                       "those of file %llu are missing", (unsigned long long)s->count);
    if (lc_check_decoded(s->check, LC_TABLE_FILE_STATISTICS, s->count++,
                         lc_statistics_decode(value, &file_statistics, NULL)))
        lc_statistics_merge(&s->sum, &file_statistics);
    return LC_OK;
}

static enum lc_status check_statistics(struct lc_checking *c, struct lc_error *err)
{
    const struct lc_statistics *all = lc_index_statistics(c->index);
    struct statistics s = {.check = c};
    enum lc_status status =
        lc_check_walk(c, LC_TABLE_FILE_STATISTICS, visit_statistics, &s, err);

    lc_check_equal(c, LC_TABLE_FILE_STATISTICS, "files", s.count,
                   lc_index_summary(c->index)->rows_files);
    s.sum.median_rounds = all->median_rounds;    /* not a sum */
    if (memcmp(&s.sum, all, sizeof(s.sum)) != 0) /* all members are u64: no padding */
        lc_check_fault(c, LC_TABLE_FILE_STATISTICS, "their sum differs from meta");
    return status;
}

/* ---- images ---- */

struct images {
    struct lc_checking *check;
    uint64_t count;
    uint64_t archives; /* number of archives */
    uint64_t states[LC_IMAGE_STATE_COUNT];
    struct lc_span last; /* the path of the previous image */
};

static void sum_image(struct lc_checking *c, uint64_t number,
                      const struct lc_image_record *image)
{
    static const struct lc_hash none;
    struct lc_hash path = lc_hash_bytes(image->path.text, image->path.size);
    uint8_t use[12];

    lc_check_sum_lookup(&c->expected[LC_TABLE_BY_PATH], &path, number);
    if (lc_hash_compare(&image->content, &none) != 0)
        lc_check_sum_lookup(&c->expected[LC_TABLE_BY_CONTENT], &image->content, number);
    if (image->uses) {
        lc_put_u32(use, (uint32_t)number);
        lc_put_u64(use + 4, image->uses);
        lc_check_sum(&c->uses_expected, use, sizeof(use));
    }
    /* a damaged table may have ended the walk that counted its records early */
    if (image->faulty && number < c->records[LC_TABLE_IMAGES])
        set(c->faulty_images, number);
}

static enum lc_status visit_image(void *user, struct lc_span key, struct lc_span value,
                                  struct lc_error *err)
{
    struct images *images = user;
    struct lc_checking *c = images->check;
    uint64_t number = images->count++;
    struct lc_image_record image;
    size_t size;
    int order;

    (void)err;
    if (key.size != 4 || lc_get_u32((const uint8_t *)key.text) != number)
        lc_check_fault(c, LC_TABLE_IMAGES, "image %llu is missing",
                       (unsigned long long)number);
    if (!lc_check_decoded(c, LC_TABLE_IMAGES, number,
                          lc_image_decode(value, &image, NULL)))
        return LC_OK;
    size = image.path.size < images->last.size ? image.path.size : images->last.size;
    order = size ? memcmp(images->last.text, image.path.text, size) : 0;
    if (number && (order > 0 || (order == 0 && images->last.size >= image.path.size)))
        lc_check_fault(c, LC_TABLE_IMAGES, "the path of image %llu is out of order",
                       (unsigned long long)number);
    images->last = image.path;
    if (image.state >= LC_IMAGE_STATE_COUNT)
        lc_check_fault(c, LC_TABLE_IMAGES, "image %llu has an unknown state: %u",
                       (unsigned long long)number, image.state);
    else
        images->states[image.state]++;
    if (image.archive > images->archives)
        lc_check_fault(c, LC_TABLE_IMAGES, "image %llu is in an archive that is missing",
                       (unsigned long long)number);
    sum_image(c, number, &image);
    return LC_OK;
}

static enum lc_status check_images(struct lc_checking *c, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(c->index);
    struct images images = {.check = c, .archives = c->records[LC_TABLE_ARCHIVES]};
    enum lc_status status;

    c->faulty_images = calloc(c->records[LC_TABLE_IMAGES] / 8 + 1, 1);
    if (!c->faulty_images)
        return lc_fail_memory(err);
    status = lc_check_walk(c, LC_TABLE_IMAGES, visit_image, &images, err);
    lc_check_equal(c, LC_TABLE_IMAGES, "images", images.count, s->images_referenced);
    lc_check_equal(c, LC_TABLE_IMAGES, "images of state ok", images.states[LC_IMAGE_OK],
                   s->images_ok);
    lc_check_equal(c, LC_TABLE_IMAGES, "images skipped", images.states[LC_IMAGE_SKIPPED],
                   s->images_skipped);
    return status;
}

/* ---- archives ---- */

struct archives {
    struct lc_checking *check;
    uint64_t count, members, points;
    struct lc_member_record last;
};

static enum lc_status visit_archive(void *user, struct lc_span key, struct lc_span value,
                                    struct lc_error *err)
{
    struct archives *archives = user;
    struct lc_archive_record archive;

    (void)err;
    if (key.size != 4 || lc_get_u32((const uint8_t *)key.text) != archives->count)
        lc_check_fault(archives->check, LC_TABLE_ARCHIVES, "archive %llu is missing",
                       (unsigned long long)archives->count);
    if (lc_check_decoded(archives->check, LC_TABLE_ARCHIVES, archives->count++,
                         lc_archive_decode(value, &archive, NULL)) &&
        archive.state >= LC_ARCHIVE_STATES)
        lc_check_fault(archives->check, LC_TABLE_ARCHIVES,
                       "archive %llu has an unknown state: %u",
                       (unsigned long long)archives->count - 1, archive.state);
    return LC_OK;
}

static enum lc_status visit_member(void *user, struct lc_span key, struct lc_span value,
                                   struct lc_error *err)
{
    struct archives *archives = user;
    struct lc_checking *c = archives->check;
    uint64_t number = archives->members++;
    struct lc_member_record member;

    (void)err;
    if (key.size != 4 || lc_get_u32((const uint8_t *)key.text) != number)
        lc_check_fault(c, LC_TABLE_MEMBERS, "member %llu is missing",
                       (unsigned long long)number);
    if (!lc_check_decoded(c, LC_TABLE_MEMBERS, number,
                          lc_member_decode(value, &member, NULL)))
        return LC_OK;
    if (member.archive >= archives->count)
        lc_check_fault(c, LC_TABLE_MEMBERS,
                       "member %llu is in an archive that is missing",
                       (unsigned long long)number);
    if (number && lc_span_compare(archives->last.path, member.path) > 0)
        lc_check_fault(c, LC_TABLE_MEMBERS, "the path of member %llu is out of order",
                       (unsigned long long)number);
    archives->last = member;
    return LC_OK;
}

static enum lc_status visit_point(void *user, struct lc_span key, struct lc_span value,
                                  struct lc_error *err)
{
    struct archives *archives = user;
    struct lc_checking *c = archives->check;
    const uint8_t *bytes = (const uint8_t *)key.text;
    uint64_t number = archives->points++;
    struct lc_point_record point;

    (void)err;
    if (!lc_check_decoded(c, LC_TABLE_POINTS, number,
                          lc_point_decode(value, &point, NULL)))
        return LC_OK;
    if (key.size != 12 || lc_get_u32(bytes) >= archives->count)
        lc_check_fault(c, LC_TABLE_POINTS, "point %llu is in an archive that is missing",
                       (unsigned long long)number);
    else if (lc_get_u64(bytes + 4) < point.begin)
        lc_check_fault(c, LC_TABLE_POINTS, "point %llu is before its gzip member",
                       (unsigned long long)number);
    return LC_OK;
}

static enum lc_status check_archives(struct lc_checking *c, struct lc_error *err)
{
    struct archives archives = {.check = c};
    enum lc_status status =
        lc_check_walk(c, LC_TABLE_ARCHIVES, visit_archive, &archives, err);

    if (status == LC_OK)
        status = lc_check_walk(c, LC_TABLE_MEMBERS, visit_member, &archives, err);
    return status == LC_OK
               ? lc_check_walk(c, LC_TABLE_POINTS, visit_point, &archives, err)
               : status;
}

/* ---- rows ---- */

static int by_number(const void *a, const void *b)
{
    return memcmp(a, b, 4); /* big-endian numbers sort as bytes */
}

/* Check the images that a row names: each must exist, and have exactly one entry for the
 * row in image_rows. *sound is set to false if one of them has an error. */
static enum lc_status visit_row_images(struct rows *rows, uint64_t number,
                                       struct lc_span images, bool *sound,
                                       struct lc_error *err)
{
    struct lc_checking *c = rows->check;
    uint64_t count = c->records[LC_TABLE_IMAGES];
    enum lc_status status;
    uint8_t entry[12];

    c->images.size = 0;
    status = lc_buffer_add(&c->images, images.text, images.size, err);
    if (status != LC_OK || !images.size)
        return status;
    qsort(c->images.data, images.size / 4, 4, by_number);
    for (size_t at = 0; at + 4 <= images.size; at += 4) {
        const char *image = c->images.data + at;
        uint32_t image_number = lc_get_u32((const uint8_t *)image);

        if (at && memcmp(image, image - 4, 4) == 0)
            continue;
        memcpy(entry, image, 4);
        lc_put_u64(entry + 4, number);
        lc_check_sum(&c->expected[LC_TABLE_IMAGE_ROWS], entry, sizeof(entry));
        if (image_number >= count)
            lc_check_fault(c, LC_TABLE_ROW_IMAGES,
                           "row %llu names image %lu, but there are %llu",
                           (unsigned long long)number, (unsigned long)image_number,
                           (unsigned long long)count);
        else if (is_set(c->faulty_images, image_number))
            *sound = false;
    }
    return LC_OK;
}

/* Check that a row lies within its file, after the previous row. A row of a shard is
 * exempt from the end of the file: its position is that of its text in the uncompressed
 * archive, and the row may be longer, because a caption becomes JSON. */
static void check_position(struct rows *rows, uint64_t number,
                           const struct lc_row_record *row)
{
    struct lc_checking *c = rows->check;
    bool is_shard;

    if (row->file != rows->file_number || !rows->file.name.text) {
        rows->file_number = row->file;
        rows->end = 0;
        if (!lc_check_get_file(c, row->file, &rows->file)) {
            rows->file = (struct lc_file_record){0};
            lc_check_fault(c, LC_TABLE_ROWS, "row %llu is in file %lu, which is missing",
                           (unsigned long long)number, (unsigned long)row->file);
            return;
        }
    }
    if (row->row >= rows->file.rows || rows->file.first_row + row->row != number)
        lc_check_fault(c, LC_TABLE_ROWS, "row %llu is not row %llu of its file",
                       (unsigned long long)number, (unsigned long long)row->row);
    is_shard = lc_span_is(rows->file.dialect, LC_SHARD_DIALECT);
    if (row->offset < rows->end ||
        (!is_shard &&
         (row->offset > rows->file.size || row->size > rows->file.size - row->offset)))
        lc_check_fault(c, LC_TABLE_ROWS, "row %llu is outside of its file",
                       (unsigned long long)number);
    rows->end = row->offset + (is_shard ? 0 : row->size);
}

static enum lc_status visit_row(void *user, uint64_t number,
                                const struct lc_row_record *row, struct lc_span images,
                                struct lc_error *err)
{
    struct rows *rows = user;
    struct lc_checking *c = rows->check;
    bool sound = !row->faulty && number < c->records[LC_TABLE_ROWS] &&
                 !is_set(c->faulty_rows, number);
    enum lc_status status;

    if (number != rows->next)
        lc_check_fault(c, LC_TABLE_ROWS, "row %llu is missing",
                       (unsigned long long)rows->next);
    rows->next = number + 1;
    check_position(rows, number, row);
    if (images.size != 4 * (size_t)row->images)
        lc_check_fault(c, LC_TABLE_ROW_IMAGES, "row %llu has %zu images, but names %lu",
                       (unsigned long long)number, images.size / 4,
                       (unsigned long)row->images);
    if (row->images)
        c->expected[LC_TABLE_ROW_IMAGES].count++;
    if (row->id.size) {
        struct lc_hash id = lc_hash_bytes(row->id.text, row->id.size);

        lc_check_sum_lookup(&c->expected[LC_TABLE_BY_ID], &id, number);
    }
    status = visit_row_images(rows, number, images, &sound, err);
    rows->ok += sound;
    rows->turns += row->turns;
    rows->words += row->words;
    rows->characters += row->characters;
    rows->strays += row->dialect != 0;
    return status;
}

static enum lc_status check_rows(struct lc_checking *c, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(c->index);
    struct rows rows = {.check = c};
    struct lc_error own = {0};
    enum lc_status status = lc_index_each_row(c->index, visit_row, &rows, &own);

    if (status == LC_ERR_INDEX) {
        lc_check_fault(c, LC_TABLE_ROWS, "after row %llu: %s",
                       (unsigned long long)rows.next, own.message);
        return LC_OK;
    }
    if (status != LC_OK) {
        if (err)
            *err = own;
        return status;
    }
    lc_check_equal(c, LC_TABLE_ROWS, "rows", c->records[LC_TABLE_ROWS], s->rows);
    lc_check_equal(c, LC_TABLE_ROWS, "rows without an error", rows.ok, s->rows_ok);
    lc_check_equal(c, LC_TABLE_ROWS, "turns", rows.turns, s->turns);
    lc_check_equal(c, LC_TABLE_ROWS, "words", rows.words, s->words);
    lc_check_equal(c, LC_TABLE_ROWS, "characters", rows.characters, s->characters);
    if (rows.strays != c->strays)
        lc_check_fault(c, LC_TABLE_ROWS,
                       "%llu rows in other dialects than their files, which have %llu",
                       (unsigned long long)rows.strays, (unsigned long long)c->strays);
    if (c->records[LC_TABLE_ROW_IMAGES] != c->expected[LC_TABLE_ROW_IMAGES].count)
        lc_check_fault(c, LC_TABLE_ROW_IMAGES, "%llu rows, but %llu name images",
                       (unsigned long long)c->records[LC_TABLE_ROW_IMAGES],
                       (unsigned long long)c->expected[LC_TABLE_ROW_IMAGES].count);
    return LC_OK;
}

/* ---- findings ---- */

struct findings {
    struct lc_checking *check;
    uint64_t number;
    uint64_t severities[3];
    struct lc_rule_count *counts; /* counts of the rules in meta, in the same order */
};

/* Whether the subject of a finding exists, and is the one in the finding's key. */
static bool is_consistent(const struct lc_checking *c, struct lc_span key,
                          const struct lc_finding_record *finding)
{
    const struct lc_summary *s = lc_index_summary(c->index);
    struct lc_finding_key about;

    return lc_finding_key_decode(key, &about) &&
           lc_finding_matches_key(finding, &about) &&
           (finding->kind != LC_FINDING_ROW || finding->file < s->rows_files) &&
           (finding->kind != LC_FINDING_IMAGE || finding->image < s->images_referenced);
}

/* Mark the row that an error is about. The row's record may not say that it is faulty: an
 * error in the text after a row is found when its record was already stored. */
static void mark_faulty_row(struct lc_checking *c,
                            const struct lc_finding_record *finding)
{
    struct lc_file_record file;

    if (finding->kind == LC_FINDING_ROW && finding->row >= 0 &&
        finding->severity == LC_SEVERITY_ERROR &&
        lc_check_get_file(c, finding->file, &file) &&
        (uint64_t)finding->row < file.rows &&
        file.first_row + (uint64_t)finding->row < c->records[LC_TABLE_ROWS])
        set(c->faulty_rows, file.first_row + (uint64_t)finding->row);
}

static void count_finding(struct findings *f, const struct lc_finding_record *finding)
{
    const struct lc_index *index = f->check->index;

    mark_faulty_row(f->check, finding);
    f->severities[finding->severity]++;
    for (size_t i = 0; i < index->count; i++) {
        if (finding->rule.size <= sizeof(index->counts[i].code) &&
            strncmp(index->counts[i].code, finding->rule.text, finding->rule.size) == 0) {
            f->counts[i].counts[finding->severity]++;
            return;
        }
    }
    lc_check_fault(f->check, LC_TABLE_FINDINGS,
                   "finding %llu is of a rule without a count in meta",
                   (unsigned long long)f->number);
}

static enum lc_status visit_finding(void *user, struct lc_span key, struct lc_span value,
                                    struct lc_error *err)
{
    struct findings *f = user;
    struct lc_finding_record finding;

    (void)err;
    f->number++;
    if (!lc_check_decoded(f->check, LC_TABLE_FINDINGS, f->number - 1,
                          lc_finding_decode(value, &finding, NULL)))
        return LC_OK;
    if (!is_consistent(f->check, key, &finding))
        lc_check_fault(f->check, LC_TABLE_FINDINGS, "finding %llu does not match its key",
                       (unsigned long long)f->number - 1);
    count_finding(f, &finding);
    return LC_OK;
}

static enum lc_status check_findings(struct lc_checking *c, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(c->index);
    struct findings f = {
        .check = c,
        .counts = calloc(c->index->count + 1, sizeof(*f.counts)),
    };
    enum lc_status status;
    char what[48];

    c->faulty_rows = calloc(c->records[LC_TABLE_ROWS] / 8 + 1, 1);
    if (!f.counts || !c->faulty_rows) {
        free(f.counts);
        return lc_fail_memory(err);
    }
    status = lc_check_walk(c, LC_TABLE_FINDINGS, visit_finding, &f, err);
    for (int i = 0; i < 3; i++) {
        snprintf(what, sizeof(what), "findings of level %s",
                 lc_severity_name((enum lc_severity)i));
        lc_check_equal(c, LC_TABLE_FINDINGS, what, f.severities[i], s->findings[i]);
    }
    for (size_t i = 0; i < c->index->count; i++)
        if (memcmp(f.counts[i].counts, c->index->counts[i].counts,
                   sizeof(f.counts[i].counts)) != 0)
            lc_check_fault(c, LC_TABLE_FINDINGS,
                           "%s: the numbers of findings differ from meta",
                           c->index->counts[i].code);
    free(f.counts);
    return status;
}

/* ---- mixture ---- */

struct mixture {
    struct lc_checking *check;
    uint32_t ranks[LC_SHARE_KINDS];
    uint64_t rows[LC_SHARE_KINDS];
    uint64_t last; /* number of rows of the previous share */
};

static enum lc_status visit_share(void *user, struct lc_span key, struct lc_span value,
                                  struct lc_error *err)
{
    struct mixture *m = user;
    const uint8_t *bytes = (const uint8_t *)key.text;
    struct lc_share share;

    (void)err;
    if (key.size != 5 || bytes[0] >= LC_SHARE_KINDS ||
        lc_get_u32(bytes + 1) != m->ranks[bytes[0]]) {
        lc_check_fault(m->check, LC_TABLE_MIXTURE, "a key is wrong or out of order");
        return LC_OK;
    }
    if (!lc_check_decoded(m->check, LC_TABLE_MIXTURE, m->ranks[bytes[0]],
                          lc_share_decode(value, &share, NULL)))
        return LC_OK;
    if (m->ranks[bytes[0]]++ && share.rows > m->last)
        lc_check_fault(m->check, LC_TABLE_MIXTURE,
                       "a share has more rows than the one before it");
    m->last = share.rows;
    m->rows[bytes[0]] += share.rows;
    return LC_OK;
}

static enum lc_status check_mixture(struct lc_checking *c, struct lc_error *err)
{
    struct mixture m = {.check = c};
    enum lc_status status = lc_check_walk(c, LC_TABLE_MIXTURE, visit_share, &m, err);

    for (int i = 1; i < LC_SHARE_KINDS; i++)
        if (m.rows[i] != m.rows[0])
            lc_check_fault(c, LC_TABLE_MIXTURE,
                           "sources and folders differ in their number of rows");
    return status;
}

enum lc_status lc_check_records(struct lc_checking *c, struct lc_error *err)
{
    enum lc_status status = check_files(c, err);

    if (status == LC_OK)
        status = check_statistics(c, err);
    if (status == LC_OK)
        status = check_images(c, err);
    if (status == LC_OK)
        status = check_archives(c, err);
    /* findings before rows, whose check needs to know which rows are faulty */
    if (status == LC_OK)
        status = check_findings(c, err);
    if (status == LC_OK)
        status = check_rows(c, err);
    return status == LC_OK ? check_mixture(c, err) : status;
}
