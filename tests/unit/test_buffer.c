/* test_buffer.c - src/base/buffer and src/base/error: growing, and keeping the first
 * error
 */
#include "unit.h"

#include <errno.h>

#include "base/buffer.h"

static void grows_and_keeps(void **state)
{
    struct lc_buffer buffer = {0};
    char byte;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        byte = (char)i;
        assert_int_equal(lc_buffer_add(&buffer, &byte, 1, NULL), LC_OK);
        assert_true(buffer.size <= buffer.capacity);
    }
    assert_int_equal(buffer.size, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(buffer.data[i], (char)i);
    lc_buffer_clear(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.size, 0);
    assert_int_equal(lc_buffer_add(&buffer, "again", 5, NULL), LC_OK);
    assert_memory_equal(buffer.data, "again", 5);
    lc_buffer_clear(&buffer);
    lc_buffer_clear(&buffer);
    lc_buffer_clear(NULL);
}

static void adds_nothing(void **state)
{
    struct lc_buffer buffer = {0};

    (void)state;
    assert_int_equal(lc_buffer_add(&buffer, NULL, 0, NULL), LC_OK);
    assert_int_equal(buffer.size, 0);
    assert_int_equal(lc_buffer_reserve(&buffer, 1000, NULL), LC_OK);
    assert_true(buffer.capacity >= 1000);
    assert_int_equal(buffer.size, 0);
    lc_buffer_clear(&buffer);
}

static void prints(void **state)
{
    struct lc_buffer buffer = {0};

    (void)state;
    assert_int_equal(lc_buffer_printf(&buffer, NULL, "%s=%d", "a", 1), LC_OK);
    assert_int_equal(buffer.size, 3);
    assert_string_equal(buffer.data, "a=1"); /* ended, not counted */
    assert_int_equal(lc_buffer_printf(&buffer, NULL, ";%0500d", 7), LC_OK);
    assert_int_equal(buffer.size, 504);
    assert_int_equal(buffer.data[503], '7');
    assert_int_equal(lc_buffer_printf(&buffer, NULL, "%s", ""), LC_OK);
    assert_int_equal(buffer.size, 504);
    lc_buffer_clear(&buffer);
}

/* Numbers and texts that fit are printed without vsnprintf: the result must be the same
 * at every capacity. */
static void prints_as_snprintf_does(void **state)
{
    static const size_t numbers[] = {0, 9, 10, 4294967295U, SIZE_MAX};
    static const char *const texts[] = {"", "x", "a text of some length"};
    size_t cases = 0;

    (void)state;
    for (size_t n = 0; n < sizeof(numbers) / sizeof(*numbers); n++)
        for (size_t t = 0; t < sizeof(texts) / sizeof(*texts); t++)
            for (size_t filled = 0; filled <= 256; filled++) {
                struct lc_buffer buffer = {0};
                char expected[128];
                int length =
                    snprintf(expected, sizeof(expected), "turn %zu has %s, %u%% (%s%d)",
                             numbers[n], texts[t], (unsigned)numbers[n], "", 0);
                int simple = snprintf(NULL, 0, "turn %zu has %s, %u", numbers[n],
                                      texts[t], (unsigned)numbers[n]);

                assert_int_equal(lc_buffer_reserve(&buffer, 1, NULL), LC_OK);
                assert_int_equal(buffer.capacity, 256);
                buffer.size = filled;
                memset(buffer.data, '.', filled);
                assert_int_equal(lc_buffer_printf(&buffer, NULL, "turn %zu has %s, %u",
                                                  numbers[n], texts[t],
                                                  (unsigned)numbers[n]),
                                 LC_OK);
                assert_int_equal(buffer.size, filled + (size_t)simple);
                assert_int_equal(strlen(buffer.data), buffer.size);
                assert_memory_equal(buffer.data + filled, expected, (size_t)simple);
                buffer.size = filled;
                assert_int_equal(
                    lc_buffer_printf(&buffer, NULL, "turn %zu has %s, %u%% (%s%d)",
                                     numbers[n], texts[t], (unsigned)numbers[n], "", 0),
                    LC_OK);
                assert_int_equal(buffer.size, filled + (size_t)length);
                assert_string_equal(buffer.data + filled, expected);
                lc_buffer_clear(&buffer);
                cases++;
            }
    assert_int_equal(cases, 5 * 3 * 257);
    for (size_t t = 0; t < sizeof(texts) / sizeof(*texts); t++) { /* in an empty buffer */
        struct lc_buffer buffer = {0};

        assert_int_equal(lc_buffer_printf(&buffer, NULL, "%s", texts[t]), LC_OK);
        assert_string_equal(buffer.data, texts[t]);
        lc_buffer_clear(&buffer);
    }
}

