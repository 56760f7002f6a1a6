#include "index/write/journal.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/path.h"
#include "index/write/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file is a sequence of blocks: magic, size of the content (u32), XXH3-128 of the
 * content, a MAC, and the content, whose first byte is its kind.
 *
 * A crash can leave a partial block, which its checksum detects. Reading stops there, and
 * writing continues from there.
 *
 * The MAC covers the previous block's MAC and the content, so it authenticates the block
 * and its position: no block can be replaced, reordered, or inserted from another
 * journal. */
static const uint8_t magic[4] = {'L', 'C', 'J', '2'};

enum {
    SUM_AT = sizeof(magic) + 4,
    MAC_AT = SUM_AT + sizeof(struct lc_hash),
    HEAD_SIZE = MAC_AT + sizeof(struct lc_digest),
    /* decoders and began_ns of the run that wrote the following blocks */
    BLOCK_RUN = 'r',
    BLOCK_IMAGES = 'i',  /* for each image its size (u32) and its record */
    BLOCK_SECTION = 'a', /* a part of an archive */
    RUN_SIZE = 1 + sizeof(struct lc_hash) + 8,
};

/* A block is written at this size or age, and the file synced at this interval. */
#define BLOCK_BYTES ((size_t)32 << 10)
#define WRITE_NS INT64_C(100000000)
#define SYNC_NS INT64_C(5000000000)

/* The position of an image's record in the earlier part. */
struct record_position {
    size_t offset;
    uint32_t size;
    int64_t began_ns;
};

struct lc_journal {
    char *path;
    int fd; /* -1 until something is added */
    struct lc_trust trust;
    struct lc_digest chain; /* MAC of the last intact block; zeros before the first */
    struct lc_hash decoders;
    int64_t began_ns; /* of the run whose images are being added */
    /* the earlier part, written by runs that did not finish */
    const char *earlier;
    size_t earlier_size; /* bytes up to the end of its last intact block */
    size_t mapped_size;
    struct record_position *positions;
    size_t count;
    size_t capacity;
    struct lc_journal_section *sections;
    size_t section_count, section_capacity;
    /* the new part */
    struct lc_buffer block;
    struct lc_buffer record;
    size_t end;         /* size of the file */
    int64_t written_ns; /* by the monotonic clock */
    int64_t synced_ns;
};

/* ---- reading ---- */

static enum lc_status map_earlier(struct lc_journal *journal, struct lc_error *err)
{
    int fd = open(journal->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    void *map;

    if (fd < 0)
        return errno == ENOENT ? LC_OK : lc_fail_errno(err, "open the journal");
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
        close(fd);
        return LC_OK;
    }
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return lc_fail_errno(err, "read the journal");
    journal->earlier = map;
    journal->mapped_size = (size_t)st.st_size;
    return LC_OK;
}

/* The MAC of a block that follows the last intact one; zeros without a key. */
static struct lc_digest mac_of(const struct lc_journal *journal, struct lc_span content)
{
    const struct lc_key *key = lc_trust_key(&journal->trust);

    return key ? lc_mac(key, "llava-check journal", &journal->chain, content.text,
                        content.size)
               : (struct lc_digest){{0}};
}

/* Whether a block's MAC is right, or is not needed. */
static bool is_trusted(const struct lc_journal *journal, struct lc_span content,
                       const uint8_t *mac)
{
    struct lc_digest expected;

    if (!journal->trust.needs_key)
        return true;
    expected = mac_of(journal, content);
    return journal->trust.found.exists &&
           lc_digest_equal(&expected, mac, sizeof(expected));
}

