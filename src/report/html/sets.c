/* The list of several data sets that were checked one after another, in all its formats;
 * it is in this folder because its HTML needs the style of reports. */
#include "llava_check/sets.h"

#include "llava_check/version.h"

#include "base/text.h"
#include "print/format.h"
#include "print/json_writer.h"
#include "print/out.h"
#include "report/html/assets.h"
#include "report/html/markup.h"

#include <string.h>

#define SETS_SCHEMA 1
#define WIDEST_PATH 48

static struct lc_span span_of(const char *text)
{
    return (struct lc_span){text, text ? strlen(text) : 0};
}

static const char *verdict_of(const struct lc_set_outcome *set)
{
    return !set->is_checked ? "not checked" : set->is_failed ? "FAILED" : "OK";
}

/* Numbers of data sets: all, failed, and not checked. */
struct tally {
    size_t count, failed, unchecked;
};

static struct tally count_sets(const struct lc_set_outcome *sets, size_t count)
{
    struct tally tally = {.count = count};

    for (size_t i = 0; i < count; i++) {
        tally.failed += sets[i].is_checked && sets[i].is_failed;
        tally.unchecked += !sets[i].is_checked;
    }
    return tally;
}

/* "3 data sets: 1 failed, 1 not checked, 1 OK" */
static void put_tally(struct lc_out *out, const struct tally *tally)
{
    size_t good = tally->count - tally->failed - tally->unchecked;

    lc_out_number(out, tally->count);
    lc_out_text(out, tally->count == 1 ? " data set: " : " data sets: ");
    if (tally->failed) {
        lc_out_number(out, tally->failed);
        lc_out_text(out, " failed, ");
    }
    if (tally->unchecked) {
        lc_out_number(out, tally->unchecked);
        lc_out_text(out, " not checked, ");
    }
    lc_out_number(out, good);
    lc_out_text(out, " OK");
}

/* "12 rows" */
static void put_count(struct lc_out *out, uint64_t count, const char *of)
{
    char text[LC_COUNT_SIZE];

    lc_out_text(out, lc_format_count(count, text));
    lc_out_text(out, " ");
    lc_out_text(out, of);
    lc_out_text(out, count == 1 ? "" : "s");
}

/* ---- text ---- */

/* "12 rows (llava); 1 of 2 images sound, in d/images (2 of 2 sampled paths found); 1
 * error, 0 warnings" */
static void put_facts(struct lc_out *out, const struct lc_set_outcome *set)
{
    char sound[LC_COUNT_SIZE];

    put_count(out, set->rows, "row");
    lc_out_text(out, " (");
    lc_out_text(out, set->dialects);
    lc_out_text(out, ")");
    if (set->images_named) {
        lc_out_text(out, "; ");
        lc_out_text(out, lc_format_count(set->images_ok, sound));
        lc_out_text(out, " of ");
        put_count(out, set->images_named, "image");
        lc_out_text(out, " sound");
    }
    if (set->images) {
        lc_out_text(out, ", in ");
        lc_out_plain(out, span_of(set->images));
    }
    if (set->videos) {
        lc_out_text(out, "; videos in ");
        lc_out_plain(out, span_of(set->videos));
    }
    lc_out_text(out, "; ");
    put_count(out, set->errors, "error");
    lc_out_text(out, ", ");
    put_count(out, set->warnings, "warning");
}

static enum lc_status write_text(const struct lc_set_outcome *sets, size_t count,
                                 struct lc_out *out, struct lc_error *err)
{
    const struct tally tally = count_sets(sets, count);
    size_t widest = 0;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(sets[i].path);

        widest = size > widest ? size : widest;
    }
    widest = widest < WIDEST_PATH ? widest : WIDEST_PATH;
    put_tally(out, &tally);
    lc_out_text(out, "\n");
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        size_t from;

        lc_out_text(out, "  ");
        from = out->bytes.size;
        lc_out_text(out, verdict_of(&sets[i]));
        lc_out_pad(out, from, tally.unchecked ? sizeof("not checked") : sizeof("FAILED"),
                   false);
        lc_out_text(out, " ");
        from = out->bytes.size;
        lc_out_path(out, span_of(sets[i].path));
        if (sets[i].is_checked) {
            lc_out_pad(out, from, widest, false);
            lc_out_text(out, "  ");
            put_facts(out, &sets[i]);
        }
        lc_out_text(out, "\n");
        status = lc_out_flush(out, err);
    }
    return status;
}

/* ---- JSON ---- */

static void put_root(struct lc_jw *json, const char *key, const char *root)
{
    if (root)
        lc_jw_key_text(json, key, span_of(root));
}

static void put_set(struct lc_jw *json, const struct lc_set_outcome *set)
{
    lc_jw_object(json, LC_JW_SPACED);
    lc_jw_key(json, "path");
    lc_jw_bytes(json, span_of(set->path));
    lc_jw_key_name(json, "verdict",
                   !set->is_checked ? "not-checked"
                   : set->is_failed ? "failed"
                                    : "ok");
    if (set->is_checked) {
        lc_jw_key_text(json, "dialects", span_of(set->dialects));
        put_root(json, "images_in", set->images);
        put_root(json, "videos_in", set->videos);
        lc_jw_key_number(json, "rows", set->rows);
        lc_jw_key_number(json, "rows_ok", set->rows_ok);
        lc_jw_key_number(json, "images", set->images_named);
        lc_jw_key_number(json, "images_ok", set->images_ok);
        lc_jw_key_number(json, "errors", set->errors);
        lc_jw_key_number(json, "warnings", set->warnings);
    }
    if (set->report) {
        lc_jw_key(json, "report");
        lc_jw_bytes(json, span_of(set->report));
    }
    lc_jw_end(json);
}

