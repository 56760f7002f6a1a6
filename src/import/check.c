/* Rows in memory are checked like any others: they are written to a file that is also in
 * memory */
#include "llava_check/check.h"

#include "base/options.h"
#include "import/importer.h"
#include "llava_check/arrow.h"
#include "llava_check/report.h"
#include "llava_check/selection.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* get_image of struct lc_check_options. */
static int get_image(void *user, const char *path, struct lc_image_bytes *out)
{
    const struct lc_importer *importer = user;
    struct lc_span bytes;

    if (!lc_kept_find(&importer->kept, path, &bytes))
        return LC_IMAGE_IS_FILE;
    *out = (struct lc_image_bytes){.data = bytes.text, .size = bytes.size};
    return 0;
}

static enum lc_status write_all(int fd, const char *text, size_t size,
                                struct lc_error *err)
{
    while (size > 0) {
        ssize_t n = write(fd, text, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lc_fail_errno(err, "write rows to memory");
        text += n;
        size -= (size_t)n;
    }
    return LC_OK;
}

/* Create a file with the rows, and its path. */
static enum lc_status write_rows(const struct lc_importer *importer, int *fd, char *path,
                                 size_t path_size, struct lc_error *err)
{
    /* rendered rows begin with a comma and a line end */
    size_t skipped = importer->rows.size ? 2 : 0;
    enum lc_status status;

    *fd = memfd_create("llava-check-rows", MFD_CLOEXEC);
    if (*fd < 0)
        return lc_fail_errno(err, "create a file in memory");
    (void)snprintf(path, path_size, "/proc/self/fd/%d", *fd);
    if (access(path, R_OK) != 0)
        return lc_fail(err, LC_ERR_IO, ENOSYS, "rows in memory: /proc is not mounted");
    status = write_all(*fd, "[", 1, err);
    if (status == LC_OK && importer->rows.size)
        status = write_all(*fd, importer->rows.data + skipped,
                           importer->rows.size - skipped, err);
    return status == LC_OK ? write_all(*fd, "]\n", 2, err) : status;
}

enum lc_status lc_importer_check(const struct lc_importer *importer,
                                 const struct lc_check_options *options,
                                 struct lc_index **out, struct lc_error *err)
{
    char path[40];
    const char *const paths[] = {path};
    int fd = -1;
    struct lc_check_options own;
    enum lc_status status = LC_OPTIONS_COPY(&own, options, path_count, err);

    if (status == LC_OK)
        status = write_rows(importer, &fd, path, sizeof(path), err);
    if (status != LC_OK)
        goto out;
    own.paths = paths;
    own.path_count = 1;
    own.no_index = own.each_alone = true;
    own.put_image = NULL;
    own.get_image = importer->kept.items.size ? get_image : NULL;
    own.user = (void *)(uintptr_t)importer; /* get_image only reads it */
    status = lc_check(&own, out, err);
out:
    if (fd >= 0)
        (void)close(fd);
    return status;
}

/* Start the table of verdicts from an index. */
static enum lc_status start_verdicts(const struct lc_index *index,
                                     const struct lc_verdict_options *options,
                                     struct ArrowArrayStream *out, struct lc_error *err)
{
    struct lc_arrow_options table = LC_OPTIONS(lc_arrow_options);
    struct lc_view *view = NULL;
    struct lc_prediction *prediction = NULL;
    enum lc_status status =
        lc_prediction_new_of_each(index, options->trainer, &prediction, err);

    if (status == LC_OK && options->selection)
        status = lc_view_new(index, options->selection, &view, err);
    table.view = view;
    table.prediction = prediction;
    table.show = options->show;
    if (status == LC_OK)
        status = lc_arrow_stream(index, LC_ARROW_VERDICTS, &table, out, err);
    lc_prediction_free(prediction);
    lc_view_free(view);
    return status;
}

enum lc_status lc_importer_verdicts(const struct lc_importer *importer,
                                    const struct lc_check_options *options,
                                    const struct lc_verdict_options *verdicts,
                                    struct ArrowArrayStream *out, struct lc_error *err)
{
    struct lc_verdict_options own = LC_OPTIONS(lc_verdict_options);
    struct lc_index *index = NULL;
    enum lc_status status = LC_OK;

    if (verdicts)
        status = LC_OPTIONS_COPY(&own, verdicts, size, err);
    if (status == LC_OK)
        status = lc_importer_check(importer, options, &index, err);
    if (status == LC_OK)
        status = start_verdicts(index, &own, out, err);
    lc_index_close(index); /* the table keeps what it needs of the index */
    return status;
}
