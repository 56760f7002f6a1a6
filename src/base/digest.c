#include "base/digest.h"

#include <endian.h>
#include <errno.h>
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
    PIECES_PER_THREAD = 8, /* fewer take less time than starting a thread */
    BUFFER = 128 << 10,    /* stays in a core's cache between read and hash */
};

/* A file being digested: each thread claims the next piece by its number. */
struct work {
    int fd;
    uint64_t size;
    uint64_t pieces;
    struct lc_digest
        *digests; /* one for each piece, written by the thread that claimed it */
    atomic_uint_fast64_t next;
    atomic_int failed; /* errno */
    atomic_bool is_short;
};

static bool digest_piece(struct work *work, uint64_t piece, uint8_t *buffer)
{
    uint64_t at = piece * LC_DIGEST_PIECE;
    uint64_t end = work->size - at < LC_DIGEST_PIECE ? work->size : at + LC_DIGEST_PIECE;
    struct sha256_ctx hash;

    sha256_init(&hash);
    while (at < end) {
        size_t wanted = end - at < BUFFER ? (size_t)(end - at) : (size_t)BUFFER;
        ssize_t n = pread(work->fd, buffer, wanted, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            atomic_store(&work->failed, errno);
        else if (n == 0)
            atomic_store(&work->is_short, true);
        if (n <= 0)
            return false;
        sha256_update(&hash, (size_t)n, buffer);
        at += (uint64_t)n;
    }
    sha256_digest(&hash, sizeof(work->digests[piece].bytes), work->digests[piece].bytes);
    return true;
}

static void *digest_pieces(void *argument)
{
    struct work *work = argument;
    uint8_t *buffer = malloc(BUFFER);
    uint64_t piece;

    if (!buffer)
        atomic_store(&work->failed, ENOMEM);
    while (buffer && !atomic_load(&work->failed) && !atomic_load(&work->is_short) &&
           (piece = atomic_fetch_add(&work->next, 1)) < work->pieces)
        if (!digest_piece(work, piece, buffer))
            break;
    free(buffer);
    return NULL;
}

/* Digest all pieces in this thread, and in others if there are processors for them. */
static void digest_all(struct work *work)
{
    pthread_t threads[MAX_THREADS - 1];
    cpu_set_t available;
    unsigned wanted = 1, started = 0;

    if (sched_getaffinity(0, sizeof(available), &available) == 0)
        wanted = (unsigned)CPU_COUNT(&available);
    if (wanted > MAX_THREADS)
        wanted = MAX_THREADS;
    while (started + 1 < wanted && work->pieces / PIECES_PER_THREAD > started + 1 &&
           pthread_create(&threads[started], NULL, digest_pieces, work) == 0)
        started++; /* if one fails to start, the others do its share */
    (void)digest_pieces(work);
    while (started > 0)
        pthread_join(threads[--started], NULL);
}

enum lc_status lc_digest_file(int fd, uint64_t size, bool *whole, struct lc_digest *out,
                              struct lc_error *err)
{
    struct work work = {.fd = fd, .size = size};
    uint64_t size_bytes = htobe64(size);
    struct sha256_ctx hash;

    *whole = false;
    work.pieces = size / LC_DIGEST_PIECE + (size % LC_DIGEST_PIECE != 0);
    work.digests = calloc((size_t)work.pieces + 1, sizeof(*work.digests));
    if (!work.digests)
        return lc_fail_memory(err);
    digest_all(&work);
    *whole = !atomic_load(&work.is_short);
    sha256_init(&hash);
    sha256_update(&hash, sizeof(size_bytes), (const uint8_t *)&size_bytes);
    sha256_update(&hash, (size_t)work.pieces * sizeof(*work.digests),
                  work.digests[0].bytes);
    sha256_digest(&hash, sizeof(out->bytes), out->bytes);
    free(work.digests);
    errno = atomic_load(&work.failed);
    return errno ? lc_fail_errno(err, "read the index") : LC_OK;
}
