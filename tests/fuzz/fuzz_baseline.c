/* fuzz_baseline.c - what must be true for any bytes of a baseline
 *
 * Either it is refused with a printable line; or each of its entries is found by its
 * identity, once, and is the same when it is read from the file again.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "llava_check/selection.h"
#include "view/baseline.h"

static void check_entry(const struct lc_baseline *baseline, size_t i,
                        struct lc_json_parser *parser)
{
    const struct lc_baseline_entry *entry = &baseline->items[i];
    struct lc_baseline_text text;

    must(lc_baseline_find(baseline, &entry->identity) == entry);
    must(entry->offset <= baseline->map.size &&
         entry->size <= baseline->map.size - entry->offset);
    must(lc_baseline_get(baseline, entry, parser, &text, NULL) == LC_OK);
    must(lc_hash_compare(&text.identity, &entry->identity) == 0);
    must(text.count == entry->count && text.count > 0);
    must(!entry->expired || text.expires.size == 10);
    must(entry->of_image ==
         (text.rule.size > 3 && memcmp(text.rule.text, "IMG", 3) == 0));
}

void lc_fuzz_baseline(const uint8_t *data, size_t size)
{
    static struct lc_json_parser *parser;
    const char *path = lc_fuzz_file("baseline.json", data, size);
    struct lc_baseline baseline;
    struct lc_error err = {0};
    enum lc_status status = lc_baseline_read(path, &baseline, &err);

    if (!parser)
        must(lc_json_parser_new(&parser, NULL) == LC_OK);
    lc_fuzz_check_error(status, &err);
    must(lc_baseline_check(path, NULL) == status);
    for (size_t i = 0; status == LC_OK && i < baseline.count; i++)
        check_entry(&baseline, i, parser);
    lc_baseline_clear(&baseline);
}