/* Get the next block's content; false at the end, and at a damaged or foreign block. */
static bool next_block(struct lc_journal *journal, struct lc_span *out)
{
    const uint8_t *head = (const uint8_t *)journal->earlier + journal->earlier_size;
    size_t left = journal->mapped_size - journal->earlier_size;
    struct lc_hash sum;

    if (left < HEAD_SIZE || memcmp(head, magic, sizeof(magic)) != 0)
        return false;
    out->text = (const char *)head + HEAD_SIZE;
    out->size = lc_get_u32(head + sizeof(magic));
    if (!out->size || out->size > left - HEAD_SIZE)
        return false;
    sum = lc_hash_bytes(out->text, out->size);
    if (memcmp(sum.bytes, head + SUM_AT, sizeof(sum.bytes)) != 0 ||
        !is_trusted(journal, *out, head + MAC_AT))
        return false;
    memcpy(journal->chain.bytes, head + MAC_AT, sizeof(journal->chain.bytes));
    journal->earlier_size += HEAD_SIZE + out->size;
    return true;
}

/* Add the positions of the records in a block. */
static enum lc_status add_positions(struct lc_journal *journal, struct lc_span block,
                                    int64_t began_ns, struct lc_error *err)
{
    size_t at = 1;

    while (block.size - at >= 4) {
        uint32_t size = lc_get_u32((const uint8_t *)block.text + at);
        struct lc_span bytes = {block.text + at + 4, size};
        struct lc_image_record image;
        struct record_position *positions;

        at += 4;
        if (size > block.size - at || lc_image_decode(bytes, &image, NULL) != LC_OK)
            return LC_OK; /* malformed: the rest cannot be split into records */
        positions = lc_array_grow(journal->positions, journal->count, &journal->capacity,
                                  sizeof(*positions));
        if (!positions)
            return lc_fail_memory(err);
        journal->positions = positions;
        positions[journal->count++] = (struct record_position){
            (size_t)(bytes.text - journal->earlier), size, began_ns};
        at += size;
    }
    return LC_OK;
}

static struct lc_image_record record_at(const struct lc_journal *journal,
                                        const struct record_position *record_position)
{
    struct lc_span bytes = {journal->earlier + record_position->offset,
                            record_position->size};
    struct lc_image_record image = {0};

    (void)!lc_image_decode(bytes, &image,
                           NULL); /* decoding succeeded before, so it cannot fail */
    return image;
}

