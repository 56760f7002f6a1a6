/* scale.c - measure a run over a data set too large to have, by generating its facts
 *
 *     scale FOLDER ROWS IMAGES
 *
 * Facts about rows and images are generated, and passed to the code that a run uses after
 * its parsers and decoders: the stages of src/scan that link, sort and compare, and the
 * index that they write to FOLDER. Then the whole index is read. Prints a line for each
 * phase: its name, seconds of wall time and of processor time, and peak memory in KiB.
 */
#include "scan/common/run.h"
#include "scan/images/alike.h"
#include "scan/links.h"
#include "scan/rows/mixture.h"
#include "scan/set/set.h"
#include "scan/set/sorting.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PARTS 1000      /* folders of images */
#define TWIN_OF_SAME 97 /* one row in 97 has the content of an earlier row */
#define ID_OF_SAME 89   /* one row in 89 has the id of an earlier row */
#define SAME_FILE 53    /* one image in 53 has the content of an earlier one */
#define STAND_IN 1009   /* one image in 1009 has the content of a stand-in picture */
#define BATCH 256       /* rows */
#define FAULTY 211      /* one row and one image in 211 have a finding */

/* ---- measuring */

struct moment {
    double wall; /* seconds */
    double cpu;  /* of all threads */
};

static double seconds_of(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static struct moment now(void)
{
    return (struct moment){seconds_of(CLOCK_MONOTONIC),
                           seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
}

/* Peak memory since the last call, in KiB; 0 if the kernel does not report it. */
static long peak_kib(void)
{
    FILE *status = fopen("/proc/self/status", "r"), *refs;
    char line[128];
    long kib = 0;

    while (status && fgets(line, sizeof(line), status))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (status)
        fclose(status);
    refs = fopen("/proc/self/clear_refs", "w");
    if (refs) {
        fputs("5\n", refs);
        fclose(refs);
    }
    return kib;
}

static void print_phase(const char *phase, struct moment since)
{
    struct moment end = now();

    printf("%s %.3f %.3f %ld\n", phase, end.wall - since.wall, end.cpu - since.cpu,
           peak_kib());
    fflush(stdout);
}

static void must(enum lc_status status, const struct lc_error *err)
{
    if (status == LC_OK)
        return;
    fprintf(stderr, "scale: %s\n", err->message);
    exit(2);
}

/* ---- generating data: the same in every run (splitmix64, Vigna 2015) */

static uint64_t mix(uint64_t seed)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    seed = (seed ^ seed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    seed = (seed ^ seed >> 27) * UINT64_C(0x94D049BB133111EB);
    return seed ^ seed >> 31;
}

static struct lc_hash content_of(const char *what, uint64_t number)
{
    char text[40];

    return lc_hash_bytes(
        text, (size_t)snprintf(text, sizeof(text), "%s %" PRIu64, what, number));
}

static struct lc_span path_of(uint64_t image, char text[64])
{
    int size = snprintf(text, 64, "pretrain/part-%03u/%012" PRIu64 ".jpg",
                        (unsigned)(mix(image) % PARTS), image);

    return (struct lc_span){text, (size_t)size};
}

/* Image paths, in the form that a job of the rows stage holds them. */
struct named {
    char text[64];
    struct lc_span path;
    struct lc_hash hash;
};

struct feed {
    struct lc_run run;
    struct lc_rows data;
    struct lc_links links;
    struct lc_sorting sorting;
    struct lc_statistics statistics;
    struct lc_mixture *mixture;
    uint64_t rows;
    uint32_t images;
    struct named named[2 * BATCH];
    const struct named *next;
};

/* The number of images that a row names: of 20 rows, one names none, three name two, and
 * the others one. */
static uint32_t images_of(uint64_t row)
{
    return row % 20 == 0 ? 0 : row % 20 < 4 ? 2 : 1;
}

/* Collect the image paths of some rows. */
static void expect_images(struct feed *feed, uint64_t row, uint64_t end)
{
    const struct lc_paths *paths = &feed->data.paths;
    size_t count = 0;

    for (; row < end; row++)
        for (uint32_t i = 0; i < images_of(row); i++) {
            struct named *named = &feed->named[count];
            uint64_t number = mix(feed->data.named_count + count) % feed->images;

            named->path = path_of(number, named->text);
            named->hash = lc_hash_bytes(named->path.text, named->path.size);
            count++;
        }
    for (int step = 0; step < 3; step++)
        for (size_t i = 0; i < count; i++)
            lc_paths_prefetch(paths, &feed->named[i].hash, step);
    feed->next = feed->named;
}

static void name_images(struct feed *feed, uint32_t count, struct lc_error *err)
{
    struct lc_rows *rows = &feed->data;

    for (; count; count--, feed->next++) {
        uint32_t *named = lc_array_grow(rows->named, rows->named_count,
                                        &rows->named_capacity, sizeof(*named));

        must(named ? LC_OK : lc_fail_memory(err), err);
        rows->named = named;
        must(lc_paths_add(&rows->paths, feed->next->path, &feed->next->hash,
                          &named[rows->named_count], err),
             err);
        rows->named_count++;
    }
}

static void add_finding(struct lc_run *run, enum lc_rule_index rule,
                        struct lc_finding_record *record, struct lc_error *err)
{
    static char text[] = "a finding of the usual length, as a rule makes it";
    struct lc_findings findings = {.text = {.data = text, .size = sizeof(text)}};
    struct lc_finding finding = {.rule = rule, .severity = LC_SEVERITY_WARNING};

    must(lc_run_add_finding(run, &findings, &finding, record, err), err);
}

/* Add a row, as the rows stage does. */
static void add_row(struct feed *feed, uint64_t row, struct lc_error *err)
{
    struct lc_rows *rows = &feed->data;
    struct lc_summary *summary = &feed->run.summary;
    char id[32];
    uint64_t same_id = row % ID_OF_SAME == 0 ? row / 3 : row;
    uint64_t same = row % TWIN_OF_SAME == 0 ? row / 2 : row;
    uint32_t *image_counts = lc_array_grow(
        rows->image_counts, row, &rows->image_counts_capacity, sizeof(*image_counts));
    uint8_t *faulty =
        lc_array_grow(rows->faulty, row, &rows->faulty_capacity, sizeof(*faulty));
    struct lc_row_record record = {
        .row = row,
        .offset = row * 1140,
        .line = row + 1,
        .column = 1,
        .size = 1138,
        .turns = 12,
        .placeholders = 1,
        .words = 100 + row % 100,
        .characters = 600 + row % 1000,
        .readable = true,
        .whole = true,
        .content = content_of("row", same),
        .rest = mix(row),
        .id = {id, (size_t)snprintf(id, sizeof(id), "sample_%09" PRIu64, same_id)},
    };
    struct lc_row_id item = {lc_hash_bytes(id, record.id.size), row};

    must(image_counts && faulty ? LC_OK : lc_fail_memory(err), err);
    rows->image_counts = image_counts;
    rows->faulty = faulty;
    record.images = image_counts[row] = images_of(row);
    faulty[row] = 0;
    must(lc_mixture_add(feed->mixture, (struct lc_span){"made", 4},
                        record.images ? feed->next->path : (struct lc_span){0},
                        record.images, 6, record.words, err),
         err);
    name_images(feed, record.images, err);
    must(lc_sorter_add(&rows->ids, &item, err), err);
    item.hash = record.content;
    must(lc_sorter_add(&rows->contents, &item, err), err);
    rows->count++;
    summary->rows++;
    summary->turns += record.turns;
    summary->words += record.words;
    summary->characters += record.characters;
    summary->rows_text_only += !record.images;
    lc_histogram_add(&feed->statistics.row_words, record.words);
    must(lc_index_add_row(feed->run.writer, row, &record, err), err);
    if (row % FAULTY == 0)
        add_finding(&feed->run, LC_RULE_CNV306,
                    &(struct lc_finding_record){.kind = LC_FINDING_ROW,
                                                .row = (int64_t)row,
                                                .offset = record.offset,
                                                .line = record.line,
                                                .column = 1,
                                                .turn = 1,
                                                .id = record.id},
                    err);
}

static void add_rows(struct feed *feed, struct lc_error *err)
{
    struct lc_run *run = &feed->run;
    struct lc_file_record file = {
        .name = {"rows.jsonl", 10},
        .size = feed->rows * 1140,
        .rows = feed->rows,
        .sampled = feed->rows,
        .lines = true,
    };

    must(lc_mixture_new(&feed->mixture, err), err);
    for (uint64_t row = 0; row < feed->rows; row++) {
        if (row % BATCH == 0)
            expect_images(feed, row, row + BATCH < feed->rows ? row + BATCH : feed->rows);
        add_row(feed, row, err);
    }
    run->summary.rows_files = 1;
    run->summary.rows_sampled = feed->rows;
    must(lc_index_add_file(run->writer, 0, &file, err), err);
    must(lc_index_add_statistics(run->writer, &feed->statistics, err), err);
    must(lc_index_add_file_statistics(run->writer, 0, &feed->statistics, err), err);
    must(lc_mixture_store(feed->mixture, run->writer, err), err);
    lc_mixture_free(feed->mixture);
}

/* Add an image, as the images stage does. */
static void add_image(struct feed *feed, uint32_t number, struct lc_sorter *contents,
                      struct lc_error *err)
{
    struct lc_run *run = &feed->run;
    const struct lc_links *links = &feed->links;
    uint64_t same = number % SAME_FILE == 0 ? number / 2 : number;
    struct lc_image_record record = {
        .path = lc_links_path(links, number),
        .size = 110000 + number % 1000,
        .mtime_ns = INT64_C(1700000000000000000) + number,
        .ctime_ns = INT64_C(1700000000000000000) + number,
        .inode = number,
        .device = 1,
        .content = content_of("image", number % STAND_IN == 0 ? 0 : same),
        .format = {"jpeg", 4},
        .mode = {"RGB", 3},
        .width = 640,
        .height = 480,
        .rows_decoded = 480,
        .depth = 8,
        .frames = 1,
        .content_kind = LC_CONTENT_JPEG,
        .uses = links->first_user[number + 1] - links->first_user[number],
    };
    struct lc_row_id item = {record.content, lc_content_number(number, LC_CONTENT_JPEG)};

    if (number % FAULTY == 0)
        add_finding(run, LC_RULE_IMG514,
                    &(struct lc_finding_record){
                        .kind = LC_FINDING_IMAGE, .image = number, .row = -1, .turn = -1},
                    err);
    run->summary.images++;
    run->summary.images_ok++;
    run->summary.image_bytes += record.size;
    must(lc_sorter_add(contents, &item, err), err);
    must(lc_index_add_image(run->writer, number, &record, err), err);
}

static void add_images(struct feed *feed, struct lc_error *err)
{
    size_t images = lc_links_images(&feed->links);
    struct lc_sorter contents = {.folder = feed->run.folder};
    bool *there = malloc(images);

    must(there ? LC_OK : lc_fail_memory(err), err);
    memset(there, true, images);

    for (uint32_t i = 0; i < images; i++)
        add_image(feed, i, &contents, err);
    must(lc_alike_store_contents(&feed->run, &feed->links, &contents, err), err);
    must(lc_alike_store_paths(&feed->run, &feed->links, there, err), err);
    free(there);
    lc_sorter_clear(&contents);
}

/* ---- the phases */

/* End the rows file; there is only one. */
static void end_file(struct lc_rows *rows, struct lc_error *err)
{
    rows->file_ends = lc_array_grow(rows->file_ends, rows->file_count,
                                    &rows->file_ends_capacity, sizeof(*rows->file_ends));
    must(rows->file_ends ? LC_OK : lc_fail_memory(err), err);
    rows->file_ends[rows->file_count++] = rows->count;
}

static struct lc_index *write_index(struct feed *feed, char *folder, struct lc_error *err)
{
    static const struct lc_index_info info = {.name = {"scale", 5}, .tool = {"0", 1}};
    static const struct lc_dataset dataset;
    struct lc_run *run = &feed->run;
    struct lc_rows *rows = &feed->data;
    struct lc_index *index;
    struct moment since = now();

    run->folder = folder;
    rows->ids.folder = rows->contents.folder = folder;
    must(lc_index_create(folder, NULL, &run->writer, err), err);
    must(lc_index_add_info(run->writer, &info, err), err);
    add_rows(feed, err);
    end_file(rows, err);
    print_phase("rows", since);
    since = now();
    lc_sorting_begin(&feed->sorting, rows, NULL);
    must(lc_links_build(rows, &feed->links, err), err);
    must(lc_links_store(run, rows, &feed->links, err), err);
    print_phase("links", since);
    since = now();
    add_images(feed, err);
    print_phase("images", since);
    since = now();
    must(lc_sorting_end(&feed->sorting, err), err);
    lc_links_clear(&feed->links);
    lc_paths_clear(&rows->paths);
    must(lc_set_check(run, &dataset, rows, &feed->sorting.unused, err), err);
    print_phase("set", since);
    since = now();
    must(lc_run_store_summary(run, rows->faulty, err), err);
    must(lc_index_finish(run->writer, NULL, &index, err), err);
    print_phase("finish", since);
    return index;
}

static enum lc_status see_row(void *user, uint64_t number,
                              const struct lc_row_record *row, struct lc_span images,
                              struct lc_error *err)
{
    uint64_t *seen = user;

    (void)err;
    *seen += number == row->row && images.size == 4 * row->images;
    return LC_OK;
}

static enum lc_status see_image(void *user, uint32_t number,
                                const struct lc_image_record *image, struct lc_error *err)
{
    uint64_t *seen = user;

    (void)number;
    (void)err;
    *seen += image->uses > 0;
    return LC_OK;
}

static void walk_all(const struct lc_index *index, struct lc_error *err)
{
    struct moment since = now();
    uint64_t rows = 0, images = 0;

    must(lc_index_each_row(index, see_row, &rows, err), err);
    must(lc_index_each_image(index, see_image, &images, err), err);
    if (rows != lc_index_summary(index)->rows ||
        images != lc_index_summary(index)->images_referenced)
        must(lc_fail(err, LC_ERR_INDEX, 0, "not all was there that was written"), err);
    print_phase("walk", since);
}

int main(int argc, char **argv)
{
    static const struct lc_check_options options;
    static struct feed feed;
    struct lc_error err = {0};
    struct lc_index *index;
    uint64_t named;

    if (argc == 4) {
        feed.rows = strtoull(argv[2], NULL, 10);
        feed.images = (uint32_t)strtoul(argv[3], NULL, 10);
    }
    if (!feed.rows || !feed.images) {
        fprintf(stderr, "usage: scale FOLDER ROWS IMAGES\n");
        return 2;
    }
    feed.run.options = &options;
    index = write_index(&feed, argv[1], &err);
    named = feed.data.named_count;
    lc_rows_clear(&feed.data);
    (void)peak_kib();
    walk_all(index, &err);
    printf("images_named %" PRIu64 "\nentries %" PRIu64 "\n",
           lc_index_summary(index)->images_referenced, named);
    lc_index_close(index);
    return fclose(stdout) != 0;
}
