/* findings_by_rule.c - count the findings of each rule
 *
 *     findings_by_rule PATH
 *
 * PATH is a data set that was checked, or an index. Built with what pkg-config says:
 *
 *     cc findings_by_rule.c $(pkg-config --cflags --libs llava-check)
 */
#include <llava_check.h>

#include <stdio.h>
#include <stdlib.h>

/* The place of a rule in the catalogue; the number of rules when it has no such rule. */
static size_t place_of(const struct lc_rule_info *rule)
{
    size_t place = 0;

    while (lc_rule_at(place) && lc_rule_at(place) != rule)
        place++;
    return place;
}

static enum lc_status count_findings(const struct lc_index *index, unsigned long *counts,
                                     struct lc_error *error)
{
    const struct lc_finding_entry *finding;
    struct lc_finding_iterator *iterator = NULL;
    enum lc_status status = lc_finding_iterator_new(index, NULL, &iterator, error);

    while (status == LC_OK) {
        status = lc_finding_next(iterator, &finding, error);
        if (status != LC_OK || !finding)
            break;
        counts[place_of(finding->info)]++;
    }
    lc_finding_iterator_free(iterator);
    return status;
}

int main(int argc, char **argv)
{
    const char *path = argc == 2 ? argv[1] : "raw";
    size_t rules = place_of(NULL);
    unsigned long *counts = calloc(rules + 1, sizeof(*counts));
    struct lc_error error = {0};
    struct lc_index *index = NULL;
    enum lc_status status = LC_ERR_MEMORY;

    if (counts)
        status = lc_index_open(&path, 1, &index, &error);
    if (status == LC_OK)
        status = count_findings(index, counts, &error);
    for (size_t i = 0; status == LC_OK && i < rules; i++)
        if (counts[i])
            printf("%8lu  %s  %s\n", counts[i], lc_rule_at(i)->code,
                   lc_rule_at(i)->summary);
    if (status != LC_OK)
        fprintf(stderr, "findings_by_rule: %s: %s\n", path, error.message);
    lc_index_close(index);
    free(counts);
    return status == LC_OK ? 0 : 2;
}
