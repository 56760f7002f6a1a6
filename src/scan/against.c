#include "scan/against.h"

#include "archive/archive.h"
#include "base/hash.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)256 << 10)
#define SAMPLED 48     /* files, to find the leading folders that were removed */
#define MOST_LEADING 8 /* leading folders at most */

/* A file of the archive. */
struct packed_file {
    size_t path; /* offset in the text; ends with NUL, as does the link */
    size_t link; /* hard links: offset of the target's path; SIZE_MAX: not a link */
    uint64_t number;
    uint64_t size;
    struct lc_hash hash;
    bool is_whole; /* all its data were read */
};

struct against {
    struct lc_archive *archive;
    struct lc_records *records;
    struct lc_span name; /* the archive's name, to show */
    struct lc_buffer text;
    struct packed_file *files;
    size_t count, capacity;
    struct lc_hasher *hasher;
    char *piece;
};

/* Append the path of a member; *usable is set to false if it is not unpacked to a
 * file. */
static enum lc_status add_path(struct against *against, struct lc_span name, size_t *out,
                               bool *usable, struct lc_error *err)
{
    struct lc_buffer *text = &against->text;
    size_t size = 0;
    enum lc_status status = lc_buffer_reserve(text, name.size + 2, err);

    if (status != LC_OK)
        return status;
    *out = text->size;
    *usable = lc_member_path(name, text->data + text->size, &size) <= LC_PATH_ABSOLUTE &&
              size && *(text->data + text->size);
    text->size += *usable ? size : 0;
    return *usable ? lc_buffer_add(text, "", 1, err) : LC_OK;
}

static enum lc_status hash_data(struct against *against, struct packed_file *file,
                                struct lc_error *err)
{
    uint64_t size = file->size;
    size_t got = 1;
    enum lc_status status = LC_OK;

    while (status == LC_OK && got) {
        status = lc_archive_read(against->archive, against->piece, PIECE, &got, err);
        if (status == LC_OK)
            lc_hasher_update(against->hasher, against->piece, got);
        size -= status == LC_OK && got <= size ? got : 0;
    }
    file->hash = lc_hasher_finish(against->hasher);
    file->is_whole =
        !size && lc_archive_member_fault(against->archive) == LC_ARCHIVE_SOUND;
    return status;
}

static enum lc_status add_file(struct against *against, const struct lc_member *member,
                               struct lc_error *err)
{
    bool is_link = member->type == LC_MEMBER_HARD_LINK, usable = false, leads = true;
    struct packed_file file = {
        .link = SIZE_MAX, .number = member->number, .size = member->size};
    struct packed_file *files;
    enum lc_status status;

    if (!is_link && member->type != LC_MEMBER_FILE && member->type != LC_MEMBER_OTHER)
        return LC_OK;
    status = add_path(against, member->name, &file.path, &usable, err);
    if (status == LC_OK && is_link)
        status = add_path(against, member->link, &file.link, &leads, err);
    if (status == LC_OK && (!usable || !leads))
        return lc_records_add_issue(against->records, LC_FAULT_UNUSABLE, against->name,
                                    "a member has a name that is not unpacked", err);
    if (status == LC_OK && !is_link)
        status = hash_data(against, &file, err);
    files =
        lc_array_grow(against->files, against->count, &against->capacity, sizeof(*files));
    if (!files)
        return lc_fail_memory(err);
    against->files = files;
    files[against->count++] = file;
    return status;
}

