/* image_facts.c - print the facts of src/image about files, one line each, for the diff
 * tests */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"

struct file {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

static bool read_file(const char *path, struct file *file)
{
    FILE *from = fopen(path, "rb");
    size_t got = 1;

    file->size = 0;
    if (!from)
        return false;
    while (got > 0) {
        if (file->size == file->capacity) {
            file->capacity = file->capacity ? file->capacity * 2 : 1 << 20;
            file->data = realloc(file->data, file->capacity);
            assert(file->data);
        }
        got = fread(file->data + file->size, 1, file->capacity - file->size, from);
        file->size += got;
    }
    fclose(from);
    return true;
}

static const char *lenient_name(enum lc_lenient lenient)
{
    static const char *const names[] = {"refused", "holes", "whole"};

    assert((size_t)lenient < sizeof(names) / sizeof(names[0]));
    return names[lenient];
}

static const char *decode_name(enum lc_decode decode)
{
    static const char *const names[] = {"none", "ok", "damaged", "truncated", "corrupt"};

    assert((size_t)decode < sizeof(names) / sizeof(names[0]));
    return names[decode];
}

/* Print, separated by tabs: path decode format width height mode orientation warnings
 * rows limited metadata frames trailing depth blank transparent lenient doubt detail. The
 * path is printed as it is: the tests choose it. */
static void print_facts(const char *path, const struct lc_image_info *info)
{
    printf(
        "%s\t%s\t%s\t%u\t%u\t%s\t%u\t%u\t%u\t%d\t%d\t%u\t%llu\t%u\t%d\t%d\t%s\t%s\t%s\n",
        path, decode_name(info->decode), info->format, info->width, info->height,
        info->mode, (unsigned)info->orientation, info->warnings, info->rows_decoded,
        info->limited, info->metadata_too_large, info->frames,
        (unsigned long long)info->trailing, (unsigned)info->depth, info->blank,
        info->transparent, lenient_name(info->lenient),
        info->fallback_reason ? info->fallback_reason : "", info->detail);
}

/* Inspect a copy at the end of a separate block, so that a sanitizer notices reads past
 * the end. */
static bool inspect(struct lc_image_scratch *scratch, const char *path, struct file *file,
                    const struct lc_image_limits *limits)
{
    struct lc_error err = {0};
    struct lc_image_info info;
    enum lc_status status;
    uint8_t *copy;

    if (!read_file(path, file)) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    copy = malloc(file->size ? file->size : 1);
    assert(copy);
    if (file->size > 0)
        memcpy(copy, file->data, file->size);
    status = lc_image_inspect(scratch, copy, file->size, limits, &info, &err);
    free(copy);
    if (status != LC_OK) {
        fprintf(stderr, "%s: %s\n", path, err.message);
        return false;
    }
    print_facts(path, &info);
    return true;
}

static bool inspect_list(struct lc_image_scratch *scratch, int end, struct file *file,
                         const struct lc_image_limits *limits)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    bool good = true;

    while ((length = getdelim(&line, &capacity, end, stdin)) > 0) {
        if (line[length - 1] == end)
            line[length - 1] = '\0';
        good = inspect(scratch, line, file, limits) && good;
    }
    free(line);
    return good;
}

/* Options: -x: no shortcuts; -0: names on stdin end with NUL; -mN, -pN: limits of memory
 * and pixels. Then files; without any, their names come on stdin. */
int main(int argc, char **argv)
{
    struct lc_image_limits limits = lc_image_limits_default;
    struct lc_image_scratch *scratch = NULL;
    struct file file = {0};
    int end = '\n';
    bool good = true;
    int i = 1;

    if (lc_image_scratch_new(&scratch, NULL) != LC_OK)
        return 2;
    for (; i < argc && argv[i][0] == '-'; i++) {
        limits.no_shortcuts = limits.no_shortcuts || strcmp(argv[i], "-x") == 0;
        end = strcmp(argv[i], "-0") == 0 ? '\0' : end;
        if (argv[i][1] == 'm')
            limits.max_memory = strtoull(argv[i] + 2, NULL, 10);
        if (argv[i][1] == 'p')
            limits.max_pixels = strtoull(argv[i] + 2, NULL, 10);
    }
    if (i == argc)
        good = inspect_list(scratch, end, &file, &limits);
    for (; i < argc; i++)
        good = inspect(scratch, argv[i], &file, &limits) && good;
    lc_image_scratch_free(scratch);
    free(file.data);
    if (fclose(stdout) != 0)
        good = false;
    return good ? 0 : 2;
}
