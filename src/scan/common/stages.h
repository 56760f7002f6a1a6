/* stages.h - what the stages of a run pass to each other
 *
 * Data flows one way:
 *
 *     rows files → rows → links → archives → images → set → index
 *     shards → samples ↗
 *
 * samples  read shards, which are rows files and archives: check their images, and keep
 *          their texts for the rows stage (samples.h)
 * rows     parse and check the rows files; collect image paths, ids, contents and
 *          questions
 * links    number the images in path order; map rows to images and images to rows
 * archives read and decode the images that are members of archives, except for shards
 * images   read and check each image once; mark the rows of faulty ones
 * set      findings that need the whole set: shared ids, equal rows, different answers,
 *          unused images
 * index    store the totals
 */
#ifndef LC_SCAN_COMMON_STAGES_H
#define LC_SCAN_COMMON_STAGES_H

#include "scan/common/paths.h"
#include "scan/common/sorter.h"

#include <stdint.h>

/** In a merge, in place of an index number: no index. */
#define LC_NO_SOURCE UINT32_MAX

/** In place of an image's new number: it was dropped. */
#define LC_NOT_KEPT UINT32_MAX

/** All rows of the data set, from the rows stage. All zero is empty. */
struct lc_rows {
    uint64_t count;
    uint8_t *faulty; /* by row: the row or one of its images has an error */
    size_t faulty_capacity;
    /* row r names the next image_counts[r] entries of named: numbers in paths, which the
     * links stage replaces by image numbers */
    uint32_t *image_counts;
    size_t image_counts_capacity;
    uint32_t *named;
    size_t named_count;
    size_t named_capacity;
    uint64_t *file_ends; /* by rows file: number of the first row after it */
    size_t file_count;
    size_t file_ends_capacity;
    struct lc_paths paths;     /* the distinct image paths, in order of appearance */
    struct lc_paths others;    /* in a part that looks for unused images: all paths */
    struct lc_sorter ids;      /* hashes of ids with their rows */
    struct lc_sorter contents; /* hashes of complete rows' contents, with the rows */
    /* for rows whose first question is about images: the hashes of question and answer,
     * as the halves of one hash, with the row */
    struct lc_sorter questions;
};

void lc_rows_clear(struct lc_rows *rows);

/** Which rows name which images, from the links stage. All zero is empty. */
struct lc_links {
    const struct lc_paths *paths; /* those of the rows */
    size_t count;                 /* of images */
    uint64_t row_count;
    /* image i, in path order, is path order[i]; the rows that name it are
     * users[first_user[i]] up to, not including, users[first_user[i + 1]] */
    uint32_t *order;
    uint64_t *first_user;
    uint32_t *users;
};

void lc_links_clear(struct lc_links *links);

/** The number of images that rows name. */
static inline size_t lc_links_images(const struct lc_links *links)
{
    return links->count;
}

/** The path of an image; ends with NUL. */
static inline struct lc_span lc_links_path(const struct lc_links *links, uint32_t image)
{
    return lc_paths_get(links->paths, links->order[image]);
}

#endif