static int by_path(const void *a, const void *b, void *user)
{
    const struct packed_file *x = a, *y = b;
    const struct lc_buffer *text = user;
    int order = strcmp(text->data + x->path, text->data + y->path);

    return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* Sort the files, and keep the last of each path. */
static void keep_last_of_path(struct against *against)
{
    const char *text = against->text.data;
    size_t kept = 0;

    if (against->count)
        qsort_r(against->files, against->count, sizeof(*against->files), by_path,
                &against->text);
    for (size_t i = 0; i < against->count; i++)
        if (i + 1 == against->count ||
            strcmp(text + against->files[i].path, text + against->files[i + 1].path) != 0)
            against->files[kept++] = against->files[i];
    against->count = kept;
}

static const struct packed_file *find_file(const struct against *against,
                                           const char *path)
{
    size_t low = 0, high = against->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct packed_file *file = &against->files[middle];
        int order = strcmp(against->text.data + file->path, path);

        if (order == 0)
            return file;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* A path without its first folders; NULL if it has fewer. */
static const char *without(const char *path, unsigned folders)
{
    for (; folders && path; folders--) {
        path = strchr(path, '/');
        path += path != NULL;
    }
    return path;
}

/* Find how many leading folders were removed when the archive was unpacked: the number
 * with which most of the sampled files exist in the folder. */
static unsigned find_leading(const struct against *against,
                             const struct lc_folder *folder)
{
    size_t step = against->count / SAMPLED + 1, best = 0;
    unsigned out = 0;

    for (unsigned n = 0; n < MOST_LEADING; n++) {
        size_t found = 0;

        for (size_t i = 0; i < against->count; i += step) {
            const char *path = without(against->text.data + against->files[i].path, n);

            found += path && *path && lc_folder_has(folder, path);
        }
        if (found > best) {
            best = found;
            out = n;
        }
    }
    return out;
}

static enum lc_status add_records(struct against *against, unsigned leading,
                                  struct lc_error *err)
{
    const struct lc_source_name source = {.kind = LC_RECORDER_ARCHIVE,
                                          .name = against->name};
    struct lc_record record = {.time_ns = LC_RECORD_NO_TIME,
                               .kind = LC_RECORD_SUM,
                               .checksum = LC_CHECKSUM_XXH3};
    enum lc_status status =
        lc_records_source(against->records, &source, &record.source, err);

    for (size_t i = 0; i < against->count && status == LC_OK; i++) {
        const struct packed_file *file = &against->files[i], *of = file;
        const char *path = without(against->text.data + file->path, leading);

        for (int links = 0; links < 2 && of && of->link != SIZE_MAX; links++)
            of = find_file(against, against->text.data + of->link);
        if (!path || !*path || !of || of->link != SIZE_MAX || !of->is_whole)
            continue;
        record.size = of->size;
        status = lc_records_add(against->records, &record,
                                (struct lc_span){path, strlen(path)}, (struct lc_span){0},
                                of->hash.bytes, err);
    }
    return status;
}

/* Whether files may be lost or differ because of a fault. */
static bool is_loss(enum lc_archive_fault fault)
{
    return fault != LC_ARCHIVE_HALF_END && fault != LC_ARCHIVE_CONTINUES &&
           fault != LC_ARCHIVE_TRAILING && fault != LC_ARCHIVE_AMBIGUOUS;
}

/* Add an issue for each kind of damage. Damage that may have lost files makes the archive
 * unfinished. */
static enum lc_status add_damage(struct against *against, struct lc_error *err)
{
    const struct lc_archive_end *end = lc_archive_end(against->archive);
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < end->damage_count && status == LC_OK; i++) {
        const struct lc_archive_damage *damage = &end->damage[i];

        if (i && end->damage[i - 1].what == damage->what)
            continue;
        status = lc_records_add_issue(
            against->records,
            is_loss(damage->what) ? LC_FAULT_UNFINISHED : LC_FAULT_UNUSABLE,
            against->name,
            damage->detail ? damage->detail : lc_archive_fault_name(damage->what), err);
    }
    return status;
}

static enum lc_status read_archive(const struct lc_run *run, struct against *against,
                                   struct lc_error *err)
{
    const struct lc_member *member = NULL;
    enum lc_status status = LC_OK;

    if (lc_archive_end(against->archive)->kind == LC_ARCHIVE_NONE)
        return lc_fail(err, LC_ERR_USAGE, 0, "%.100s is not an archive that can be read",
                       against->name.text);
    while (status == LC_OK) {
        status = lc_run_check_stopped(run, err);
        if (status == LC_OK)
            status = lc_archive_next(against->archive, &member, err);
        if (status != LC_OK || !member)
            break;
        status = add_file(against, member, err);
    }
    return status;
}

enum lc_status lc_records_of_archive(const struct lc_run *run, const char *path,
                                     const struct lc_folder *folder,
                                     struct lc_records *records, struct lc_error *err)
{
    const char *name = lc_path_name(path);
    struct against against = {.records = records, .name = {name, strlen(name)}};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    enum lc_status status;

    if (fd < 0)
        return lc_fail(err, errno == ENOENT ? LC_ERR_USAGE : LC_ERR_IO, errno,
                       "open the archive %.100s: %s", name, strerror(errno));
    status = lc_archive_open(fd, name, NULL, &against.archive, err);
    against.hasher = lc_hasher_new();
    against.piece = malloc(PIECE);
    if (status == LC_OK && (!against.hasher || !against.piece))
        status = lc_fail_memory(err);
    if (status == LC_OK)
        status = read_archive(run, &against, err);
    if (status == LC_OK) {
        keep_last_of_path(&against);
        status = add_records(&against, find_leading(&against, folder), err);
    }
    if (status == LC_OK)
        status = add_damage(&against, err);
    if (status == LC_OK)
        lc_records_sort(records);
    lc_archive_close(against.archive);
    lc_hasher_free(against.hasher);
    lc_buffer_clear(&against.text);
    free(against.files);
    free(against.piece);
    return status;
}