static void refuses_what_cannot_be(void **state)
{
    struct lc_buffer buffer = {0};
    struct lc_error error = {0};

    (void)state;
    assert_int_equal(lc_buffer_add(&buffer, "abc", 3, NULL), LC_OK);
    assert_int_equal(lc_buffer_reserve(&buffer, SIZE_MAX, &error), LC_ERR_MEMORY);
    assert_int_equal(error.status, LC_ERR_MEMORY);
    assert_int_equal(lc_buffer_reserve(&buffer, SIZE_MAX - 3, NULL), LC_ERR_MEMORY);
    assert_int_equal(buffer.size, 3);
    assert_memory_equal(buffer.data, "abc", 3);
    lc_buffer_clear(&buffer);
}

static void arrays(void **state)
{
    uint64_t *items = NULL;
    size_t capacity = 0, huge = SIZE_MAX / 4;

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        items = lc_array_grow(items, i, &capacity, sizeof(*items));
        assert_non_null(items);
        assert_true(capacity > i);
        items[i] = i * i;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i * i);
    assert_null(lc_array_grow(items, huge, &huge, sizeof(*items)));
    assert_int_equal(items[999], 999 * 999);
    free(items);
}

static void first_error_stays(void **state)
{
    struct lc_error error = {0};

    (void)state;
    assert_int_equal(lc_fail(&error, LC_ERR_IO, EIO, "read: %d", 1), LC_ERR_IO);
    assert_int_equal(lc_fail(&error, LC_ERR_USAGE, 0, "second"), LC_ERR_USAGE);
    assert_int_equal(error.status, LC_ERR_IO);
    assert_int_equal(error.os_errno, EIO);
    assert_string_equal(error.message, "read: 1");
    assert_int_equal(lc_fail(NULL, LC_ERR_INDEX, 0, "nobody asks"), LC_ERR_INDEX);
}

static void system_errors(void **state)
{
    static const struct {
        int number;
        enum lc_status status;
        const char *message;
    } cases[] = {
        {ENOENT, LC_ERR_IO, "open x: No such file or directory"},
        {ENOSPC, LC_ERR_IO, "open x: No space left on device"},
        {ENOMEM, LC_ERR_MEMORY, "out of memory"},
    };
    EXPECT_CASES(cases, 3);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_error error = {0};

        errno = cases[i].number;
        assert_int_equal(lc_fail_errno(&error, "open x"), cases[i].status);
        assert_int_equal(error.status, cases[i].status);
        assert_int_equal(error.os_errno, cases[i].number);
        assert_string_equal(error.message, cases[i].message);
    }
}

static void long_message_is_cut(void **state)
{
    struct lc_error error = {0};
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)lc_fail(&error, LC_ERR_IO, 0, "%s", text);
    assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_keeps),
        cmocka_unit_test(adds_nothing),
        cmocka_unit_test(prints),
        cmocka_unit_test(prints_as_snprintf_does),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(arrays),
        cmocka_unit_test(first_error_stays),
        cmocka_unit_test(system_errors),
        cmocka_unit_test(long_message_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
