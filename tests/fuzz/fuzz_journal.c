/* fuzz_journal.c - what must be true for any bytes of a journal
 *
 * If the first byte is even, the rest is used as it is. If it is odd, the rest is cut
 * into blocks (a length in two bytes, then the bytes), which get a valid head and
 * checksum, because no fuzzer guesses a checksum. The entries that are read are in order,
 * have each path once, and are kept when an image is added.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "index/write/journal.h"

static const struct lc_hash decoders = {{'d', 'e', 'c', 'o', 'd', 'e', 'r', 's'}};

static void add(struct lc_buffer *out, const void *bytes, size_t size)
{
    must(lc_buffer_add(out, bytes, size, NULL) == LC_OK);
}

/* Make a journal of blocks with the right checksums. The bytes that name this run's
 * decoders are too many to be guessed, too: a block that begins with R becomes one of a
 * run. */
static void add_blocks(struct lc_fuzz_input *in, struct lc_buffer *out)
{
    while (in->left) {
        struct lc_span part = lc_fuzz_long(in);
        struct lc_buffer block = {0};
        struct lc_hash sum;
        static const uint8_t no_mac[sizeof(struct lc_digest)];
        uint8_t size[4];

        if (part.size && part.text[0] == 'R') {
            add(&block, "r", 1);
            add(&block, decoders.bytes, sizeof(decoders.bytes));
            part.text++;
            part.size--;
        }
        add(&block, part.text, part.size);
        lc_put_u32(size, (uint32_t)block.size);
        sum = lc_hash_bytes(block.data, block.size);
        add(out, "LCJ2", 4);
        add(out, size, sizeof(size));
        add(out, sum.bytes, sizeof(sum.bytes));
        add(out, no_mac, sizeof(no_mac));
        add(out, block.data, block.size);
        lc_buffer_clear(&block);
    }
}

static const struct lc_trust trust; /* for a folder that the user named */

static struct lc_journal *open_journal(const char *folder)
{
    struct lc_journal *journal = NULL;

    must(lc_journal_open(folder, &trust, &decoders, false, &journal, NULL) == LC_OK);
    return journal;
}

/* Get every entry, in order; return their number. */
static size_t check_entries(const struct lc_journal *journal)
{
    size_t count = lc_journal_count(journal);
    struct lc_journal_entry before, entry;

    for (size_t i = 0; i < count; i++) {
        lc_journal_get(journal, i, &entry);
        if (i)
            must(lc_span_compare(before.image.path, entry.image.path) < 0);
        before = entry;
    }
    return count;
}

static bool holds(const struct lc_journal *journal, struct lc_span path)
{
    for (size_t i = 0; i < lc_journal_count(journal); i++) {
        struct lc_journal_entry entry;

        lc_journal_get(journal, i, &entry);
        if (lc_span_equal(entry.image.path, path))
            return true;
    }
    return false;
}

void lc_fuzz_journal(const uint8_t *data, size_t size)
{
    const struct lc_image_record added = {
        .path = {"added.jpg", 9}, .format = {"jpeg", 4}, .size = 7};
    const char *folder = lc_fuzz_folder();
    struct lc_fuzz_input in = {data, size};
    struct lc_buffer file = {0};
    struct lc_journal *journal;
    size_t count;
    bool held;

    if (lc_fuzz_u8(&in) & 1)
        add_blocks(&in, &file);
    else
        add(&file, in.at, in.left);
    lc_fuzz_file(LC_JOURNAL_FILE, file.data, file.size);
    lc_buffer_clear(&file);

    journal = open_journal(folder);
    count = check_entries(journal);
    held = holds(journal, added.path);
    must(lc_journal_add(journal, &added, 5, NULL) == LC_OK);
    must(lc_journal_count(journal) == count);
    lc_journal_close(journal, false);

    journal = open_journal(folder);
    must(check_entries(journal) == count + !held);
    must(holds(journal, added.path));
    lc_journal_close(journal, true);
}
