/* test_journal.c - src/index/write/journal: what an unfinished run leaves */
#include "unit.h"

#include "index/write/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct lc_hash decoders = {{1, 2, 3}}, others = {{3, 2, 1}};

static struct lc_image_record image(const char *path, uint64_t size)
{
    return (struct lc_image_record){
        .path = {path, strlen(path)},
        .state = LC_IMAGE_CORRUPT,
        .size = size,
        .format = {"jpeg", 4},
        .mode = {"RGB", 3},
        .width = 7,
        .detail = {"premature end", 13},
    };
}

static struct lc_trust trust = {.found = {.exists = true, .key = {{7}}},
                                .needs_key = true};

static struct lc_journal *open_journal(const char *folder, const struct lc_hash *of,
                                       bool fresh)
{
    struct lc_journal *journal = NULL;

    assert_int_equal(lc_journal_open(folder, &trust, of, fresh, &journal, NULL), LC_OK);
    return journal;
}

static void add(struct lc_journal *journal, const char *path, uint64_t size,
                int64_t began_ns)
{
    struct lc_image_record record = image(path, size);

    assert_int_equal(lc_journal_add(journal, &record, began_ns, NULL), LC_OK);
}

/* Expect the journal's entries, as the text "path size began" for each. */
static void expect(const char *folder, const char *wanted)
{
    struct lc_journal *journal = open_journal(folder, &decoders, false);
    char text[512] = "";

    for (size_t i = 0; i < lc_journal_count(journal); i++) {
        struct lc_journal_entry entry;
        size_t used = strlen(text);

        lc_journal_get(journal, i, &entry);
        assert_int_equal(entry.image.state, LC_IMAGE_CORRUPT);
        assert_true(lc_span_is(entry.image.detail, "premature end"));
        snprintf(text + used, sizeof(text) - used, "%.*s %d %d, ",
                 (int)entry.image.path.size, entry.image.path.text, (int)entry.image.size,
                 (int)entry.began_ns);
    }
    assert_string_equal(text, wanted);
    lc_journal_close(journal, false);
}

static char *path_in(const char *folder)
{
    static char path[512];

    snprintf(path, sizeof(path), "%s/" LC_JOURNAL_FILE, folder);
    return path;
}

static void goes_on(void **state)
{
    char folder[] = "/tmp/lc-journal-XXXXXX";
    struct lc_journal *journal;

    (void)state;
    assert_non_null(mkdtemp(folder));
    journal = open_journal(folder, &decoders, false);
    assert_int_equal(access(path_in(folder), F_OK), -1); /* made when it is needed */
    add(journal, "b", 1, 100);
    add(journal, "d", 2, 100);
    lc_journal_close(journal, false);
    expect(folder, "b 1 100, d 2 100, ");

    journal = open_journal(folder, &decoders, false);
    add(journal, "a", 3, 200);
    add(journal, "d", 4, 200); /* read again: the last entry counts */
    add(journal, "c", 5, 50);
    lc_journal_close(journal, false);
    expect(folder, "a 3 200, b 1 100, c 5 50, d 4 200, ");

    journal = open_journal(folder, &others, false);
    assert_int_equal(lc_journal_count(journal), 0);
    add(journal, "e", 6, 300);
    lc_journal_close(journal, false);
    expect(folder, "a 3 200, b 1 100, c 5 50, d 4 200, ");

    journal = open_journal(folder, &decoders, true);
    add(journal, "f", 7, 400);
    lc_journal_close(journal, false);
    expect(folder, "f 7 400, ");

    journal = open_journal(folder, &decoders, false);
    lc_journal_close(journal, true);
    assert_int_equal(access(path_in(folder), F_OK), -1);
    assert_int_equal(rmdir(folder), 0);
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *data = malloc(65536);

    assert_non_null(file);
    assert_non_null(data);
    *size = fread(data, 1, 65536, file);
    fclose(file);
    return data;
}

