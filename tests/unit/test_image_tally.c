/* test_image_tally.c - what reports count about the images of an index, even a damaged
 * one
 */
#include "unit.h"

#include "report/model/image_tally.h"

static char folder[64];

static int enter(void **state)
{
    (void)state;
    make_scratch(folder);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    remove_scratch(folder);
    return 0;
}

/* Return the tally for an index of only these images. */
static struct lc_image_tally tally_of(const struct lc_image_record *images, size_t count)
{
    const struct lc_index_info info = {.tool = span("0"), .name = span("x")};
    const struct lc_summary summary = {.images = count};
    const struct lc_statistics statistics = {0};
    struct lc_index_writer *writer = NULL;
    struct lc_index *index = NULL;
    struct lc_image_tally tally;
    char path[80];

    snprintf(path, sizeof(path), "%s/index", folder);
    assert_int_equal(lc_index_create(path, NULL, &writer, NULL), LC_OK);
    for (uint32_t i = 0; i < count; i++) {
        struct lc_image_record image = images[i];
        char name[16];

        snprintf(name, sizeof(name), "%04u", i);
        image.path = span(name);
        assert_int_equal(lc_index_add_image(writer, i, &image, NULL), LC_OK);
    }
    assert_int_equal(lc_index_add_statistics(writer, &statistics, NULL), LC_OK);
    assert_int_equal(lc_index_add_info(writer, &info, NULL), LC_OK);
    assert_int_equal(lc_index_add_summary(writer, &summary, NULL, 0, NULL), LC_OK);
    assert_int_equal(lc_index_finish(writer, NULL, &index, NULL), LC_OK);
    assert_int_equal(lc_image_tally(index, &tally, NULL), LC_OK);
    lc_index_close(index);
    return tally;
}

/* Reports print names without quoting, so everything that would need it is replaced. */
static void test_names_of_a_damaged_index_are_plain(void **state)
{
    static const struct {
        const char *stored;
        const char *counted;
    } cases[] = {
        {"jpeg", "jpeg"},
        {"a\\b", "a?b"},
        {"a\"b", "a?b"},
        {"a b", "a?b"},
        {"!#[]^~", "!#[]^~"},
        {"\x1F\x7F\x80\xFF", "????"},
        {"<&>'/", "<&>'/"},
        {"123456789012345", "123456789012345"},
        {"1234567890123456", "123456789012345"},
    };
    EXPECT_CASES(cases, 9);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_image_record image = {.state = LC_IMAGE_OK,
                                              .format = span(cases[i].stored),
                                              .mode = span(cases[i].stored)};
        const struct lc_image_tally tally = tally_of(&image, 1);

        assert_int_equal(tally.formats.count, 1);
        assert_string_equal(tally.formats.items[0].name, cases[i].counted);
        assert_string_equal(tally.modes.items[0].name, cases[i].counted);
    }
}

static void test_images_are_counted(void **state)
{
    const struct lc_image_record images[] = {
        {.state = LC_IMAGE_MISSING},
        {.state = LC_IMAGE_OK,
         .size = 10,
         .format = span("png"),
         .mode = span("L"),
         .depth = 8,
         .width = 3,
         .height = 5,
         .orientation = 1,
         .frames = 1},
        {.state = LC_IMAGE_OK,
         .size = 20,
         .format = span("jpeg"),
         .mode = span("L"),
         .depth = 16,
         .width = 4,
         .height = 0,
         .orientation = 2,
         .frames = 2,
         .trailing = 1},
        {.state = LC_IMAGE_CORRUPT,
         .size = 30,
         .format = span("jpeg"),
         .orientation = 8,
         .blank = true},
        {.state = LC_IMAGE_OK, .size = 40, .format = span("bmp"), .orientation = 9},
    };
    const struct lc_image_tally tally = tally_of(images, COUNT(images));
    static const struct {
        const char *name;
        uint64_t images;
        uint64_t bytes;
    } formats[] = {{"jpeg", 2, 50}, {"bmp", 1, 40}, {"png", 1, 10}};

    (void)state;
    assert_int_equal(tally.states[LC_IMAGE_OK], 3);
    assert_int_equal(tally.states[LC_IMAGE_MISSING], 1);
    assert_int_equal(tally.states[LC_IMAGE_CORRUPT], 1);
    assert_int_equal(tally.formats.count, COUNT(formats));
    for (size_t i = 0; i < COUNT(formats); i++) {
        assert_string_equal(tally.formats.items[i].name, formats[i].name);
        assert_int_equal(tally.formats.items[i].images, formats[i].images);
        assert_int_equal(tally.formats.items[i].bytes, formats[i].bytes);
    }
    assert_int_equal(tally.modes.count, 1);
    assert_int_equal(tally.modes.items[0].bytes, 30);
    assert_int_equal(tally.depths.count, 2);
    assert_string_equal(tally.depths.items[0].name, "16");
    assert_string_equal(tally.depths.items[1].name, "8");
    assert_int_equal(tally.widths.count, 1);
    assert_int_equal(tally.widths.sum, 3);
    assert_int_equal(tally.heights.sum, 5);
    assert_int_equal(tally.pixels.sum, 15);
    assert_int_equal(tally.turned, 2);
    assert_int_equal(tally.animated, 1);
    assert_int_equal(tally.trailing, 1);
    assert_int_equal(tally.blank, 1);
}

/* Only a damaged index has more kinds: those that do not fit are counted with the last.
 */
static void test_more_kinds_than_there_are(void **state)
{
    static struct lc_image_record images[LC_TALLY_KINDS + 6];
    static char names[COUNT(images)][8];
    struct lc_image_tally tally;

    (void)state;
    for (size_t i = 0; i < COUNT(images); i++) {
        snprintf(names[i], sizeof(names[i]), "k%02zu", i);
        images[i] = (struct lc_image_record){
            .state = LC_IMAGE_OK, .size = 1, .format = span(names[i])};
    }
    tally = tally_of(images, COUNT(images));
    assert_int_equal(tally.formats.count, LC_TALLY_KINDS);
    assert_string_equal(tally.formats.items[0].name, "k63");
    assert_int_equal(tally.formats.items[0].images, 7);
    assert_string_equal(tally.formats.items[1].name, "k00");
    assert_int_equal(tally.formats.items[1].images, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_of_a_damaged_index_are_plain, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(test_images_are_counted, enter, leave),
        cmocka_unit_test_setup_teardown(test_more_kinds_than_there_are, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
