/* Hashes the content that a row would be trained on, and its first question and answer;
 * finds answers that repeat.
 *
 * Two rows are duplicates if their images, videos and turns are the same in the same
 * order. The hash of a row is taken over the hashes of its parts: each has a fixed size,
 * so parts cannot run into each other, and an all-zero hash separates images from videos.
 * Texts were hashed while they were measured (64 bits); the row's own hash has 128.
 *
 * An answer repeats if it equals its question or an earlier answer of the row. With few
 * turns, comparing 64-bit hashes pair by pair is fastest; beyond FEW_TURNS a hash table
 * keeps the cost linear. Equal hashes are confirmed by comparing the texts. */
#include "dataset/content.h"

#include "dataset/rest.h"

#include <stdlib.h>
#include <string.h>

#define FEW_TURNS ((size_t)32)

/* ---- hashes ---- */

/* A role as a number: its enumerator, or for other roles a hash of the name. */
static uint64_t role_word(const struct lc_turn *turn)
{
    if (turn->role == LC_ROLE_OTHER)
        return lc_hash_quick(turn->from.text, turn->from.size);
    return (uint64_t)turn->role;
}

static enum lc_status reserve_hashes(struct lc_row *row, size_t wanted,
                                     struct lc_error *err)
{
    struct lc_hash *hashes;

    if (wanted <= row->hashes_capacity)
        return LC_OK;
    hashes = realloc(row->path_hashes, wanted * 2 * sizeof(*hashes));
    if (!hashes)
        return lc_fail_memory(err);
    row->path_hashes = hashes;
    row->hashes_capacity = wanted * 2;
    return LC_OK;
}

/* Combine hashes in order, with one multiplication each: as they are hashes, they need no
 * mixing. */
static uint64_t join(uint64_t before, uint64_t hash)
{
    return before * UINT64_C(0x9E3779B97F4A7C15) + hash;
}

static bool has_media(const struct lc_row *row)
{
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        if (lc_row_media_count(row, (enum lc_medium)medium))
            return true;
    return false;
}

/* Hash the first question with its media, and the answer. Later questions depend on what
 * was said before. The question includes turns of other roles before it, such as a system
 * prompt, and the dialect's other columns, but not an answer before it, since trainers
 * drop that.
 *
 * @param hashes  number of the path_hashes of media */
static void hash_question(struct lc_row *row, size_t hashes)
{
    const struct lc_turn *turn = row->turns, *end = turn + row->turn_count;
    uint64_t hash = row->identity;

    if (!lc_row_is_whole(row) || !has_media(row) || lc_row_has_bad_media(row))
        return;
    for (size_t i = 0; i < hashes; i++)
        hash = join(hash, lc_hash_short(&row->path_hashes[i]));
    /* tell sounds from videos: the zeros that separate media change nothing at the start
     */
    if (row->media[LC_MEDIUM_AUDIO].count)
        hash = join(hash, 1);
    for (; turn < end && turn->role != LC_ROLE_HUMAN; turn++)
        if (turn->role != LC_ROLE_GPT)
            hash = join(join(hash, role_word(turn)), turn->hash);
    if (end - turn < 2 || turn[1].role != LC_ROLE_GPT)
        return;
    hash = lc_rest_mix(join(hash, turn->hash), 0);
    row->question = hash ? hash : 1;
    row->answer = turn[1].hash;
}

/* Hash the hashes of media and turns, in order; zeros separate the media. A turn's role
 * and text, with 64 bits each, fill the 128 bits of one entry. Audio and other columns
 * were added later: rows without them keep the hash that they had before. */
static enum lc_status hash_row(struct lc_row *row, struct lc_error *err)
{
    size_t n = 0, wanted = row->turn_count + LC_MEDIUM_COUNT + 1;
    struct lc_hash *hashes;
    enum lc_status status;

    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        wanted += row->media[medium].count;
    status = reserve_hashes(row, wanted, err);
    if (status != LC_OK)
        return status;
    hashes = row->path_hashes;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++) {
        const struct lc_row_media *media = &row->media[medium];

        if (medium == LC_MEDIUM_VIDEO || (medium == LC_MEDIUM_AUDIO && media->count))
            hashes[n++] = (struct lc_hash){{0}}; /* ends the previous medium */
        for (size_t i = 0; i < media->count; i++)
            hashes[n++] = lc_hash_bytes(media->items[i].text, media->items[i].size);
    }
    hash_question(row, n);
    for (size_t i = 0; i < row->turn_count; i++) {
        uint64_t words[2] = {role_word(&row->turns[i]), row->turns[i].hash};

        memcpy(&hashes[n++], words, sizeof(words));
    }
    if (row->identity)
        memcpy(&hashes[n++], (uint64_t[2]){row->identity, 0}, sizeof(*hashes));
    row->content = lc_hash_bytes(hashes, n * sizeof(*hashes));
    return LC_OK;
}

/* ---- answers ---- */

static bool says_the_same(const struct lc_turn *a, const struct lc_turn *b)
{
    return a->hash == b->hash && lc_span_equal(a->value, b->value);
}

/* Whether an earlier turn of the row gave the same answer. */
static bool is_repeated_answer(const struct lc_row *row, size_t answer)
{
    for (size_t i = 0; i < answer; i++)
        if (row->turns[i].role == LC_ROLE_GPT &&
            says_the_same(&row->turns[i], &row->turns[answer]))
            return true;
    return false;
}

/* Lower *first to the first answer that repeats an earlier one, with a hash table of the
 * answers (open addressing; slots hold turn numbers plus one). */
static enum lc_status find_repeated_answer(struct lc_row *row, size_t *first,
                                           struct lc_error *err)
{
    size_t size = 16, *slots;
    enum lc_status status;

    while (size < 2 * row->turn_count)
        size *= 2;
    row->scratch.size = 0;
    status = lc_buffer_reserve(&row->scratch, size * sizeof(*slots), err);
    if (status != LC_OK)
        return status;
    slots = (size_t *)(void *)row->scratch.data;
    memset(slots, 0, size * sizeof(*slots));
    for (size_t i = 0; i < *first; i++) {
        const struct lc_turn *turn = &row->turns[i];
        size_t slot = turn->hash & (size - 1);

        if (turn->role != LC_ROLE_GPT)
            continue;
        while (slots[slot] && !says_the_same(&row->turns[slots[slot] - 1], turn))
            slot = (slot + 1) & (size - 1);
        if (slots[slot])
            *first = i;
        slots[slot] = i + 1;
    }
    return LC_OK;
}

static enum lc_status find_echo(struct lc_row *row, struct lc_error *err)
{
    const struct lc_turn *turns = row->turns;

    row->echo = row->turn_count;
    if (!lc_row_is_whole(row))
        return LC_OK;
    for (size_t i = 0; i < row->echo; i++) {
        if (turns[i].role != LC_ROLE_GPT)
            continue;
        if ((i && turns[i - 1].role == LC_ROLE_HUMAN &&
             says_the_same(&turns[i - 1], &turns[i])) ||
            (row->turn_count <= FEW_TURNS && is_repeated_answer(row, i)))
            row->echo = i;
    }
    if (row->turn_count <= FEW_TURNS)
        return LC_OK;
    return find_repeated_answer(row, &row->echo, err);
}

enum lc_status lc_content_find(struct lc_row *row, struct lc_error *err)
{
    enum lc_status status = hash_row(row, err);

    return status == LC_OK ? find_echo(row, err) : status;
}
