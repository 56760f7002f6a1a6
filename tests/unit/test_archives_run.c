/* test_archives_run.c - check and verify images in archives, with several threads */
#include "unit.h"

#include "llava_check/check.h"
#include "llava_check/index.h"
#include "llava_check/merge.h"
#include "llava_check/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

/* A GIF of one pixel; the rest of the member is not looked at. */
static const char gif[] =
    "GIF89a\1\0\1\0\x80\0\0\0\0\0\xFF\xFF\xFF,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";

#define ARCHIVES 3
#define MEMBERS 36 /* in each archive: 72 MiB, so that there is a point */
#define MEMBER_SIZE ((size_t)2 << 20)

static char *path_in(const char *folder, const char *name)
{
    char *out = NULL;

    assert_true(asprintf(&out, "%s/%s", folder, name) > 0);
    return out;
}

static void add_member(gzFile file, const char *name, uint8_t *data)
{
    uint8_t header[512] = {0};
    unsigned sum = 0;

    snprintf((char *)header, 100, "%s", name);
    snprintf((char *)header + 100, 8, "%07o", 0644U);
    snprintf((char *)header + 124, 12, "%011o", (unsigned)MEMBER_SIZE);
    snprintf((char *)header + 136, 12, "%011o", 0U);
    memset(header + 148, ' ', 8);
    header[156] = '0';
    memcpy(header + 257, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof(header); i++)
        sum += header[i];
    snprintf((char *)header + 148, 8, "%06o", sum);
    memcpy(data, gif, sizeof(gif) - 1);
    memcpy(data + 100, name, strlen(name)); /* no two members are equal */
    assert_int_equal(gzwrite(file, header, sizeof(header)), sizeof(header));
    assert_int_equal(gzwrite(file, data, MEMBER_SIZE), MEMBER_SIZE);
}

static void make_set(const char *folder)
{
    static uint8_t data[MEMBER_SIZE];
    char *path = path_in(folder, "rows.json"), name[32];
    FILE *rows = fopen(path, "w");

    assert_non_null(rows);
    fputs("[", rows);
    for (int i = 0; i < ARCHIVES; i++) {
        gzFile file;

        free(path);
        snprintf(name, sizeof(name), "a_%d.tar.gz", i + 1);
        path = path_in(folder, name);
        file = gzopen(path, "wb0");
        assert_non_null(file);
        for (int k = 0; k < MEMBERS; k++) {
            snprintf(name, sizeof(name), "x/%d-%d.gif", i, k);
            add_member(file, name, data);
            fprintf(rows,
                    "%s{\"id\": \"%d-%d\", \"image\": \"%s\", \"conversations\": "
                    "[{\"from\": \"human\", \"value\": \"<image>\\nx\"}, "
                    "{\"from\": \"gpt\", \"value\": \"y\"}]}",
                    i || k ? ",\n" : "", i, k, name);
        }
        memset(data, 0, 1024);
        assert_int_equal(gzwrite(file, data, 1024), 1024);
        assert_int_equal(gzclose(file), Z_OK);
    }
    fputs("]\n", rows);
    assert_int_equal(fclose(rows), 0);
    free(path);
}

static void remove_set(const char *folder)
{
    char command[200];

    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

/* Stop a run after some of it is done. */
static bool is_late(void *user)
{
    unsigned *asked = user;

    return ++*asked > 150;
}

static void archives_are_read_by_several_threads(void **state)
{
    char folder[] = "/tmp/llava-check-archives-XXXXXX";
    const char *paths[1];
    struct lc_index *index = NULL;
    const struct lc_summary *summary;
    const struct lc_verification *counts;
    unsigned asked = 0;

    (void)state;
    assert_non_null(mkdtemp(folder));
    paths[0] = folder;
    make_set(folder);
    for (int i = 0; i < 2; i++) { /* the second one uses the journal of the first */
        struct lc_check_options check = {.size = sizeof(check),
                                         .paths = paths,
                                         .path_count = 1,
                                         .threads = 4,
                                         .user = &asked,
                                         .is_stopped = i == 0 ? is_late : NULL};
        struct lc_error error = {0};
        enum lc_status status = lc_check(&check, &index, &error);

        assert_true(status == LC_OK || (i == 0 && status == LC_ERR_STOPPED));
        if (i == 0 && status == LC_OK) {
            lc_index_close(index);
            index = NULL;
        }
    }
    summary = lc_index_summary(index);
    assert_int_equal(summary->images, ARCHIVES * MEMBERS);
    lc_index_close(index);
    index = NULL;
    {
        struct lc_verify_options verify = {
            .size = sizeof(verify), .paths = paths, .path_count = 1, .threads = 4};

        assert_int_equal(lc_verify(&verify, &index, NULL), LC_OK);
    }
    counts = lc_index_verification(index);
    assert_int_equal(counts->images.same, ARCHIVES * MEMBERS);
    lc_index_close(index);
    remove_set(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_are_read_by_several_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
