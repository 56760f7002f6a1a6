/* What an index of parts covers: how archives are divided, and the bytes of its record */
#include "index/format/part.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct lc_span span(const char *text)
{
    return (struct lc_span){text, strlen(text)};
}

/* Divide archives; return the difference between the largest and the smallest part. */
static uint64_t divide(const uint64_t *sizes, size_t count, uint32_t parts, uint32_t *of)
{
    uint64_t loads[16] = {0}, least = UINT64_MAX, most = 0;

    assert_true(parts <= 16);
    assert_int_equal(lc_part_divide(sizes, count, parts, of, NULL), LC_OK);
    for (size_t i = 0; i < count; i++) {
        assert_in_range(of[i], 1, parts);
        loads[of[i] - 1] += sizes[i];
    }
    for (uint32_t i = 0; i < parts; i++) {
        least = loads[i] < least ? loads[i] : least;
        most = loads[i] > most ? loads[i] : most;
    }
    return most - least;
}

static void archives_are_balanced(void **state)
{
    uint64_t sizes[300], largest = 0;
    uint32_t of[300], again[300];

    (void)state;
    srand(7);
    for (size_t i = 0; i < 300; i++) {
        sizes[i] = (uint64_t)rand() % 1000000;
        largest = sizes[i] > largest ? sizes[i] : largest;
    }
    for (uint32_t parts = 1; parts <= 16; parts++)
        assert_true(divide(sizes, 300, parts, of) <= largest);
    assert_true(divide(sizes, 300, 7, of) < 20000); /* parts have 21 million each */
    divide(sizes, 300, 7, again);
    assert_memory_equal(of, again, sizeof(of));
}

static void few_archives(void **state)
{
    const uint64_t sizes[] = {5, 9, 5, 0, 0};
    const uint32_t wanted[] = {2, 1, 3, 4, 5};
    uint32_t of[5];

    (void)state;
    divide(sizes, 5, 9, of);
    assert_memory_equal(of, wanted, sizeof(of));
    assert_int_equal(lc_part_divide(NULL, 0, 3, of, NULL), LC_OK);
}

static void fill(struct lc_part_record *record)
{
    *record = (struct lc_part_record){.count = 4, .has_unused = true};
    assert_int_equal(lc_part_add(record, 1, NULL), LC_OK);
    assert_int_equal(lc_part_add(record, 3, NULL), LC_OK);
    assert_int_equal(lc_part_add_file(record, &(struct lc_part_file){9, 7}, NULL), LC_OK);
    assert_int_equal(lc_part_add_rows(record, &(struct lc_part_rows){3, 0, 2, 4}, NULL),
                     LC_OK);
    for (uint32_t i = 2; i < 9; i += 3)
        assert_int_equal(lc_part_add_archive(
                             record, &(struct lc_part_archive){i, 3, true, i == 5}, NULL),
                         LC_OK);
    assert_int_equal(lc_part_add_link(record, &(struct lc_part_link){5, 512, 0, 0},
                                      span("a/b.jpg"), span(""), NULL),
                     LC_OK);
    assert_int_equal(lc_part_add_link(record, &(struct lc_part_link){8, 1 << 20, 0, 0},
                                      span("c"), span("d/e"), NULL),
                     LC_OK);
    assert_int_equal(lc_buffer_add(&record->unused, "x.jpg\0a/", 9, NULL), LC_OK);
}

static void bytes_of_a_record(void **state)
{
    struct lc_part_record record, read = {0};
    struct lc_buffer bytes = {0}, again = {0};

    (void)state;
    fill(&record);
    assert_int_equal(lc_part_encode(&record, &bytes, NULL), LC_OK);
    assert_int_equal(
        lc_part_decode((struct lc_span){bytes.data, bytes.size}, &read, NULL), LC_OK);
    assert_int_equal(read.archive_count, 3);
    assert_true(lc_part_archive(&read, 5)->has_failed);
    assert_null(lc_part_archive(&read, 4));
    assert_string_equal(lc_part_text(&read, read.links[0].path).text, "a/b.jpg");
    assert_string_equal(lc_part_text(&read, read.links[1].target).text, "d/e");
    assert_int_equal(lc_part_encode(&read, &again, NULL), LC_OK);
    assert_int_equal(bytes.size, again.size);
    assert_memory_equal(bytes.data, again.data, bytes.size);
    lc_part_record_clear(&record);
    lc_part_record_clear(&read);
    lc_buffer_clear(&bytes);
    lc_buffer_clear(&again);
}

/* Decoding cut or changed records never reads past their bytes, which asan checks. */
static void damaged_bytes(void **state)
{
    struct lc_part_record record;
    struct lc_buffer bytes = {0};
    size_t refused = 0;

    (void)state;
    fill(&record);
    assert_int_equal(lc_part_encode(&record, &bytes, NULL), LC_OK);
    for (size_t size = 0; size <= bytes.size; size++)
        for (int change = 0; change < 4; change++) {
            struct lc_part_record read = {0};
            char *copy = malloc(size + 1);

            assert_non_null(copy);
            memcpy(copy, bytes.data, size);
            if (change && size)
                copy[size - 1] ^= (char)(change == 1 ? 1 : change == 2 ? 0x80 : 0xff);
            refused += lc_part_decode((struct lc_span){copy, size}, &read, NULL) != LC_OK;
            lc_part_record_clear(&read);
            free(copy);
        }
    assert_true(refused > 4 * bytes.size - 40);
    lc_part_record_clear(&record);
    lc_buffer_clear(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_are_balanced),
        cmocka_unit_test(few_archives),
        cmocka_unit_test(bytes_of_a_record),
        cmocka_unit_test(damaged_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