static int by_path_and_offset(const void *a, const void *b, void *context)
{
    const struct record_position *x = a, *y = b;
    struct lc_image_record of_x = record_at(context, x), of_y = record_at(context, y);
    int order = lc_span_compare(of_x.path, of_y.path);

    return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

/* Whether the records are sorted by path. Those of one run are, as a run reads images in
 * that order. */
static bool is_sorted(const struct lc_journal *journal)
{
    for (size_t i = 1; i < journal->count; i++)
        if (lc_span_compare(record_at(journal, &journal->positions[i - 1]).path,
                            record_at(journal, &journal->positions[i]).path) > 0)
            return false;
    return true;
}

/* Sort the records by path, and keep only the last one for each path. */
static void sort_positions(struct lc_journal *journal)
{
    size_t kept = 0;

    if (!is_sorted(journal))
        qsort_r(journal->positions, journal->count, sizeof(*journal->positions),
                by_path_and_offset, journal);
    for (size_t i = 0; i < journal->count; i++) {
        struct lc_span path = record_at(journal, &journal->positions[i]).path;

        if (i + 1 < journal->count &&
            lc_span_compare(path, record_at(journal, &journal->positions[i + 1]).path) ==
                0)
            continue;
        journal->positions[kept++] = journal->positions[i];
    }
    journal->count = kept;
}

static enum lc_status add_section(struct lc_journal *journal, struct lc_span block,
                                  int64_t began_ns, struct lc_error *err)
{
    struct lc_journal_section *sections =
        lc_array_grow(journal->sections, journal->section_count,
                      &journal->section_capacity, sizeof(*sections));

    if (!sections)
        return lc_fail_memory(err);
    journal->sections = sections;
    sections[journal->section_count++] =
        (struct lc_journal_section){{block.text + 1, block.size - 1}, began_ns};
    return LC_OK;
}

static enum lc_status read_earlier(struct lc_journal *journal, struct lc_error *err)
{
    enum lc_status status = map_earlier(journal, err);
    int64_t began_ns = 0;
    bool is_usable = false; /* the run had the same decoders */
    struct lc_span block;

    while (status == LC_OK && next_block(journal, &block)) {
        if (block.text[0] == BLOCK_RUN && block.size == RUN_SIZE) {
            const uint8_t *run = (const uint8_t *)block.text + 1;

            is_usable = memcmp(run, journal->decoders.bytes, sizeof(struct lc_hash)) == 0;
            began_ns = (int64_t)lc_get_u64(run + sizeof(struct lc_hash));
        } else if (block.text[0] == BLOCK_IMAGES && is_usable) {
            status = add_positions(journal, block, began_ns, err);
        } else if (block.text[0] == BLOCK_SECTION && is_usable) {
            status = add_section(journal, block, began_ns, err);
        }
    }
    if (status == LC_OK)
        sort_positions(journal);
    return status;
}

enum lc_status lc_journal_open(const char *folder, const struct lc_trust *trust,
                               const struct lc_hash *decoders, bool fresh,
                               struct lc_journal **out, struct lc_error *err)
{
    struct lc_journal *journal = calloc(1, sizeof(*journal));
    enum lc_status status;

    if (!journal)
        return lc_fail_memory(err);
    journal->fd = -1;
    journal->trust = *trust;
    journal->decoders = *decoders;
    status = lc_path_join(folder, LC_JOURNAL_FILE, &journal->path, err);
    if (status == LC_OK && !fresh)
        status = read_earlier(journal, err);
    if (status == LC_OK)
        *out = journal;
    else
        lc_journal_close(journal, false);
    return status;
}

size_t lc_journal_count(const struct lc_journal *journal)
{
    return journal->count;
}

void lc_journal_get(const struct lc_journal *journal, size_t index,
                    struct lc_journal_entry *out)
{
    out->image = record_at(journal, &journal->positions[index]);
    out->began_ns = journal->positions[index].began_ns;
}

/* ---- writing ---- */

static enum lc_status write_all(struct lc_journal *journal, const void *data, size_t size,
                                struct lc_error *err)
{
    const char *from = data;

    while (size > 0) {
        ssize_t done = pwrite(journal->fd, from, size, (off_t)journal->end);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return lc_fail_errno(err, "write the journal");
        from += done;
        size -= (size_t)done;
        journal->end += (size_t)done;
    }
    return LC_OK;
}

/* Start a block, with space for its head. */
static enum lc_status begin_block(struct lc_journal *journal, uint8_t kind,
                                  struct lc_error *err)
{
    static const uint8_t head[HEAD_SIZE];
    enum lc_status status;

    journal->block.size = 0;
    status = lc_buffer_add(&journal->block, head, sizeof(head), err);
    return status == LC_OK ? lc_buffer_add(&journal->block, &kind, 1, err) : status;
}

/* Write the current block, normally with a single call, so that a kill leaves either all
 * or nothing of it. */
static enum lc_status write_block(struct lc_journal *journal, struct lc_error *err)
{
    uint8_t *head = (uint8_t *)journal->block.data;
    size_t size = journal->block.size - HEAD_SIZE;
    struct lc_span content = {(const char *)head + HEAD_SIZE, size};
    struct lc_hash sum = lc_hash_bytes(content.text, size);
    enum lc_status status;

    memcpy(head, magic, sizeof(magic));
    lc_put_u32(head + sizeof(magic), (uint32_t)size);
    memcpy(head + SUM_AT, sum.bytes, sizeof(sum.bytes));
    journal->chain = mac_of(journal, content);
    memcpy(head + MAC_AT, journal->chain.bytes, sizeof(journal->chain.bytes));
    status = write_all(journal, head, journal->block.size, err);
    journal->block.size = 0;
    journal->written_ns = lc_clock_now(CLOCK_MONOTONIC);
    if (status == LC_OK && journal->written_ns - journal->synced_ns > SYNC_NS) {
        if (fdatasync(journal->fd) != 0)
            status = lc_fail_errno(err, "write the journal");
        journal->synced_ns = journal->written_ns;
    }
    return status;
}

/* Open the file for writing, and truncate it after its last intact block. */
static enum lc_status open_file(struct lc_journal *journal, struct lc_error *err)
{
    enum lc_status status =
        lc_index_open_in_place(journal->path, LC_JOURNAL_FILE, &journal->fd, err);

    if (status != LC_OK)
        return status;
    if (ftruncate(journal->fd, (off_t)journal->earlier_size) != 0)
        return lc_fail_errno(err, "write the journal");
    journal->end = journal->earlier_size;
    journal->synced_ns = lc_clock_now(CLOCK_MONOTONIC);
    return LC_OK;
}

/* Write a block that says which run the following images are from. */
static enum lc_status begin_run(struct lc_journal *journal, int64_t began_ns,
                                struct lc_error *err)
{
    uint8_t run[RUN_SIZE - 1];
    enum lc_status status = LC_OK;

    if (journal->fd < 0)
        status = open_file(journal, err);
    else if (journal->block.size)
        status = write_block(journal, err);
    journal->began_ns = began_ns;
    memcpy(run, journal->decoders.bytes, sizeof(struct lc_hash));
    lc_put_u64(run + sizeof(struct lc_hash), (uint64_t)began_ns);
    if (status == LC_OK)
        status = begin_block(journal, BLOCK_RUN, err);
    if (status == LC_OK)
        status = lc_buffer_add(&journal->block, run, sizeof(run), err);
    return status == LC_OK ? write_block(journal, err) : status;
}

enum lc_status lc_journal_add(struct lc_journal *journal,
                              const struct lc_image_record *image, int64_t began_ns,
                              struct lc_error *err)
{
    enum lc_status status = LC_OK;
    uint8_t size[4];

    if (journal->fd < 0 || began_ns != journal->began_ns)
        status = begin_run(journal, began_ns, err);
    if (status == LC_OK && !journal->block.size)
        status = begin_block(journal, BLOCK_IMAGES, err);
    journal->record.size = 0;
    if (status == LC_OK)
        status = lc_image_encode(image, &journal->record, err);
    lc_put_u32(size, (uint32_t)journal->record.size);
    if (status == LC_OK)
        status = lc_buffer_add(&journal->block, size, sizeof(size), err);
    if (status == LC_OK)
        status = lc_buffer_add(&journal->block, journal->record.data,
                               journal->record.size, err);
    if (status == LC_OK &&
        (journal->block.size >= BLOCK_BYTES ||
         lc_clock_now(CLOCK_MONOTONIC) - journal->written_ns >= WRITE_NS))
        status = write_block(journal, err);
    return status;
}

size_t lc_journal_sections(const struct lc_journal *journal)
{
    return journal->section_count;
}

struct lc_journal_section lc_journal_section(const struct lc_journal *journal,
                                             size_t index)
{
    return journal->sections[index];
}

enum lc_status lc_journal_add_section(struct lc_journal *journal, struct lc_span content,
                                      int64_t began_ns, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (content.size >= UINT32_MAX)
        return LC_OK; /* too large for a block */
    if (journal->fd < 0 || began_ns != journal->began_ns)
        status = begin_run(journal, began_ns, err);
    else if (journal->block.size)
        status = write_block(journal, err);
    if (status == LC_OK)
        status = begin_block(journal, BLOCK_SECTION, err);
    if (status == LC_OK)
        status = lc_buffer_add(&journal->block, content.text, content.size, err);
    return status == LC_OK ? write_block(journal, err) : status;
}

void lc_journal_close(struct lc_journal *journal, bool done)
{
    if (!journal)
        return;
    if (journal->fd >= 0) {
        if (!done && journal->block.size)
            (void)!write_block(journal,
                               NULL); /* an image that is lost is only read again */
        if (!done)
            (void)!fdatasync(journal->fd);
        close(journal->fd);
    }
    if (done)
        (void)unlink(journal->path);
    if (journal->earlier)
        (void)munmap((void *)(uintptr_t)journal->earlier, journal->mapped_size);
    lc_buffer_clear(&journal->block);
    lc_buffer_clear(&journal->record);
    free(journal->positions);
    free(journal->sections);
    free(journal->path);
    free(journal);
}
