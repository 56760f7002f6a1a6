#include "base/digest.h"

#include <endian.h>
#include <errno.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct lc_digest) == SHA256_DIGEST_SIZE, "SHA-256 has 32 bytes");

struct lc_digest lc_digest_bytes(const void *data, size_t size)
{
    struct lc_digest out;
    struct sha256_ctx hash;

    sha256_init(&hash);
    sha256_update(&hash, size, data);
    sha256_digest(&hash, sizeof(out.bytes), out.bytes);
    return out;
}

struct lc_digest lc_mac(const struct lc_key *key, const char *label,
                        const struct lc_digest *chain, const void *data, size_t size)
{
    static const struct lc_digest none;
    struct lc_digest out;
    struct hmac_sha256_ctx mac;

    hmac_sha256_set_key(&mac, sizeof(key->bytes), key->bytes);
    hmac_sha256_update(&mac, strlen(label) + 1, (const uint8_t *)label);
    hmac_sha256_update(&mac, sizeof(none.bytes), chain ? chain->bytes : none.bytes);
    hmac_sha256_update(&mac, size, data);
    hmac_sha256_digest(&mac, sizeof(out.bytes), out.bytes);
    return out;
}

bool lc_digest_equal(const struct lc_digest *a, const void *b, size_t size)
{
    return memeql_sec(a->bytes, b, size);
}

/* ---- files ---- */

enum {
    MAX_THREADS = 4,
    PIECES_PER_THREAD = 8, /* fewer pieces take less time than starting a thread */
    BUFFER = 32 << 10,     /* bytes; stays in a core's cache between reading, hashing and
                              tagging */
};

struct piece_sums {
    struct lc_hash hash;
    uint8_t tag[GCM_DIGEST_SIZE];
};

/* A file being summed. Each thread claims the next piece by its number. */
struct work {
    int fd;
    uint64_t size;
    uint64_t pieces;
    bool with_hash;
    const struct lc_key *key;
    struct piece_sums *sums; /* of each piece; written by the thread that claimed the
                                piece */
    atomic_uint_fast64_t next;
    atomic_int failed; /* errno */
    atomic_bool is_short;
};

/* What each thread needs. */
struct tools {
    uint8_t *buffer;
    struct lc_hasher *hasher;
    struct gcm_aes256_ctx gcm;
};

/* Read until the buffer is full: GMAC only takes whole blocks, except at the end. */
static bool read_whole(struct work *work, uint8_t *buffer, size_t size, uint64_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(work->fd, buffer + done, size - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            atomic_store(&work->failed, errno);
        else if (n == 0)
            atomic_store(&work->is_short, true);
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static void begin_tag(struct gcm_aes256_ctx *gcm, uint64_t piece)
{
    uint8_t nonce[GCM_IV_SIZE] = {0};
    uint64_t number = htobe64(piece);

    memcpy(nonce + sizeof(nonce) - sizeof(number), &number, sizeof(number));
    gcm_aes256_set_iv(gcm, sizeof(nonce), nonce);
}

static bool sum_piece(struct work *work, uint64_t piece, struct tools *tools)
{
    uint64_t at = piece * LC_DIGEST_PIECE;
    uint64_t end = work->size - at < LC_DIGEST_PIECE ? work->size : at + LC_DIGEST_PIECE;
    struct piece_sums *sums = &work->sums[piece];

    if (work->key)
        begin_tag(&tools->gcm, piece);
    for (size_t size; at < end; at += size) {
        size = end - at < BUFFER ? (size_t)(end - at) : (size_t)BUFFER;
        if (!read_whole(work, tools->buffer, size, at))
            return false;
        if (work->with_hash)
            lc_hasher_update(tools->hasher, tools->buffer, size);
        if (work->key)
            gcm_aes256_update(&tools->gcm, size, tools->buffer);
    }
    if (work->with_hash)
        sums->hash = lc_hasher_finish(tools->hasher);
    if (work->key)
        gcm_aes256_digest(&tools->gcm, sizeof(sums->tag), sums->tag);
    return true;
}

static void *sum_pieces(void *argument)
{
    struct work *work = argument;
    struct tools tools = {.buffer = malloc(BUFFER), .hasher = lc_hasher_new()};
    uint64_t piece;

    if (!tools.buffer || !tools.hasher) {
        atomic_store(&work->failed, ENOMEM);
        goto out;
    }
    if (work->key)
        gcm_aes256_set_key(&tools.gcm, work->key->bytes);
    while (!atomic_load(&work->failed) && !atomic_load(&work->is_short) &&
           (piece = atomic_fetch_add(&work->next, 1)) < work->pieces)
        if (!sum_piece(work, piece, &tools))
            break;
out:
    lc_hasher_free(tools.hasher);
    free(tools.buffer);
    return NULL;
}

/* Sum all pieces in this thread, and in other threads if there are processors for
 * them. */
static void sum_all(struct work *work)
{
    pthread_t threads[MAX_THREADS - 1];
    cpu_set_t available;
    unsigned wanted = 1, started = 0;

    if (sched_getaffinity(0, sizeof(available), &available) == 0)
        wanted = (unsigned)CPU_COUNT(&available);
    if (wanted > MAX_THREADS)
        wanted = MAX_THREADS;
    while (started + 1 < wanted && work->pieces / PIECES_PER_THREAD > started + 1 &&
           pthread_create(&threads[started], NULL, sum_pieces, work) == 0)
        started++; /* if a thread fails to start, the others do its share */
    (void)sum_pieces(work);
    while (started > 0)
        pthread_join(threads[--started], NULL);
}

/* Compute the sums of the whole file from those of its pieces. */
static void join_sums(const struct work *work, struct lc_hasher *hasher,
                      struct lc_file_sums *out)
{
    uint64_t size_bytes = htobe64(work->size);
    struct sha256_ctx tags;

    lc_hasher_update(hasher, &size_bytes, sizeof(size_bytes));
    for (uint64_t i = 0; i < work->pieces; i++)
        lc_hasher_update(hasher, work->sums[i].hash.bytes, sizeof(work->sums[i].hash));
    out->hash = lc_hasher_finish(hasher);
    sha256_init(&tags);
    for (uint64_t i = 0; i < work->pieces; i++)
        sha256_update(&tags, sizeof(work->sums[i].tag), work->sums[i].tag);
    sha256_digest(&tags, sizeof(out->tags.bytes), out->tags.bytes);
}

enum lc_status lc_sum_file(int fd, uint64_t size, bool with_hash,
                           const struct lc_key *key, struct lc_file_sums *out,
                           struct lc_error *err)
{
    struct work work = {.fd = fd, .size = size, .with_hash = with_hash, .key = key};
    struct lc_hasher *hasher = lc_hasher_new();
    enum lc_status status = LC_OK;

    *out = (struct lc_file_sums){.is_whole = false};
    work.pieces = size / LC_DIGEST_PIECE + (size % LC_DIGEST_PIECE != 0);
    work.sums = calloc((size_t)work.pieces + 1, sizeof(*work.sums));
    if (!work.sums || !hasher) {
        status = lc_fail_memory(err);
        goto out;
    }
    sum_all(&work);
    out->is_whole = !atomic_load(&work.is_short);
    join_sums(&work, hasher, out);
    errno = atomic_load(&work.failed);
    if (errno)
        status = lc_fail_errno(err, "read the index");
out:
    lc_hasher_free(hasher);
    free(work.sums);
    return status;
}
