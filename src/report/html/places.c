/* What was found by place: rows files, and the folders of images. */
#include "report/html/page.h"

#include <stdlib.h>
#include <string.h>

#define PLACES_WRITTEN 20
#define RULES_NAMED 3

/* ---- counting ---- */

/* The folder of an image's path; "." without one. */
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

/* The slot of a place in the hash table: its own, or the empty one that it would get. */
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

/* The place of this name; when there are too many, what all others have in common. NULL
 * without memory. */
static struct lc_html_place *get_place(struct lc_html *w, enum lc_finding_kind kind,
                                       struct lc_span name)
{
    uint32_t *slot = find_slot(w, kind, name);

    if (!*slot && w->place_count >= LC_HTML_PLACES_MOST) {
        name = (struct lc_span){"…", strlen("…")};
        slot = find_slot(w, kind, name);
    }
    if (!*slot) {
        struct lc_html_place *grown =
            lc_array_grow(w->places, w->place_count, &w->place_room, sizeof(*w->places));

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

/* ---- writing ---- */

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

/* The rules that found most there. */
static void write_rules(const struct lc_html *w, const struct lc_html_place *place)
{
    bool named[LC_RULE_COUNT] = {false};
    char count[LC_COUNT_SIZE];

    for (size_t n = 0; n < RULES_NAMED; n++) {
        size_t best = LC_RULE_COUNT;

        for (size_t i = 0; i < LC_RULE_COUNT; i++)
            if (place->rules[i] && !named[i] &&
                (best == LC_RULE_COUNT || place->rules[i] > place->rules[best]))
                best = i;
        if (best == LC_RULE_COUNT)
            return;
        named[best] = true;
        fprintf(w->to, "%s<a href='#rule-%s'>%s</a> <span class='dim'>%s</span>",
                n ? ", " : "", w->rules[best].info->code, w->rules[best].info->code,
                lc_format_count(place->rules[best], count));
    }
}

static enum lc_status write_place(struct lc_html *w, const struct lc_html_place *place,
                                  uint64_t most, struct lc_error *err)
{
    char count[LC_COUNT_SIZE];
    uint64_t all = place->counts[0] + place->counts[1] + place->counts[2];
    enum lc_status status = LC_OK;

    fputs("<tr><th scope='row'><bdi>", w->to);
    if (place->kind == LC_FINDING_SET)
        fputs("the set as a whole", w->to);
    else
        status = lc_html_foreign(w, place->name, err);
    fprintf(w->to, "</bdi></th><td class='dim kind'>%s</td>",
            place->kind == LC_FINDING_ROW     ? "rows"
            : place->kind == LC_FINDING_IMAGE ? "images"
                                              : "ids");
    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--)
        if (s >= (int)w->report->options->show)
            fprintf(w->to, "<td class='number%s'>%s</td>",
                    place->counts[s] ? "" : " zero",
                    lc_format_count(place->counts[s], count));
    fprintf(w->to,
            "<td class='bar' aria-hidden='true'><svg viewBox='0 0 100 10' "
            "preserveAspectRatio='none'><rect width='%.2f' height='10'/></svg></td><td>",
            100.0 * (double)all / (double)most);
    write_rules(w, place);
    fputs("</td></tr>\n", w->to);
    return status;
}

static enum lc_status write_table(struct lc_html *w, struct lc_error *err)
{
    static const char *const heads[] = {"Notes", "Warnings", "Errors"};
    size_t written = w->place_count < PLACES_WRITTEN ? w->place_count : PLACES_WRITTEN;
    uint64_t most = 1;
    enum lc_status status = LC_OK;

    qsort(w->places, w->place_count, sizeof(*w->places), worst_first);
    for (size_t i = 0; i < written; i++) {
        const uint64_t *counts = w->places[i].counts;

        if (counts[0] + counts[1] + counts[2] > most)
            most = counts[0] + counts[1] + counts[2];
    }
    fputs("<div class='wide'><table class='plain places'>\n<thead><tr><th "
          "scope='col'>Place</th><th scope='col' class='kind'>Of</th>",
          w->to);
    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--)
        if (s >= (int)w->report->options->show)
            fprintf(w->to, "<th scope='col' class='number'>%s</th>", heads[s]);
    fputs("<td></td><th scope='col'>Most by</th></tr></thead>\n<tbody>\n", w->to);
    for (size_t i = 0; i < written && status == LC_OK; i++)
        status = write_place(w, &w->places[i], most, err);
    fputs("</tbody></table></div>\n", w->to);
    return status;
}

enum lc_status lc_html_places(struct lc_html *w, struct lc_error *err)
{
    uint64_t left = 0;
    char places[LC_COUNT_SIZE], findings[LC_COUNT_SIZE];
    enum lc_status status = LC_OK;

    fputs("<section id='places'>\n<h2>Findings by place</h2>\n", w->to);
    if (w->place_count)
        status = write_table(w, err);
    else
        fputs("<p>Nothing was found anywhere.</p>\n", w->to);
    for (size_t i = PLACES_WRITTEN; i < w->place_count; i++)
        left += w->places[i].counts[0] + w->places[i].counts[1] + w->places[i].counts[2];
    if (left)
        fprintf(w->to, "<p class='dim'>and %s more, with %s findings</p>\n",
                lc_format_count(w->place_count - PLACES_WRITTEN, places),
                lc_format_count(left, findings));
    fputs("</section>\n", w->to);
    return status;
}
