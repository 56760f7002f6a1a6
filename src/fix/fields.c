/* Fixes of a row's members: its id and its images */
#include "fix/site.h"

#include <string.h>

/* ---- ids ---- */

static enum lc_status quote(struct lc_fix_site *site, uint32_t value,
                            struct lc_error *err)
{
    size_t from = lc_json_offset(site->doc, value), end = lc_site_end(site, value);
    enum lc_status status = lc_edits_add(site->edits, from, 0, "\"", 1, err);

    return status == LC_OK ? lc_edits_add(site->edits, end, 0, "\"", 1, err) : status;
}

enum lc_status lc_fix_quote_id(struct lc_fix_site *site, struct lc_error *err)
{
    uint32_t id = lc_site_column(site, LC_COLUMN_ID).value;
    enum lc_json_type type;

    if (!id)
        return LC_OK;
    type = lc_json_type(site->doc, id);
    if (type == LC_JSON_FLOAT || type == LC_JSON_TRUE || type == LC_JSON_FALSE)
        return quote(site, id, err);
    return LC_OK;
}

static bool is_integer(enum lc_json_type type)
{
    return type == LC_JSON_INTEGER || type == LC_JSON_UNSIGNED || type == LC_JSON_BIG;
}

/* ---- images ---- */

/* The only element of a list, if it is a string. */
static uint32_t only_string(const struct lc_fix_site *site, uint32_t list)
{
    uint32_t close = lc_json_close(site->doc, list), first = list + 1;

    return first < close && lc_json_type(site->doc, first) == LC_JSON_STRING &&
                   lc_json_next(site->doc, first) == close
               ? first
               : 0;
}

/* Remove the brackets around the only string of a list. */
static enum lc_status unwrap(struct lc_fix_site *site, uint32_t list,
                             struct lc_error *err)
{
    size_t from = lc_json_offset(site->doc, list), end = lc_site_end(site, list);
    uint32_t only = only_string(site, list);
    enum lc_status status;

    if (!only)
        return LC_OK;
    status =
        lc_edits_remove(site->edits, from, lc_json_offset(site->doc, only) - from, err);
    if (status == LC_OK)
        status = lc_edits_remove(site->edits, lc_site_end(site, only),
                                 end - lc_site_end(site, only), err);
    return status;
}

enum lc_status lc_fix_image_as_string(struct lc_fix_site *site, struct lc_error *err)
{
    uint32_t images = lc_site_column(site, LC_COLUMN_IMAGES).value;

    if (!images || lc_json_type(site->doc, images) != LC_JSON_ARRAY ||
        lc_case_effect_on(site->finding->which, site->options->trainer).effect ==
            LC_EFFECT_FINE)
        return LC_OK;
    return unwrap(site, images, err);
}

enum lc_status lc_fix_remove_image_key(struct lc_fix_site *site, struct lc_error *err)
{
    struct lc_site_member images = lc_site_column(site, LC_COLUMN_IMAGES);

    return images.key ? lc_site_remove_member(site, LC_JSON_ROOT, images.key, err)
                      : LC_OK;
}

enum lc_status lc_fix_rename_image_key(struct lc_fix_site *site, struct lc_error *err)
{
    static const char key[] = "images";
    struct lc_site_member images =
        lc_site_member(site, LC_JSON_ROOT, (struct lc_span){key, sizeof(key) - 1});
    struct lc_span name = lc_unquoted(site->dialect->columns[LC_COLUMN_IMAGES][0]);
    enum lc_status status;

    if (!images.key || !name.size)
        return LC_OK;
    status = lc_site_write(site, images.key, name, err);
    if (status == LC_OK && lc_json_type(site->doc, images.value) == LC_JSON_ARRAY)
        status = unwrap(site, images.value, err);
    return status;
}

enum lc_status lc_site_unify(struct lc_fix_site *site, lc_fix_set *made,
                             struct lc_error *err)
{
    uint32_t id = lc_site_column(site, LC_COLUMN_ID).value;
    uint32_t images = lc_site_column(site, LC_COLUMN_IMAGES).value;
    size_t before = site->edits->count;
    enum lc_status status = LC_OK;

    if (id && site->job->ids == LC_FIX_COLUMN_STRING &&
        (is_integer(lc_json_type(site->doc, id)) ||
         lc_json_type(site->doc, id) == LC_JSON_FLOAT))
        status = quote(site, id, err);
    if (site->edits->count > before)
        *made |= lc_fix_bit(LC_FIX_unify_ids);
    if (status != LC_OK || !images)
        return status;
    before = site->edits->count;
    if (site->job->images == LC_FIX_COLUMN_STRING &&
        lc_json_type(site->doc, images) == LC_JSON_ARRAY)
        status = unwrap(site, images, err);
    if (site->job->images == LC_FIX_COLUMN_LIST &&
        lc_json_type(site->doc, images) == LC_JSON_STRING) {
        status =
            lc_edits_add(site->edits, lc_json_offset(site->doc, images), 0, "[", 1, err);
        if (status == LC_OK)
            status = lc_edits_add(site->edits, lc_site_end(site, images), 0, "]", 1, err);
    }
    if (site->edits->count > before)
        *made |= lc_fix_bit(LC_FIX_unify_images);
    return status;
}