static void write_file(const char *path, const char *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

/* Cut after every byte, and change every byte: the entries before the damage are kept,
 * and the journal can be continued after them. */
static void drops_what_is_damaged(void **state)
{
    char folder[] = "/tmp/lc-journal-XXXXXX";
    struct lc_journal *journal;
    size_t size, first;
    char *data;

    (void)state;
    assert_non_null(mkdtemp(folder));
    journal = open_journal(folder, &decoders, false);
    add(journal, "a", 1, 100);
    lc_journal_close(journal, false);
    data = read_file(path_in(folder), &first);
    free(data);
    journal = open_journal(folder, &decoders, false);
    add(journal, "b", 2, 100);
    lc_journal_close(journal, false);
    data = read_file(path_in(folder), &size);
    assert_true(size > first);
    for (size_t i = 0; i < size; i++) {
        const char *left = i < first ? "" : "a 1 100, ";

        write_file(path_in(folder), data, i);
        expect(folder, i < first ? "" : left);
        data[i] ^= 1;
        write_file(path_in(folder), data, size);
        expect(folder, left);
        journal = open_journal(folder, &decoders, false);
        add(journal, "c", 3, 300);
        lc_journal_close(journal, false);
        expect(folder, i < first ? "c 3 300, " : "a 1 100, c 3 300, ");
        data[i] ^= 1;
    }
    free(data);
    assert_int_equal(unlink(path_in(folder)), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* Records of another form, or with absurd sizes, but right checksums. */
static void refuses_other_records(void **state)
{
    char folder[] = "/tmp/lc-journal-XXXXXX";
    static const uint8_t contents[][9] = {
        {'i', 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4},
        {'i', 0, 0, 0, 4, 1, 2, 3, 4},
        {'i', 0, 0, 0, 0, 0, 0, 0, 0},
        {'x', 0, 0, 0, 4, 1, 2, 3, 4},
        {'r', 0, 0, 0, 4, 1, 2, 3, 4},
    };

    static const uint8_t no_mac[32];

    (void)state;
    assert_non_null(mkdtemp(folder));
    trust.needs_key = false;
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        struct lc_journal *journal = open_journal(folder, &decoders, true);
        struct lc_hash sum = lc_hash_bytes(contents[i], sizeof(contents[i]));
        FILE *file;

        add(journal, "a", 1, 100);
        lc_journal_close(journal, false);
        file = fopen(path_in(folder), "ab");
        assert_non_null(file);
        assert_int_equal(fwrite("LCJ2\0\0\0\11", 1, 8, file), 8);
        assert_int_equal(fwrite(sum.bytes, 1, sizeof(sum.bytes), file), 16);
        assert_int_equal(fwrite(no_mac, 1, sizeof(no_mac), file), 32);
        assert_int_equal(fwrite(contents[i], 1, sizeof(contents[i]), file), 9);
        fclose(file);
        expect(folder, "a 1 100, ");
    }
    trust.needs_key = true;
    assert_int_equal(unlink(path_in(folder)), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* A folder or link of this name is not a journal, and links are not followed. */
static void is_a_file_of_its_own(void **state)
{
    char folder[] = "/tmp/lc-journal-XXXXXX";
    struct lc_image_record record = image("a", 1);
    struct lc_journal *journal = NULL;
    struct lc_error error = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(symlink("/etc/passwd", path_in(folder)), 0);
    assert_int_equal(lc_journal_open(folder, &trust, &decoders, false, &journal, &error),
                     LC_ERR_IO);
    assert_non_null(strstr(error.message, "journal"));
    assert_int_equal(unlink(path_in(folder)), 0);
    assert_int_equal(mkdir(path_in(folder), 0777), 0);
    journal = open_journal(folder, &decoders, false);
    assert_int_equal(lc_journal_add(journal, &record, 1, NULL), LC_ERR_INDEX);
    lc_journal_close(journal, false);
    assert_int_equal(rmdir(path_in(folder)), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* If a key is required, only what was signed with it counts: not what another key signed,
 * and not our own blocks from another journal. */
static void is_signed(void **state)
{
    char folder[] = "/tmp/lc-journal-XXXXXX", other[] = "/tmp/lc-journal-XXXXXX";
    static char bytes[2][4096];
    size_t sizes[2], run;
    struct lc_journal *journal;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_non_null(mkdtemp(other));
    for (int i = 0; i < 2; i++) {
        const char *where = i ? other : folder;
        FILE *file;

        journal = open_journal(where, &decoders, false);
        add(journal, i ? "b" : "a", 1, 100);
        lc_journal_close(journal, false);
        expect(where, i ? "b 1 100, " : "a 1 100, ");
        file = fopen(path_in(where), "rb");
        assert_non_null(file);
        sizes[i] = fread(bytes[i], 1, sizeof(bytes[i]), file);
        fclose(file);
    }
    trust.found.key.bytes[31] ^= 1; /* another user's */
    expect(folder, "");
    trust.needs_key = false; /* for a folder that the user named */
    expect(folder, "a 1 100, ");
    trust.needs_key = true;
    trust.found.exists = false;
    expect(folder, "");
    trust.found.exists = true;
    trust.found.key.bytes[31] ^= 1;
    /* append the images block of one journal to the other */
    run = 4 + 4 + 16 + 32 + 1 + 16 + 8;
    memcpy(bytes[0] + sizes[0], bytes[1] + run, sizes[1] - run);
    write_file(path_in(folder), bytes[0], sizes[0] + sizes[1] - run);
    expect(folder, "a 1 100, ");
    trust.needs_key = false;
    expect(folder, "a 1 100, b 1 100, ");
    trust.needs_key = true;
    assert_int_equal(unlink(path_in(folder)), 0);
    assert_int_equal(unlink(path_in(other)), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(rmdir(other), 0);
}

/* A part of an archive comes after the images that it had: they are not lost with it. */
static void a_section_follows_its_images(void **state)
{
    char folder[] = "/tmp/lc-journal-XXXXXX";
    struct lc_journal *journal;

    (void)state;
    assert_non_null(mkdtemp(folder));
    journal = open_journal(folder, &decoders, false);
    add(journal, "a", 1, 100);
    add(journal, "b", 2, 100);
    assert_int_equal(lc_journal_add_section(journal, span("read"), 100, NULL), LC_OK);
    add(journal, "c", 3, 100);
    lc_journal_close(journal, false);
    expect(folder, "a 1 100, b 2 100, c 3 100, ");
    journal = open_journal(folder, &decoders, false);
    assert_int_equal(lc_journal_sections(journal), 1);
    assert_true(spells(lc_journal_section(journal, 0).content, "read"));
    assert_int_equal(lc_journal_section(journal, 0).began_ns, 100);
    lc_journal_close(journal, true);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on),
        cmocka_unit_test(drops_what_is_damaged),
        cmocka_unit_test(refuses_other_records),
        cmocka_unit_test(is_a_file_of_its_own),
        cmocka_unit_test(is_signed),
        cmocka_unit_test(a_section_follows_its_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
