/* The findings by place: rows files, and folders of images. */
#include "report/html/page.h"

#include <stdlib.h>
#include <string.h>

#define PLACES_LISTED 20
#define RULES_NAMED 3

/* ---- counting ---- */

/* The folder of an image's path; "." if the path has none. */
static struct lc_span folder_of(struct lc_span path)
{
    const char *slash = path.size ? memrchr(path.text, '/', path.size) : NULL;

    if (!slash)
        return (struct lc_span){".", 1};
    return (struct lc_span){path.text, (size_t)(slash - path.text)};
}

static enum lc_status name_place(const struct lc_html *w,
                                 const struct lc_finding_record *finding,
                                 struct lc_span *name, struct lc_error *err)
{
    struct lc_file_record file = {0};
    struct lc_image_record image = {0};
    enum lc_status status = LC_OK;

    if (finding->kind == LC_FINDING_ROW) {
        status = lc_index_get_file(w->report->index, finding->file, &file, err);
        *name = file.name;
    } else if (finding->kind == LC_FINDING_IMAGE) {
        status = lc_index_get_image(w->report->index, finding->image, &image, err);
        *name = status == LC_OK ? folder_of(image.path) : *name;
    } else {
        *name = (struct lc_span){"", 0};
    }
    return status;
}

/* Find the slot of a place in the hash table, or the empty slot to put it into. */
static uint32_t *find_slot(struct lc_html *w, enum lc_finding_kind kind,
                           struct lc_span name)
{
    size_t at = (size_t)lc_hash_quick(name.text, name.size) + (size_t)kind;

    for (;; at++) {
        uint32_t *slot = &w->place_slots[at % LC_HTML_PLACE_SLOTS];

        if (!*slot || (w->places[*slot - 1].kind == kind &&
                       lc_span_equal(w->places[*slot - 1].name, name)))
            return slot;
    }
}

/* Get the place with this name, adding it if necessary. If there are too many places,
 * return the one that counts all others. NULL if allocation failed. */
static struct lc_html_place *get_place(struct lc_html *w, enum lc_finding_kind kind,
                                       struct lc_span name)
{
    uint32_t *slot = find_slot(w, kind, name);

    if (!*slot && w->place_count >= LC_HTML_PLACES_MOST) {
        name = (struct lc_span){"…", strlen("…")};
        slot = find_slot(w, kind, name);
    }
    if (!*slot) {
        struct lc_html_place *grown = lc_array_grow(
            w->places, w->place_count, &w->place_capacity, sizeof(*w->places));

        if (!grown)
            return NULL;
        w->places = grown;
        w->places[w->place_count] = (struct lc_html_place){.name = name, .kind = kind};
        *slot = (uint32_t)++w->place_count;
    }
    return &w->places[*slot - 1];
}

enum lc_status lc_html_count_place(struct lc_html *w,
                                   const struct lc_finding_record *finding, size_t rule,
                                   struct lc_error *err)
{
    struct lc_span name = {"", 0};
    enum lc_status status = name_place(w, finding, &name, err);
    struct lc_html_place *place;

    if (status != LC_OK)
        return status;
    place = get_place(w, finding->kind, name);
    if (!place)
        return lc_fail_memory(err);
    place->counts[finding->severity]++;
    place->rules[rule]++;
    return LC_OK;
}

/* ---- as JSON ---- */

static int by_name(struct lc_span a, struct lc_span b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.text, b.text, size) : 0;

    return order ? order : a.size == b.size ? 0 : a.size < b.size ? -1 : 1;
}

static int worst_first(const void *a, const void *b)
{
    const struct lc_html_place *x = a, *y = b;

    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--)
        if (x->counts[s] != y->counts[s])
            return x->counts[s] > y->counts[s] ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return by_name(x->name, y->name);
}

/* Write the rules with the most findings in a place. */
static void put_rules(struct lc_jw *json, const struct lc_html_place *place)
{
    bool named[LC_RULE_COUNT] = {false};

    lc_jw_key_object(json, "by_rule", LC_JW_COMPACT);
    for (size_t n = 0; n < RULES_NAMED; n++) {
        size_t best = LC_RULE_COUNT;

        for (size_t i = 0; i < LC_RULE_COUNT; i++)
            if (place->rules[i] && !named[i] &&
                (best == LC_RULE_COUNT || place->rules[i] > place->rules[best]))
                best = i;
        if (best == LC_RULE_COUNT)
            break;
        named[best] = true;
        lc_jw_key_number(json, lc_rules[best].info.code, place->rules[best]);
    }
    lc_jw_end(json);
}

static void put_place(struct lc_jw *json, const struct lc_html_place *place)
{
    lc_jw_object(json, LC_JW_COMPACT);
    lc_jw_key_name(json, "of",
                   place->kind == LC_FINDING_ROW     ? "rows"
                   : place->kind == LC_FINDING_IMAGE ? "images"
                                                     : "ids");
    lc_jw_key_text(json, "name", place->name);
    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--)
        lc_jw_key_number(json, lc_severity_name((enum lc_severity)s), place->counts[s]);
    put_rules(json, place);
    lc_jw_end(json);
}

void lc_html_places(struct lc_html *w)
{
    uint64_t findings = 0;
    size_t listed = w->place_count < PLACES_LISTED ? w->place_count : PLACES_LISTED;

    if (w->place_count)
        qsort(w->places, w->place_count, sizeof(*w->places), worst_first);
    lc_jw_key_array(&w->json, "places", LC_JW_DENSE_LINES);
    for (size_t i = 0; i < listed; i++)
        put_place(&w->json, &w->places[i]);
    lc_jw_end(&w->json);
    for (size_t i = listed; i < w->place_count; i++)
        for (int s = LC_SEVERITY_INFO; s <= LC_SEVERITY_ERROR; s++)
            findings += w->places[i].counts[s];
    lc_jw_key_object(&w->json, "more_places", LC_JW_COMPACT);
    lc_jw_key_number(&w->json, "places", w->place_count - listed);
    lc_jw_key_number(&w->json, "findings", findings);
    lc_jw_end(&w->json);
}