static enum lc_status write_json(const struct lc_set_outcome *sets, size_t count,
                                 struct lc_out *out, struct lc_error *err)
{
    const struct tally tally = count_sets(sets, count);
    struct lc_jw json = {.out = out, .indent = 2};
    enum lc_status status = LC_OK;

    lc_jw_object(&json, LC_JW_LINES);
    lc_jw_key_number(&json, "schema", SETS_SCHEMA);
    lc_jw_key_object(&json, "tool", LC_JW_PADDED);
    lc_jw_key_name(&json, "name", "llava-check");
    lc_jw_key_name(&json, "version", lc_version());
    lc_jw_end(&json);
    lc_jw_key_array(&json, "data_sets", LC_JW_LINES);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        put_set(&json, &sets[i]);
        status = lc_out_flush(out, err);
    }
    if (status != LC_OK)
        return status;
    lc_jw_end(&json);
    lc_jw_key_number(&json, "failed", tally.failed);
    lc_jw_key_number(&json, "not_checked", tally.unchecked);
    lc_jw_end(&json);
    lc_out_text(out, "\n");
    return LC_OK;
}

/* ---- HTML ---- */

/* Write the address of a file beside the page. Everything but letters, digits, dots and
 * hyphens is escaped, so that a name cannot be anything but a file's. */
static void put_address(struct lc_out *out, const char *name)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        const char escape[] = {'%', digits[c >> 4], digits[c & 15]};

        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '.' ||
            c == '-')
            lc_out_bytes(out, name, 1);
        else
            lc_out_bytes(out, escape, sizeof(escape));
    }
}

static void put_cell(struct lc_out *out, const char *text)
{
    lc_out_text(out, "<td>");
    lc_markup_text(out, span_of(text));
    lc_out_text(out, "</td>");
}

static void put_number_cell(struct lc_out *out, uint64_t count)
{
    char text[LC_COUNT_SIZE];

    put_cell(out, lc_format_count(count, text));
}

static void put_line(struct lc_out *out, const struct lc_set_outcome *set)
{
    lc_out_text(out, "<tr><td>");
    lc_out_text(out, verdict_of(set));
    lc_out_text(out, "</td><td>");
    if (set->report) {
        lc_out_text(out, "<a href='");
        put_address(out, set->report);
        lc_out_text(out, "'>");
    }
    lc_out_text(out, "<bdi>");
    lc_markup_text(out, span_of(set->path));
    lc_out_text(out, set->report ? "</bdi></a></td>" : "</bdi></td>");
    put_cell(out, set->dialects);
    put_cell(out, set->images);
    put_number_cell(out, set->rows);
    put_number_cell(out, set->images_named);
    put_number_cell(out, set->errors);
    put_number_cell(out, set->warnings);
    lc_out_text(out, "</tr>\n");
}

static enum lc_status write_html(const struct lc_set_outcome *sets, size_t count,
                                 struct lc_out *out, struct lc_error *err)
{
    const struct tally tally = count_sets(sets, count);
    enum lc_status status = LC_OK;

    lc_out_text(out, "<!doctype html>\n<!-- llava-check report -->\n<html lang='en'>\n"
                     "<head>\n<meta charset='utf-8'>\n"
                     "<meta http-equiv='Content-Security-Policy' content=\"default-src "
                     "'none'; style-src '");
    lc_out_text(out, lc_asset_style.hash);
    lc_out_text(out, "'; base-uri 'none'; form-action 'none'\">\n"
                     "<meta name='viewport' content='width=device-width, "
                     "initial-scale=1'>\n<meta name='referrer' content='no-referrer'>\n"
                     "<meta name='color-scheme' content='light dark'>\n"
                     "<title>Data sets – llava-check</title>\n<style>");
    lc_out_bytes(out, lc_asset_style.text, lc_asset_style.size);
    lc_out_text(out, "</style>\n</head>\n<body>\n<header>\n"
                     "<p class='tool'>llava-check report</p>\n<h1>");
    put_tally(out, &tally);
    lc_out_text(out, "</h1>\n</header>\n<main>\n<table class='plain'>\n<thead><tr>"
                     "<th scope='col'>Verdict</th><th scope='col'>Data set</th>"
                     "<th scope='col'>Dialect</th><th scope='col'>Image root</th>"
                     "<th scope='col'>Rows</th><th scope='col'>Images</th>"
                     "<th scope='col'>Errors</th><th scope='col'>Warnings</th>"
                     "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        put_line(out, &sets[i]);
        status = lc_out_flush(out, err);
    }
    lc_out_text(out, "</tbody>\n</table>\n</main>\n</body>\n</html>\n");
    return status;
}

enum lc_status lc_sets_write(const struct lc_set_outcome *sets, size_t count,
                             const char *format, FILE *to, struct lc_error *err)
{
    struct lc_out out = {.to = to};
    enum lc_status status;

    if (strcmp(format, "json") == 0)
        status = write_json(sets, count, &out, err);
    else if (strcmp(format, "html") == 0)
        status = write_html(sets, count, &out, err);
    else if (strcmp(format, "text") == 0)
        status = write_text(sets, count, &out, err);
    else
        return lc_fail(err, LC_ERR_USAGE, 0, "unknown format of a list of data sets");
    return lc_out_end(&out, status, err);
}
