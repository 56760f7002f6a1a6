/* Small pictures of the images that a rule found bad; src/thumb made them. */
#include "report/html/page.h"
#include "thumb/thumb.h"

/* The picture's bytes are our own, in base64; what it is of is foreign, and text. */
static enum lc_status write_picture(struct lc_html *w,
                                    const struct lc_thumb_picture *picture,
                                    struct lc_error *err)
{
    enum lc_status status = LC_OK;

    fprintf(w->to, "<figure><img alt='The image, %s' width='%u' height='%u' src='",
            picture->caption, picture->width, picture->height);
    fprintf(w->to, "data:image/jpeg;base64,%.*s'>", (int)picture->jpeg.size,
            picture->jpeg.text);
    fprintf(w->to, "<figcaption>%s", picture->caption);
    if (picture->of.size) {
        fputs(": <bdi>", w->to);
        status = lc_html_foreign(w, picture->of, err);
        fputs("</bdi>", w->to);
    }
    fputs("</figcaption></figure>\n", w->to);
    return status;
}

static enum lc_status write_item(struct lc_html *w, const struct lc_thumbnail *item,
                                 struct lc_error *err)
{
    struct lc_image_record image = {0};
    enum lc_status status =
        lc_index_get_image(w->report->index, item->image, &image, err);

    if (status != LC_OK)
        return status;
    fputs("<li><p><bdi>", w->to);
    status = lc_html_foreign(w, image.path, err);
    fputs("</bdi></p>\n<div>\n", w->to);
    for (size_t i = 0; i < item->count && status == LC_OK; i++)
        status = write_picture(w, &item->pictures[i], err);
    if (item->why)
        fprintf(w->to, "<p class='dim'>No thumbnail: %s.</p>\n", item->why);
    fputs("</div>\n</li>\n", w->to);
    return status;
}

enum lc_status lc_html_thumbs(struct lc_html *w, size_t rule, struct lc_error *err)
{
    const struct lc_thumbnails *thumbnails = w->report->options->thumbnails;
    enum lc_status status = LC_OK;
    const struct lc_thumbnail *items;
    size_t count = 0, written = 0;

    if (!thumbnails)
        return LC_OK;
    items = lc_thumbnails_all(thumbnails, &count);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        if (items[i].rule != rule)
            continue;
        if (!written++)
            fputs("<ul class='thumbs' aria-label='Thumbnails'>\n", w->to);
        status = write_item(w, &items[i], err);
    }
    if (written)
        fputs("</ul>\n", w->to);
    return status;
}
