#include "dataset/files.h"

#include "base/path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum lc_status lc_files_notice(struct lc_dataset *dataset, struct lc_error *err,
                               const char *format, ...)
{
    enum lc_status status;
    va_list args;

    va_start(args, format);
    status = lc_buffer_vprintf(&dataset->notices, err, format, args);
    va_end(args);
    return status == LC_OK ? lc_buffer_add(&dataset->notices, "", 1, err) : status;
}

enum lc_status lc_files_add_known(struct lc_dataset *dataset, const char *path,
                                  const char *name, const struct lc_file_use *use,
                                  struct lc_error *err)
{
    struct lc_rows_file file = {
        .lines = lc_path_ends(path, ".jsonl"),
        .sampled = use->sampled,
        .dialect = use->dialect,
        .kin = use->kin,
        .is_detected = use->is_detected,
        .is_registered = use->is_registered,
    };
    struct lc_rows_file *files;
    struct stat st;

    if (stat(path, &st) == 0) {
        file.device = (uint64_t)st.st_dev;
        file.inode = (uint64_t)st.st_ino;
    }
    files = lc_array_grow(dataset->files, dataset->file_count, &dataset->file_capacity,
                          sizeof(*files));
    if (!files)
        return lc_fail_memory(err);
    dataset->files = files;
    file.path = strdup(path);
    file.name = strdup(name);
    file.sampling = use->sampling ? strdup(use->sampling) : NULL;
    file.root = use->root ? strdup(use->root) : NULL;
    if (!file.path || !file.name || (use->sampling && !file.sampling) ||
        (use->root && !file.root)) {
        lc_rows_file_clear(&file);
        return lc_fail_memory(err);
    }
    files[dataset->file_count++] = file;
    return LC_OK;
}

bool lc_files_is_registered(const struct lc_dataset *dataset, uint64_t device,
                            uint64_t inode)
{
    for (size_t i = 0; i < dataset->file_count; i++)
        if (dataset->files[i].is_registered && dataset->files[i].device == device &&
            dataset->files[i].inode == inode)
            return true;
    return false;
}

void lc_files_name_error(const char *name, struct lc_error *err)
{
    if (err->os_errno)
        snprintf(err->message, sizeof(err->message), "%.100s: %s", name,
                 strerror(err->os_errno));
}

/* Refuse a file whose objects are not rows of any dialect: report the keys that were
 * seen, and the dialects. */
static enum lc_status refuse_dialect(const struct lc_peek *peek, struct lc_error *err)
{
    char known[120] = "";

    for (size_t i = 0; i < lc_dialect_count; i++) {
        size_t used = strlen(known);

        snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "",
                 lc_dialects[i].name);
    }
    return lc_fail(
        err, LC_ERR_USAGE, 0,
        "rows of an unknown dialect, with the keys %.80s; --dialect is one of %.110s",
        peek->keys, known);
}

enum lc_status lc_files_add(struct lc_dataset *dataset, const char *path,
                            const struct lc_file_use *use, struct lc_samples *samples,
                            struct lc_error *err)
{
    struct lc_file_use known = use ? *use : (struct lc_file_use){.sampling = NULL};
    struct lc_samples rooted = {0}; /* the file has a root: none needs to be found */
    struct lc_peek peek;
    char *name = NULL;
    enum lc_status status = lc_path_relative(dataset->folder, path, &name, err);

    if (dataset->dialect)
        known.dialect = dataset->dialect;
    if (status == LC_OK) {
        status = lc_peek_rows(path, lc_path_ends(path, ".jsonl"), known.dialect, &peek,
                              known.root ? &rooted : samples, err);
        if (status == LC_ERR_IO && !dataset->single)
            lc_files_name_error(name, err);
    }
    if (status == LC_OK && peek.kind == LC_PEEK_OTHER && *peek.keys && !known.dialect)
        status = refuse_dialect(&peek, err);
    if (status == LC_OK) {
        known.is_detected = !known.dialect;
        known.dialect = peek.dialect;
        known.kin = peek.kin;
        status = lc_files_add_known(dataset, path, name, &known, err);
    }
    lc_samples_clear(&rooted);
    free(name);
    return status;
}

/* ---- patterns ---- */

const char *lc_files_brace(const char *path)
{
    static const char tail[] = "}.json";
    size_t size = strlen(path);
    const char *open = strrchr(path, '{');

    if (size < sizeof(tail) || strcmp(path + size - (sizeof(tail) - 1), tail) != 0)
        return NULL;
    return open && open < path + size - (sizeof(tail) - 1) ? open : NULL;
}

bool lc_files_is_pattern(const char *path)
{
    struct stat st;

    return lc_files_brace(path) && stat(path, &st) != 0;
}

enum lc_status lc_files_add_pattern(struct lc_dataset *dataset, const char *path,
                                    struct lc_samples *samples, struct lc_error *err)
{
    const char *brace = lc_files_brace(path), *name = brace + 1;
    const char *close = path + strlen(path) - strlen("}.json");
    enum lc_status status = LC_OK;

    while (status == LC_OK && name <= close) {
        const char *comma = memchr(name, ',', (size_t)(close - name));
        const char *end = comma ? comma : close;
        struct lc_buffer file = {0};
        struct stat st;

        status = lc_buffer_printf(&file, err, "%.*s%.*s.json", (int)(brace - path), path,
                                  (int)(end - name), name);
        if (status == LC_OK && (stat(file.data, &st) != 0 || !S_ISREG(st.st_mode)))
            status = lc_fail(err, LC_ERR_USAGE, 0, "not a regular file: %.150s",
                             lc_path_name(file.data));
        if (status == LC_OK)
            status = lc_files_add(dataset, file.data, NULL, samples, err);
        lc_buffer_clear(&file);
        name = end + 1;
    }
    return status;
}
