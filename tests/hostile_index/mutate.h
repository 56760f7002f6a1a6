/* mutate.h - damage to an index, reproducible from a seed
 *
 * A mutant is a sound index file with a few changes. Changes of pages use LMDB's layout
 * to change what a reader relies on: page numbers, bounds, offsets, sizes, counts, which
 * page is where. Lies leave the pages sound and change the contents of records.
 */
#ifndef LC_TESTS_HOSTILE_MUTATE_H
#define LC_TESTS_HOSTILE_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A generator of pseudo-random numbers (splitmix64); its seed is its state. */
struct hostile_random {
    uint64_t state;
};

uint64_t hostile_next(struct hostile_random *random);

/** Return a number from 0 to below - 1, or 0 if below is 0. */
size_t hostile_below(struct hostile_random *random, size_t below);

/** Return a number near another one, or one that makes arithmetic overflow. */
uint64_t hostile_near(struct hostile_random *random, uint64_t number);

/** An index file being changed. bytes has capacity for sound_size plus
 * HOSTILE_MOST_GROWTH. */
struct hostile_mutant {
    struct hostile_random random;
    const uint8_t *sound; /* the file's pages, without the seal */
    size_t sound_size;
    uint8_t *bytes;
    size_t size;
    const char *scratch; /* path of a file that lies may use */
};

enum { HOSTILE_MOST_GROWTH = 4 << 20 };

/** A kind of change. */
struct hostile_change {
    const char *name;
    bool is_lie;
    void (*apply)(struct hostile_mutant *mutant);
};

/** Return the kind at an index, or NULL past the end. There are at most 64. */
const struct hostile_change *hostile_change_at(size_t index);

/**
 * Make the mutant of a seed: bytes and size are set.
 *
 * @return the kinds of change that were applied, a bit for each by index
 */
uint64_t hostile_mutate(struct hostile_mutant *mutant, uint64_t seed);

/* Lies, for the table of changes: see lies.c. */
void hostile_lie_number(struct hostile_mutant *mutant);
void hostile_lie_meta(struct hostile_mutant *mutant);
void hostile_lie_text(struct hostile_mutant *mutant);
void hostile_lie_copy(struct hostile_mutant *mutant);
void hostile_lie_key(struct hostile_mutant *mutant);
void hostile_lie_short(struct hostile_mutant *mutant);
void hostile_lie_rewrite(struct hostile_mutant *mutant);

/* ---- the layout, which cannot be trusted: a mutant may have several changes ---- */

/** Return a page's bytes; number must be below hostile_page_count. */
uint8_t *hostile_page(struct hostile_mutant *mutant, size_t number);

/** Return the number of pages in the file, including meta pages. */
size_t hostile_page_count(const struct hostile_mutant *mutant);
size_t hostile_page_size(const struct hostile_mutant *mutant);

/** Pick a random page of a kind (PAGE_LEAF …); if there is none, any page. */
uint8_t *hostile_pick_page(struct hostile_mutant *mutant, uint16_t kind);

/** Return the number of a page's nodes by its lower bound, but at most what fits. */
size_t hostile_node_count(const struct hostile_mutant *mutant, const uint8_t *page);

/** Return a node's header; if its offset is outside of the page, one that fits. */
uint8_t *hostile_node(struct hostile_mutant *mutant, uint8_t *page, size_t index);

/** Return the MDB_db record of a random table, or NULL. */
uint8_t *hostile_pick_tree(struct hostile_mutant *mutant);

/** Change a native-endian number in place to one near it; width is 1, 2, 4 or 8. */
void hostile_change_native(struct hostile_mutant *mutant, uint8_t *at, size_t width);

#endif
