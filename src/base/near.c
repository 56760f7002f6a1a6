/* Suggests the name that a mistyped word was probably meant to be.
 *
 * The distance is the restricted Damerau-Levenshtein distance (optimal string alignment):
 * the minimum number of letters to replace, insert, delete or swap with their neighbour.
 * Row i of the dynamic program has the distances of the word's first i letters from every
 * prefix of the name, and depends on the two rows before it, so three rows suffice. Cost:
 * the product of both lengths; names are short and there are few.
 *
 * A suggestion must be closer than 2 (words of 3 to 6 letters) or 3; shorter words are
 * not corrected. A word that is not close to any name may still be the beginning of
 * exactly one name. */
#include "base/near.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define LONGEST_NAME 32
#define SHORTEST_BEGINNING 3

static bool same_letter(char a, char b)
{
    return strncasecmp(&a, &b, 1) == 0;
}

static size_t distance(const char *a, size_t a_size, const char *b)
{
    size_t b_size = strlen(b), rows[3][LONGEST_NAME + 1];

    if (a_size > LONGEST_NAME || b_size > LONGEST_NAME)
        return LONGEST_NAME;
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];
        const size_t *swapped =
            rows[(i + 1) % 3]; /* two rows above; read only from i = 2 on */

        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t least = above[j - 1] + !same_letter(a[i - 1], b[j - 1]);

            if (above[j] + 1 < least)
                least = above[j] + 1;
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]) && swapped[j - 2] + 1 < least)
                least = swapped[j - 2] + 1;
            row[j] = least;
        }
    }
    return rows[a_size % 3][b_size];
}

/* Return the only name that begins with a word, ignoring case; NULL if there is none or
 * several. */
static const char *complete_word(const char *word, size_t size, lc_name_at *at,
                                 const void *names)
{
    const char *found = NULL, *name;

    if (size < SHORTEST_BEGINNING)
        return NULL;
    for (size_t i = 0; (name = at(names, i)); i++) {
        if (strncasecmp(name, word, size) != 0)
            continue;
        if (found)
            return NULL;
        found = name;
    }
    return found;
}

const char *lc_nearest_name(const char *word, size_t size, lc_name_at *at,
                            const void *names)
{
    size_t least = size < 3 ? 0 : size < 7 ? 2 : 3;
    const char *nearest = NULL, *name;

    for (size_t i = 0; (name = at(names, i)); i++) {
        size_t differ = distance(word, size, name);

        if (differ < least) {
            least = differ;
            nearest = name;
        }
    }
    return nearest ? nearest : complete_word(word, size, at, names);
}
