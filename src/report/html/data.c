/* What the data are like: rows and turns, the mixture, images. */
#include "report/html/plot.h"
#include "report/model/image_tally.h"

#include <string.h>

#define SHARES_WRITTEN 10

/* ---- the mixture ---- */

struct mixture {
    struct lc_html *w;
    enum lc_share_kind kind;
    size_t named;   /* shares with a name */
    size_t written; /* so far */
    uint64_t most;
    uint64_t all;
    uint64_t rest; /* rows of those that are not written */
    size_t rest_count;
};

static enum lc_status count_share(void *user, enum lc_share_kind kind,
                                  const struct lc_share *share, struct lc_error *err)
{
    struct mixture *m = user;

    (void)err;
    if (kind != m->kind)
        return LC_OK;
    m->named += share->name.size > 0;
    m->all += share->rows;
    if (share->rows > m->most)
        m->most = share->rows;
    return LC_OK;
}

static enum lc_status write_share(void *user, enum lc_share_kind kind,
                                  const struct lc_share *share, struct lc_error *err)
{
    struct mixture *m = user;
    enum lc_status status = LC_OK;

    if (kind != m->kind)
        return LC_OK;
    if (m->written == SHARES_WRITTEN) {
        m->rest += share->rows;
        m->rest_count++;
        return LC_OK;
    }
    m->written++;
    lc_plot_list_name(m->w);
    if (share->name.size)
        status = lc_html_foreign(m->w, share->name, err);
    else
        fputs(kind == LC_SHARE_SOURCE ? "<em>without</em>" : "<em>no image</em>",
              m->w->to);
    lc_plot_list_value(m->w, share->rows, m->most, m->all, "");
    return status;
}

static enum lc_status write_mixture(struct lc_html *w, enum lc_share_kind kind,
                                    struct lc_error *err)
{
    struct mixture m = {.w = w, .kind = kind};
    enum lc_status status = lc_index_each_share(w->report->index, count_share, &m, err);

    if (status != LC_OK || !m.named)
        return status;
    lc_plot_list_begin(
        w, kind == LC_SHARE_SOURCE ? "Mixture by source" : "Mixture by image folder",
        kind == LC_SHARE_SOURCE ? "rows by data_source"
                                : "rows by the top folder of their image");
    status = lc_index_each_share(w->report->index, write_share, &m, err);
    if (m.rest_count) {
        lc_plot_list_name(w);
        fprintf(w->to, "<em>%zu more</em>", m.rest_count);
        lc_plot_list_value(w, m.rest, m.most, m.all, "");
    }
    lc_plot_list_end(w);
    return status;
}

/* ---- kinds ---- */

/* A value with a name of ours. */
struct kind {
    const char *name;
    uint64_t value;
};

static void write_kinds(const struct lc_html *w, const char *title, const char *caption,
                        const struct kind *kinds, size_t count)
{
    uint64_t most = 0, all = 0;

    for (size_t i = 0; i < count; i++) {
        all += kinds[i].value;
        most = kinds[i].value > most ? kinds[i].value : most;
    }
    if (!most)
        return;
    lc_plot_list_begin(w, title, caption);
    for (size_t i = 0; i < count; i++) {
        if (!kinds[i].value)
            continue;
        lc_plot_list_name(w);
        lc_html_own(w->to, kinds[i].name);
        lc_plot_list_value(w, kinds[i].value, most, all, "");
    }
    lc_plot_list_end(w);
}

static void write_rows(const struct lc_html *w)
{
    const struct lc_statistics *s = lc_index_statistics(w->report->index);
    const struct kind images[] = {
        {"no image", s->no_image},
        {"one image", s->one_image},
        {"several", s->several_images},
        {"a video", s->video},
    };
    const struct kind scripts[] = {
        {"Latin", s->scripts[LC_SCRIPT_LATIN]},
        {"Han", s->scripts[LC_SCRIPT_HAN]},
        {"other", s->scripts[LC_SCRIPT_OTHER]},
        {"no letters", s->scripts[LC_SCRIPT_NONE]},
    };

    lc_plot_histogram(w, "Rounds per row", "rows", &s->rounds, &s->median_rounds);
    lc_plot_histogram(w, "Words per row", "rows", &s->row_words, NULL);
    lc_plot_histogram(w, "Words per turn", "turns", &s->turn_words, NULL);
    write_kinds(w, "Images per row", "rows by how many images they name", images,
                sizeof(images) / sizeof(images[0]));
    write_kinds(w, "Script", "rows by the script of most letters", scripts,
                sizeof(scripts) / sizeof(scripts[0]));
}

/* ---- images ---- */

static void write_states(const struct lc_html *w, const struct lc_image_tally *tally)
{
    struct kind states[LC_IMAGE_STATE_COUNT];

    for (int i = 0; i < LC_IMAGE_STATE_COUNT; i++)
        states[i] =
            (struct kind){lc_image_state_name((enum lc_image_state)i), tally->states[i]};
    write_kinds(w, "Verdict on images", "different paths that rows name", states,
                LC_IMAGE_STATE_COUNT);
}

static void write_formats(const struct lc_html *w, const struct lc_tally_kinds *formats)
{
    char bytes[LC_COUNT_SIZE];

    if (!formats->count)
        return;
    lc_plot_list_begin(w, "Formats", "images that were read, and their bytes");
    for (size_t i = 0; i < formats->count; i++) {
        lc_plot_list_name(w);
        lc_html_own(w->to, formats->items[i].name);
        lc_plot_list_value(w, formats->items[i].images, formats->items[0].images, 0,
                           lc_format_bytes(formats->items[i].bytes, bytes));
    }
    lc_plot_list_end(w);
}

static void write_modes(const struct lc_html *w, const struct lc_tally_kinds *modes)
{
    struct kind kinds[LC_TALLY_KINDS];

    for (size_t i = 0; i < modes->count; i++)
        kinds[i] = (struct kind){modes->items[i].name, modes->items[i].images};
    write_kinds(w, "Modes", "images, as Pillow names them", kinds, modes->count);
}

enum lc_status lc_html_data(struct lc_html *w, struct lc_error *err)
{
    struct lc_image_tally tally;
    enum lc_status status = lc_image_tally(w->report->index, &tally, err);

    if (status != LC_OK)
        return status;
    fputs("<section id='data'>\n<h2>What the data are like</h2>\n<div class='plots'>\n",
          w->to);
    write_rows(w);
    status = write_mixture(w, LC_SHARE_SOURCE, err);
    if (status == LC_OK)
        status = write_mixture(w, LC_SHARE_FOLDER, err);
    if (status == LC_OK)
        status = lc_plot_images(w, err);
    if (status == LC_OK) {
        write_formats(w, &tally.formats);
        write_modes(w, &tally.modes);
        write_states(w, &tally);
    }
    fputs("</div>\n</section>\n", w->to);
    return status;
}