/* ---- paths ---- */

static enum lc_status correct_path(struct lc_fix_site *site, uint32_t string,
                                   lc_fix_set *made, struct lc_error *err)
{
    enum lc_fix_index fix = LC_FIX_correct_path;
    struct lc_span path = site->options->find_path(
        site->options->user, lc_json_string(site->doc, string), &fix);

    if (!path.text)
        return LC_OK;
    *made |= lc_fix_bit(fix);
    return lc_site_write(site, string, path, err);
}

/* Correct the paths in a value: the value itself, or its elements or their members. */
static enum lc_status correct_value(struct lc_fix_site *site, uint32_t value,
                                    lc_fix_set *made, struct lc_error *err)
{
    const struct lc_json_doc *doc = site->doc;
    uint32_t end = lc_json_next(doc, value);
    enum lc_status status = LC_OK;

    if (lc_json_type(doc, value) == LC_JSON_STRING)
        return correct_path(site, value, made, err);
    if (lc_json_type(doc, value) == LC_JSON_OBJECT) {
        for (uint32_t key = value + 1; key < end - 1 && status == LC_OK;) {
            uint32_t member = lc_json_next(doc, key);

            status = correct_value(site, member, made, err);
            key = lc_json_next(doc, member);
        }
        return status;
    }
    if (lc_json_type(doc, value) == LC_JSON_ARRAY)
        for (uint32_t at = value + 1; at < end - 1 && status == LC_OK;
             at = lc_json_next(doc, at))
            status = correct_value(site, at, made, err);
    return status;
}

/* Correct the paths of images that are parts of a turn's content: {"type": "image",
 * "image": "a.jpg"}. */
static enum lc_status correct_parts(struct lc_fix_site *site, enum lc_column column,
                                    lc_fix_set *made, struct lc_error *err)
{
    uint32_t turns = lc_site_column(site, column).value;
    enum lc_status status = LC_OK;

    if (!turns || !site->dialect->has_parts ||
        lc_json_type(site->doc, turns) != LC_JSON_ARRAY)
        return LC_OK;
    for (uint32_t at = turns + 1; at < lc_json_close(site->doc, turns) && status == LC_OK;
         at = lc_json_next(site->doc, at)) {
        uint32_t text =
            lc_site_member(site, at, lc_unquoted(site->dialect->text_key)).value;

        if (text && lc_json_type(site->doc, text) == LC_JSON_ARRAY)
            status = correct_value(site, text, made, err);
    }
    return status;
}

/* Whether a column of the row names images: then tags in its texts are plain text. */
static bool has_image_column(const struct lc_fix_site *site)
{
    uint32_t value = lc_site_column(site, LC_COLUMN_IMAGES).value;

    return value && lc_json_type(site->doc, value) != LC_JSON_NULL;
}

/* Correct the paths between tags of a turn's text. */
static enum lc_status correct_turn(struct lc_fix_site *site, size_t number,
                                   lc_fix_set *made, struct lc_error *err)
{
    const struct lc_turn *turn = &site->row->turns[number];
    uint32_t text = lc_site_turn(site, number).text;
    enum lc_status status = LC_OK;
    enum lc_medium medium;
    struct lc_span path;
    size_t at = 0;

    while (text && status == LC_OK &&
           (path = lc_turn_next_inline(turn, site->dialect, &at, &medium)).text) {
        size_t from = (size_t)(path.text - turn->value.text);
        enum lc_fix_index fix = LC_FIX_correct_path;
        struct lc_span by = {0};

        if (medium == LC_MEDIUM_IMAGE)
            by = site->options->find_path(site->options->user, path, &fix);
        if (!by.text)
            continue;
        *made |= lc_fix_bit(fix);
        status = lc_site_replace(site, text, from, from + path.size, by, err);
    }
    return status;
}

/* Correct the paths of images between tags in the texts: <img>a.jpg</img>. */
static enum lc_status correct_inlines(struct lc_fix_site *site, lc_fix_set *made,
                                      struct lc_error *err)
{
    const struct lc_row *row = site->row;
    enum lc_status status = LC_OK;

    if (!(row->marks & LC_TURN_INLINE) || has_image_column(site))
        return LC_OK;
    for (size_t i = 0; i < row->turn_count && status == LC_OK; i++)
        if (row->turns[i].marks & LC_TURN_INLINE && !row->turns[i].fault)
            status = correct_turn(site, i, made, err);
    return status;
}

enum lc_status lc_site_correct_paths(struct lc_fix_site *site, lc_fix_set *made,
                                     struct lc_error *err)
{
    static const enum lc_column columns[] = {LC_COLUMN_IMAGES, LC_COLUMN_REJECTED_IMAGES};
    static const enum lc_column lists[] = {LC_COLUMN_TURNS, LC_COLUMN_CHOSEN,
                                           LC_COLUMN_REJECTED};
    enum lc_status status = LC_OK;

    if (!site->options->find_path)
        return LC_OK;
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]) && status == LC_OK; i++) {
        uint32_t images = lc_site_column(site, columns[i]).value;

        if (images)
            status = correct_value(site, images, made, err);
    }
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && status == LC_OK; i++)
        status = correct_parts(site, lists[i], made, err);
    return status == LC_OK ? correct_inlines(site, made, err) : status;
}
