/* test_digest.c - src/base/digest.c: the tags of files, compared with Nettle's own GCM */
#include "unit.h"

#include "base/digest.h"

#include <nettle/gcm.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST = (3 << 20) + 5000 };

/* Fill with pseudo-random bytes, the same in each run. */
static void fill(uint8_t *bytes, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

/* Compute the tags by their definition. */
static struct lc_digest tags_of(const uint8_t *bytes, size_t size,
                                const struct lc_key *key)
{
    struct gcm_aes256_ctx gcm;
    struct sha256_ctx all;
    struct lc_digest out;

    gcm_aes256_set_key(&gcm, key->bytes);
    sha256_init(&all);
    for (size_t at = 0, piece = 0; at < size; piece++) {
        size_t length = size - at < LC_DIGEST_PIECE ? size - at : LC_DIGEST_PIECE;
        uint8_t nonce[GCM_IV_SIZE] = {0}, tag[GCM_DIGEST_SIZE];

        nonce[sizeof(nonce) - 1] = (uint8_t)piece;
        gcm_aes256_set_iv(&gcm, sizeof(nonce), nonce);
        gcm_aes256_update(&gcm, length, bytes + at);
        gcm_aes256_digest(&gcm, sizeof(tag), tag);
        sha256_update(&all, sizeof(tag), tag);
        at += length;
    }
    sha256_digest(&all, sizeof(out.bytes), out.bytes);
    return out;
}

static void expect_tags(int fd, const uint8_t *bytes, size_t size,
                        const struct lc_key *key)
{
    struct lc_digest wanted = tags_of(bytes, size, key);
    struct lc_file_sums sums;

    assert_int_equal(lc_sum_file(fd, size, size % 2, key, &sums, NULL), LC_OK);
    assert_true(sums.is_whole);
    assert_memory_equal(sums.tags.bytes, wanted.bytes, sizeof(wanted.bytes));
}

/* Sizes around those of a block, of eight blocks, of a single read, and of a piece. */
static void test_tags_are_those_of_gcm(void **state)
{
    static const size_t around[] = {0, 128, 256, 32 << 10, 1 << 20, 2 << 20, 3 << 20};
    uint8_t *bytes = malloc(MOST);
    int fd = memfd_create("test", MFD_CLOEXEC), cases = 0;
    struct lc_key key;

    (void)state;
    assert_non_null(bytes);
    fill(bytes, MOST, 1);
    assert_int_equal(write(fd, bytes, MOST), MOST);
    for (size_t i = 0; i < COUNT(around); i++)
        for (int more = -17; more <= 17; more++) {
            if (more < 0 && !around[i])
                continue;
            fill(key.bytes, sizeof(key.bytes),
                 (uint32_t)(i * 100) + (uint32_t)(more + 17));
            expect_tags(fd, bytes, around[i] + (size_t)more, &key);
            cases++;
        }
    assert_int_equal(cases, 7 * 35 - 17);
    assert_int_equal(close(fd), 0);
    free(bytes);
}

/* Many keys, and texts in which most bits are the same. */
static void test_many_keys(void **state)
{
    uint8_t bytes[400] = {0};
    int fd = memfd_create("test", MFD_CLOEXEC);

    (void)state;
    for (int i = 0; i < 256; i++) {
        struct lc_key key = {{0}};

        key.bytes[i / 8] = (uint8_t)(1 << i % 8);
        memset(bytes, i % 2 ? 0xFF : 0, sizeof(bytes));
        bytes[i] = (uint8_t)i;
        assert_int_equal(pwrite(fd, bytes, sizeof(bytes), 0), (ssize_t)sizeof(bytes));
        expect_tags(fd, bytes, sizeof(bytes), &key);
    }
    assert_int_equal(close(fd), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags_are_those_of_gcm),
        cmocka_unit_test(test_many_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
