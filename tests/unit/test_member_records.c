/* test_member_records.c - records of images in memory and in a temporary file, and the
 * list of other members with its limits */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan/archives/members.h"

#define IMAGES 5000
#define DETAIL 10000 /* bytes: the file gets three times as large as the limit */

static struct lc_image_record make_record(uint32_t image, uint32_t version, char *detail)
{
    memset(detail, 'a' + (int)(image % 26), DETAIL);
    return (struct lc_image_record){
        .path = {"a/b.jpg", 7},
        .size = image + version,
        .mtime_ns = 5,
        .inode = 6,
        .detail = {detail, image % 7 ? DETAIL : 1},
        .archive = 1 + image % 3,
        .offset = (uint64_t)image << 20,
    };
}

static void assert_record(const struct lc_image_records *records, uint32_t image,
                          uint32_t version)
{
    char detail[DETAIL];
    struct lc_image_record want = make_record(image, version, detail), got;

    assert_true(lc_image_records_get(records, image, &got));
    assert_int_equal(got.size, want.size);
    assert_int_equal(got.archive, want.archive);
    assert_int_equal(got.offset, want.offset);
    assert_int_equal(got.detail.size, want.detail.size);
    assert_memory_equal(got.detail.text, detail, want.detail.size);
    assert_int_equal(got.path.size, 0);
    assert_int_equal(got.inode + (uint64_t)got.mtime_ns, 0);
}

static void records_beyond_the_limit_are_in_a_file(void **state)
{
    (void)state;
    for (int spills = 0; spills < 2; spills++) {
        struct lc_image_records records;
        struct lc_image_record record, moved;
        char detail[DETAIL];

        assert_int_equal(lc_image_records_new(IMAGES, &records, NULL), LC_OK);
        if (spills)
            lc_image_records_spill(&records, NULL);
        for (uint32_t i = 0; i < IMAGES; i += 2) {
            record = make_record(i, 0, detail);
            assert_int_equal(lc_image_records_set(&records, i, &record, NULL), LC_OK);
        }
        /* replace some, which are in the file by now */
        for (uint32_t i = 0; i < IMAGES; i += 10) {
            record = make_record(i, 3, detail);
            assert_int_equal(lc_image_records_set(&records, i, &record, NULL), LC_OK);
        }
        assert_int_equal(records.fd >= 0, spills);
        if (spills)
            assert_true(records.bytes.size <= LC_IMAGE_RECORDS_BYTES + DETAIL + 200 &&
                        records.in_file > LC_IMAGE_RECORDS_BYTES);
        for (uint32_t i = IMAGES; i-- > 0;)
            if (i % 2 == 0)
                assert_record(&records, i, i % 10 ? 0 : 3);
            else
                assert_false(lc_image_records_get(&records, i, &moved));
        assert_false(lc_image_records_get(&records, IMAGES, &moved));
        /* a record may be set again as it was returned */
        assert_true(lc_image_records_get(&records, 4, &moved));
        assert_int_equal(lc_image_records_set(&records, 4, &moved, NULL), LC_OK);
        assert_record(&records, 4, 0);
        lc_image_records_clear(&records);
    }
}

static void a_file_that_cannot_be_made_is_an_error(void **state)
{
    struct lc_image_records records;
    struct lc_error err = {0};
    enum lc_status status = LC_OK;
    char detail[DETAIL];

    (void)state;
    assert_int_equal(lc_image_records_new(IMAGES, &records, NULL), LC_OK);
    lc_image_records_spill(&records, "/does/not/exist");
    for (uint32_t i = 0; i < IMAGES && status == LC_OK; i++) {
        struct lc_image_record record = make_record(i, 0, detail);

        status = lc_image_records_set(&records, i, &record, &err);
    }
    assert_int_equal(status, LC_ERR_IO);
    lc_image_records_clear(&records);
}

static void trimming_drops_the_last_members(void **state)
{
    struct lc_other_members members = {0};
    char path[20];

    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        struct lc_member_record member = {.offset = i, .size = 7, .archive = 2};

        member.path = (struct lc_span){
            path, (size_t)snprintf(path, sizeof(path), "%05d", (int)(100 - i))};
        member.content.bytes[0] = i % 2 ? 9 : 0;
        assert_int_equal(lc_other_members_add(&members, &member, NULL), LC_OK);
    }
    lc_other_members_trim(&members, 1000, 1000);
    assert_int_equal(members.count, 100);
    lc_other_members_trim(&members, 50, 1000);
    assert_int_equal(members.count, 50);
    lc_other_members_trim(&members, 50, 62); /* 10 paths have 60 bytes */
    assert_int_equal(members.count, 10);
    assert_int_equal(members.dropped, 90);
    lc_other_members_sort(&members);
    for (uint64_t i = 0; i < 10; i++) {
        struct lc_member_record member = lc_other_record(&members, &members.items[i]);

        assert_int_equal(member.offset, 9 - i);
        assert_int_equal(member.archive, 2);
        assert_int_equal(atoi(member.path.text), 91 + i);
        assert_int_equal(member.content.bytes[0], (9 - i) % 2 ? 9 : 0);
    }
    lc_other_members_clear(&members);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_beyond_the_limit_are_in_a_file),
        cmocka_unit_test(a_file_that_cannot_be_made_is_an_error),
        cmocka_unit_test(trimming_drops_the_last_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
