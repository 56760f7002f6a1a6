/* The JSON report's statistics */
#include "report/json/members.h"
#include "report/model/image_tally.h"

/* "key": { "count": …, "sum": …, "mean": …, "most": …, "histogram": [[from, to, n], …] }
 */
static void put_histogram(struct lc_jw *json, const char *key,
                          const struct lc_histogram *h, const uint64_t *median)
{
    lc_jw_key_object(json, key, LC_JW_PADDED);
    lc_jw_key_number(json, "count", h->count);
    lc_jw_key_number(json, "sum", h->sum);
    lc_jw_key(json, "mean");
    lc_jw_decimal(json, h->count ? (double)h->sum / (double)h->count : 0.0, 3);
    if (median)
        lc_jw_key_number(json, "median", *median);
    lc_jw_key_number(json, "most", h->most);
    lc_jw_key_array(json, "histogram", LC_JW_SPACED);
    for (unsigned i = 0; i < LC_BUCKETS; i++) {
        uint64_t next = lc_bucket_least(i + 1);

        if (!h->buckets[i])
            continue;
        lc_jw_array(json, LC_JW_SPACED);
        lc_jw_number(json, lc_bucket_least(i));
        lc_jw_number(json, i + 1 < LC_BUCKETS ? next - 1 : h->most);
        lc_jw_number(json, h->buckets[i]);
        lc_jw_end(json);
    }
    lc_jw_end(json);
    lc_jw_end(json);
}

static void put_numbers(struct lc_jw *json, const struct lc_statistics *s)
{
    lc_jw_key_object(json, "rows_by_images", LC_JW_PADDED);
    lc_jw_key_number(json, "none", s->no_image);
    lc_jw_key_number(json, "one", s->one_image);
    lc_jw_key_number(json, "several", s->several_images);
    lc_jw_end(json);
    lc_jw_key_number(json, "rows_with_video", s->video);
    lc_jw_key_object(json, "rows_by_script", LC_JW_PADDED);
    lc_jw_key_number(json, "latin", s->scripts[LC_SCRIPT_LATIN]);
    lc_jw_key_number(json, "han", s->scripts[LC_SCRIPT_HAN]);
    lc_jw_key_number(json, "other", s->scripts[LC_SCRIPT_OTHER]);
    lc_jw_key_number(json, "none", s->scripts[LC_SCRIPT_NONE]);
    lc_jw_end(json);
    put_histogram(json, "rounds_per_row", &s->rounds, &s->median_rounds);
    put_histogram(json, "words_per_turn", &s->turn_words, NULL);
    put_histogram(json, "characters_per_turn", &s->turn_characters, NULL);
    put_histogram(json, "words_per_row", &s->row_words, NULL);
    put_histogram(json, "characters_per_row", &s->row_characters, NULL);
}

/* The mixture being written. */
struct mixture {
    struct lc_jw *json;
    enum lc_share_kind kind;
};

static enum lc_status put_share(void *user, enum lc_share_kind kind,
                                const struct lc_share *share, struct lc_error *err)
{
    struct mixture *m = user;

    if (kind != m->kind)
        return LC_OK;
    lc_jw_object(m->json, LC_JW_COMPACT);
    lc_jw_key_text(m->json, "name", share->name);
    lc_jw_key_number(m->json, "rows", share->rows);
    lc_jw_key_number(m->json, "images", share->images);
    lc_jw_key_number(m->json, "rounds", share->rounds);
    lc_jw_key_number(m->json, "words", share->words);
    lc_jw_end(m->json);
    return lc_out_flush(m->json->out, err);
}

/* "key": [{ "name": …, "images": …, "bytes": … }, …] */
static void put_kinds(struct lc_jw *json, const char *key,
                      const struct lc_tally_kinds *kinds)
{
    lc_jw_key_array(json, key, LC_JW_SPACED);
    for (size_t i = 0; i < kinds->count; i++) {
        lc_jw_object(json, LC_JW_PADDED);
        lc_jw_key_name(json, "name", kinds->items[i].name);
        lc_jw_key_number(json, "images", kinds->items[i].images);
        lc_jw_key_number(json, "bytes", kinds->items[i].bytes);
        lc_jw_end(json);
    }
    lc_jw_end(json);
}

static enum lc_status put_images(const struct lc_report *report, struct lc_jw *json,
                                 struct lc_error *err)
{
    struct lc_image_tally tally;
    enum lc_status status = lc_image_tally(report->index, &tally, err);

    if (status != LC_OK)
        return status;
    lc_jw_key_object(json, "image_statistics", LC_JW_LINES);
    lc_jw_key_object(json, "by_verdict", LC_JW_PADDED);
    for (int i = 0; i < LC_IMAGE_STATE_COUNT; i++)
        lc_jw_key_number(json, lc_image_state_name((enum lc_image_state)i),
                         tally.states[i]);
    lc_jw_end(json);
    put_kinds(json, "by_format", &tally.formats);
    put_kinds(json, "by_mode", &tally.modes);
    put_kinds(json, "by_depth", &tally.depths);
    lc_jw_key_number(json, "turned", tally.turned);
    lc_jw_key_number(json, "animated", tally.animated);
    lc_jw_key_number(json, "blank", tally.blank);
    lc_jw_key_number(json, "trailing", tally.trailing);
    put_histogram(json, "width", &tally.widths, NULL);
    put_histogram(json, "height", &tally.heights, NULL);
    put_histogram(json, "pixels", &tally.pixels, NULL);
    lc_jw_end(json);
    return LC_OK;
}

enum lc_status lc_json_statistics(const struct lc_report *report, struct lc_jw *json,
                                  struct lc_error *err)
{
    static const char *const keys[] = {
        [LC_SHARE_SOURCE] = "data_source",
        [LC_SHARE_FOLDER] = "folder",
    };
    struct mixture m = {.json = json};
    enum lc_status status;

    lc_jw_key_object(json, "statistics", LC_JW_LINES);
    put_numbers(json, lc_index_statistics(report->index));
    lc_jw_end(json);
    lc_jw_key_object(json, "mixture", LC_JW_LINES);
    for (int k = 0; k < LC_SHARE_KINDS; k++) {
        m.kind = (enum lc_share_kind)k;
        lc_jw_key_array(json, keys[k], LC_JW_LINES);
        status = lc_index_each_share(report->index, put_share, &m, err);
        if (status != LC_OK)
            return status;
        lc_jw_end(json);
    }
    lc_jw_end(json);
    return put_images(report, json, err);
}
