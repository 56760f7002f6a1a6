/* Choose the images to show, read them the way the scan does, and make their pictures. */
#include "thumb/thumb.h"

#include "base/options.h"
#include "base/path.h"
#include "dataset/dataset.h"
#include "member/member.h"
#include "rules/rules.h"
#include "store/folder.h"
#include "thumb/decode.h"
#include "thumb/encode.h"
#include "thumb/partner.h"
#include "view/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Maximum number of pixels to decode for all pictures together: takes some seconds. */
#define BUDGET ((uint64_t)200000000)

/* What to show beside the picture of a loaded image. */
enum beside {
    BESIDE_NOTHING,
    BESIDE_PARTNER, /* an intact file of the same name and size */
    BESIDE_TURNED,  /* the picture turned as its orientation says */
    BESIDE_SEEN,    /* the picture as viewers show its transparency or depth, if that
                       differs */
};

/* The rules whose images are shown: those images may have pixels, and the pixels show
 * something. */
static const struct {
    enum lc_rule_index rule;
    enum beside beside;
} pictured[] = {
    {LC_RULE_IMG507, BESIDE_PARTNER}, {LC_RULE_IMG508, BESIDE_PARTNER},
    {LC_RULE_IMG509, BESIDE_PARTNER}, {LC_RULE_IMG510, BESIDE_NOTHING},
    {LC_RULE_IMG511, BESIDE_NOTHING}, {LC_RULE_IMG512, BESIDE_NOTHING},
    {LC_RULE_IMG513, BESIDE_NOTHING}, {LC_RULE_IMG514, BESIDE_TURNED},
    {LC_RULE_IMG515, BESIDE_SEEN},    {LC_RULE_IMG516, BESIDE_NOTHING},
    {LC_RULE_IMG517, BESIDE_NOTHING}, {LC_RULE_IMG518, BESIDE_NOTHING},
    {LC_RULE_IMG519, BESIDE_PARTNER}, {LC_RULE_IMG520, BESIDE_NOTHING},
};

#define PICTURED (sizeof(pictured) / sizeof(pictured[0]))
#define MOST (PICTURED * LC_THUMB_OF_RULE)

/* An image to show, while its pictures are being made. */
struct choice {
    uint32_t number;
    struct lc_image_record image;
    enum beside beside;
    size_t partner; /* its index in the array of partners */
};

struct lc_thumbnails {
    const struct lc_index *index;
    struct lc_thumbnail items[MOST];
    size_t count;
    char *texts[MOST][2]; /* texts of the pictures */
    size_t used;          /* total bytes of the texts */
};

/* State that is needed to make thumbnails. */
struct maker {
    struct lc_thumbnails *to;
    const struct lc_thumbnail_options *options;
    struct choice choices[MOST];
    size_t of_rule[PICTURED];
    struct lc_partner partners[MOST];
    size_t partner_count;
    struct lc_folder *folder; /* the image root */
    struct lc_folder *data;   /* the data folder; NULL until needed, like members */
    struct lc_member_reader *members;
    struct lc_buffer bytes; /* content of a file */
    struct lc_buffer path;
    struct lc_canvas canvas;
    uint64_t budget;
    uint8_t rgb[LC_CANVAS_SIDE * LC_CANVAS_SIDE * LC_CANVAS_BYTES];
    uint8_t turned[LC_CANVAS_SIDE * LC_CANVAS_SIDE * LC_CANVAS_BYTES];
};

const struct lc_thumbnail *lc_thumbnails_all(const struct lc_thumbnails *thumbnails,
                                             size_t *count)
{
    *count = thumbnails->count;
    return thumbnails->items;
}

void lc_thumbnails_free(struct lc_thumbnails *thumbnails)
{
    if (!thumbnails)
        return;
    for (size_t i = 0; i < thumbnails->count; i++) {
        free(thumbnails->texts[i][0]);
        free(thumbnails->texts[i][1]);
    }
    free(thumbnails);
}

/* ---- which ---- */

static enum lc_status pick_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct maker *maker = user;
    struct lc_thumbnail *item = &maker->to->items[maker->to->count];
    struct choice *choice = &maker->choices[maker->to->count];
    size_t i = 0;

    if (finding->kind != LC_FINDING_IMAGE || finding->severity < maker->options->show)
        return LC_OK;
    while (i < PICTURED &&
           !lc_span_is(finding->rule, lc_rules[pictured[i].rule].info.code))
        i++;
    if (i == PICTURED || maker->of_rule[i] == LC_THUMB_OF_RULE)
        return LC_OK;
    maker->of_rule[i]++;
    *item = (struct lc_thumbnail){.rule = pictured[i].rule, .image = finding->image};
    choice->beside = pictured[i].beside;
    choice->number = finding->image;
    maker->to->count++;
    return lc_index_get_image(maker->to->index, finding->image, &choice->image, err);
}

static enum lc_status find_partners(struct maker *maker, struct lc_error *err)
{
    for (size_t i = 0; i < maker->to->count; i++) {
        struct choice *choice = &maker->choices[i];

        if (choice->beside != BESIDE_PARTNER)
            continue;
        choice->partner = maker->partner_count++;
        maker->partners[choice->partner] = (struct lc_partner){
            .path = choice->image.path,
            .width = choice->image.width,
            .height = choice->image.height,
            .content = choice->image.content,
        };
    }
    return lc_partners_find(maker->to->index, maker->partners, maker->partner_count, err);
}

/* ---- reading ---- */

static const char *read_fault(enum lc_read_result result, int os_errno)
{
    switch (result) {
    case LC_READ_OK:
        break;
    case LC_READ_MISSING:
        return "it no longer exists";
    case LC_READ_NOT_REGULAR:
        return "it is not a regular file";
    case LC_READ_NOT_ALLOWED:
        return os_errno == EXDEV ? "it is a link out of the image root"
                                 : "it is not readable";
    case LC_READ_FAILED:
        return "it cannot be read";
    case LC_READ_TOO_LARGE:
        return "the file is larger than 16 MiB";
    case LC_READ_CHANGED:
        return "it is being changed";
    }
    return NULL;
}

/* Read the bytes that the check saw; *why is set if they are not available. */
static enum lc_status read_image(struct maker *maker, struct lc_span path,
                                 const struct lc_hash *content, const char **why,
                                 struct lc_error *err)
{
    bool anywhere = maker->options->allow_outside;
    enum lc_read_result result = LC_READ_OK;
    struct lc_file_facts facts = {0};
    enum lc_status status;
    struct lc_hash hash;
    int os_errno = 0;

    if (anywhere ? !lc_path_openable(path) : lc_path_outside(path) != NULL) {
        *why = "its path leaves the image root";
        return LC_OK;
    }
    maker->path.size = 0;
    status = lc_buffer_add(&maker->path, path.text, path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&maker->path, "", 1, err);
    if (status == LC_OK)
        status = (anywhere ? lc_folder_read : lc_folder_read_inside)(
            maker->folder, maker->path.data, LC_THUMB_FILE, &maker->bytes, &facts,
            &result, &os_errno, err);
    if (status != LC_OK)
        return status;
    *why = read_fault(result, os_errno);
    hash = lc_hash_bytes(maker->bytes.data, maker->bytes.size);
    if (!*why && lc_hash_compare(&hash, content) != 0)
        *why = "the file is not the one that was checked";
    return LC_OK;
}

/* Prepare to read archives. */
static enum lc_status open_members(struct maker *maker, struct lc_error *err)
{
    const struct lc_thumbnail_options *options = maker->options;
    char *data = NULL, *single = NULL;
    enum lc_status status =
        lc_dataset_locate(options->paths, options->path_count, &data, &single, err);

    if (status == LC_OK)
        status = lc_folder_open(data, &maker->data, err);
    if (status == LC_OK)
        status = lc_member_reader_new(maker->to->index, maker->data,
                                      !options->allow_outside, &maker->members, err);
    free(data);
    free(single);
    return status;
}

/* Read the image from an archive, likewise. */
static enum lc_status read_member(struct maker *maker,
                                  const struct lc_member_place *place,
                                  const struct lc_hash *content, const char **why,
                                  struct lc_error *err)
{
    enum lc_read_result result = LC_READ_OK;
    struct lc_file_facts facts = {0};
    enum lc_status status = LC_OK;
    struct lc_hash hash;
    int os_errno = 0;

    if (!maker->members)
        status = open_members(maker, err);
    if (status == LC_OK)
        status = lc_member_read(maker->members, place, LC_THUMB_FILE, &maker->bytes,
                                &facts, &result, &os_errno, err);
    if (status != LC_OK)
        return status;
    *why = result == LC_READ_NOT_ALLOWED && os_errno == EXDEV
               ? "its archive is outside of the data folder"
           : result == LC_READ_MISSING ? "its archive no longer has it"
                                       : read_fault(result, os_errno);
    hash = lc_hash_bytes(maker->bytes.data, maker->bytes.size);
    if (!*why && lc_hash_compare(&hash, content) != 0)
        *why = "the archive is not the one that was checked";
    return LC_OK;
}

/* Whether an archive's images can be read without reading most of what precedes them. */
static enum lc_status is_reached(const struct maker *maker, uint32_t archive, bool *out,
                                 struct lc_error *err)
{
    struct lc_archive_record record = {0};
    enum lc_status status = lc_index_get_archive(maker->to->index, archive, &record, err);

    *out = lc_span_is(record.kind, ".tar") || lc_span_is(record.kind, ".zip") ||
           lc_span_is(record.kind, ".tar.gz");
    return status;
}

/* ---- pictures ---- */

static enum lc_status paint(struct maker *maker, bool seen, const char **why,
                            struct lc_error *err)
{
    struct lc_painter painter = {
        .data = (const uint8_t *)maker->bytes.data,
        .size = maker->bytes.size,
        .seen = seen,
        .budget = maker->budget,
        .canvas = &maker->canvas,
    };
    enum lc_status status = lc_paint(&painter, err);

    maker->budget = painter.budget;
    *why = painter.why;
    return status;
}

/* Append a picture to an item if the page's limit allows it. */
static enum lc_status add_picture(struct maker *maker, size_t index, const uint8_t *rgb,
                                  const struct lc_thumb_picture *picture,
                                  struct lc_error *err)
{
    struct lc_thumbnail *item = &maker->to->items[index];
    struct lc_buffer text = {0};
    enum lc_status status =
        lc_thumb_encode(rgb, picture->width, picture->height, &text, err);
    size_t size = text.size;

    if (status == LC_OK)
        status = lc_buffer_add(&text, "", 1, err);
    if (status != LC_OK || maker->to->used + size > LC_THUMB_TEXT) {
        item->why = item->count ? NULL : "the limit on pictures in the page was reached";
        lc_buffer_clear(&text);
        return status;
    }
    maker->to->used += size;
    maker->to->texts[index][item->count] = text.data;
    item->pictures[item->count] = *picture;
    item->pictures[item->count++].jpeg = text.data;
    return LC_OK;
}

static const char *caption_of(const struct lc_image_record *image)
{
    if (image->state == LC_IMAGE_TRUNCATED || image->state == LC_IMAGE_CORRUPT)
        return "what can be decoded";
    return image->frames > 1 ? "its first frame, as it is loaded" : "as it is loaded";
}

static enum lc_status add_turned(struct maker *maker, size_t index, struct lc_error *err)
{
    unsigned orientation = maker->choices[index].image.orientation;
    bool across = orientation >= 5;
    struct lc_thumb_picture picture = {
        .width = across ? maker->canvas.height : maker->canvas.width,
        .height = across ? maker->canvas.width : maker->canvas.height,
        .caption = "as viewers rotate it",
    };

    if (orientation < 2 || orientation > 8)
        return LC_OK;
    lc_canvas_turn(maker->rgb, maker->canvas.width, maker->canvas.height, orientation,
                   maker->turned);
    return add_picture(maker, index, maker->turned, &picture, err);
}

static enum lc_status add_seen(struct maker *maker, size_t index, struct lc_error *err)
{
    struct lc_thumb_picture picture = {.caption = "as viewers show it"};
    const char *why = NULL;
    enum lc_status status = paint(maker, true, &why, err);
    size_t size;

    if (status != LC_OK || why)
        return status;
    picture.width = maker->canvas.width;
    picture.height = maker->canvas.height;
    size = (size_t)picture.width * picture.height * LC_CANVAS_BYTES;
    lc_canvas_read(&maker->canvas, maker->turned);
    if (memcmp(maker->rgb, maker->turned, size) == 0)
        return LC_OK;
    return add_picture(maker, index, maker->turned, &picture, err);
}

static enum lc_status add_partner(struct maker *maker, size_t index, struct lc_error *err)
{
    const struct lc_partner *partner = &maker->partners[maker->choices[index].partner];
    struct lc_thumb_picture picture = {
        .caption = "an intact file of the same name and size", .of = partner->found};
    const char *why = NULL;
    enum lc_status status = LC_OK;

    bool reached = true;

    if (!partner->found.size)
        return LC_OK;
    if (partner->found_archived)
        status = is_reached(maker, partner->found_place.archive, &reached, err);
    if (status != LC_OK || !reached)
        return status;
    status = partner->found_archived
                 ? read_member(maker, &partner->found_place, &partner->found_content,
                               &why, err)
                 : read_image(maker, partner->found, &partner->found_content, &why, err);
    if (status == LC_OK && !why)
        status = paint(maker, false, &why, err);
    if (status != LC_OK || why)
        return status;
    picture.width = maker->canvas.width;
    picture.height = maker->canvas.height;
    lc_canvas_read(&maker->canvas, maker->rgb);
    return add_picture(maker, index, maker->rgb, &picture, err);
}

static enum lc_status make_thumbnail(struct maker *maker, size_t index,
                                     struct lc_error *err)
{
    const struct choice *choice = &maker->choices[index];
    struct lc_thumbnail *item = &maker->to->items[index];
    struct lc_thumb_picture picture = {.caption = caption_of(&choice->image)};
    enum lc_status status = LC_OK;

    if (choice->image.archive) {
        const struct lc_member_place place =
            lc_member_place(choice->number, &choice->image);

        status = read_member(maker, &place, &choice->image.content, &item->why, err);
    } else {
        status = read_image(maker, choice->image.path, &choice->image.content, &item->why,
                            err);
    }
    if (status == LC_OK && !item->why)
        status = paint(maker, false, &item->why, err);
    if (status != LC_OK)
        return status;
    if (!item->why) {
        picture.width = maker->canvas.width;
        picture.height = maker->canvas.height;
        lc_canvas_read(&maker->canvas, maker->rgb);
        status = add_picture(maker, index, maker->rgb, &picture, err);
    }
    if (status != LC_OK || item->why)
        return status;
    switch (choice->beside) {
    case BESIDE_PARTNER:
        return add_partner(maker, index, err);
    case BESIDE_TURNED:
        return add_turned(maker, index, err);
    case BESIDE_SEEN:
        return add_seen(maker, index, err);
    case BESIDE_NOTHING:
        break;
    }
    return LC_OK;
}

/* ---- from end to end ---- */

/* Find the image root that the index names. Refuse one outside the data folder: whoever
 * made the data set could choose any of the user's folders, with a link or with an index
 * in it. */
static enum lc_status find_root(const struct lc_thumbnail_options *options,
                                const char *name, char **out, struct lc_error *err)
{
    char *data = NULL, *single = NULL;
    enum lc_status status =
        lc_dataset_locate(options->paths, options->path_count, &data, &single, err);

    if (status == LC_OK)
        status = lc_path_join(data, name, out, err);
    if (status == LC_OK && !options->allow_outside &&
        lc_path_resolves_outside(data, *out))
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "its image root is outside of the data folder; name it with "
                         "--images to get thumbnails");
    free(data);
    free(single);
    return status;
}

static enum lc_status open_root(struct maker *maker, struct lc_error *err)
{
    const struct lc_thumbnail_options *options = maker->options;
    struct lc_span known = lc_index_info(maker->to->index)->image_folder;
    char *name = strndup(known.text ? known.text : "", known.size), *path = NULL;
    enum lc_status status;

    if (!name)
        return lc_fail_memory(err);
    status = options->images ? lc_path_normalize(options->images, &path, err)
                             : find_root(options, name, &path, err);
    if (status == LC_OK)
        status = lc_folder_open(path, &maker->folder, err);
    free(name);
    free(path);
    return status;
}

static int by_place(const void *a, const void *b, void *user)
{
    const struct maker *maker = user;
    size_t i = *(const size_t *)a, k = *(const size_t *)b;
    const struct lc_image_record *x = &maker->choices[i].image;
    const struct lc_image_record *y = &maker->choices[k].image;

    if (x->archive != y->archive)
        return x->archive < y->archive ? -1 : 1;
    if (x->archive && x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (i > k) - (i < k);
}

static enum lc_status make_thumbnails(struct maker *maker, const struct lc_view *view,
                                      struct lc_error *err)
{
    size_t order[MOST];
    enum lc_status status = lc_view_each_finding(view, pick_finding, maker, err);

    if (status == LC_OK && maker->to->count)
        status = open_root(maker, err);
    if (status == LC_OK)
        status = find_partners(maker, err);
    /* files first, then each archive from beginning to end */
    for (size_t i = 0; i < maker->to->count; i++)
        order[i] = i;
    qsort_r(order, maker->to->count, sizeof(*order), by_place, maker);
    for (size_t i = 0; i < maker->to->count && status == LC_OK; i++)
        status = make_thumbnail(maker, order[i], err);
    return status;
}

enum lc_status lc_thumbnails_new(const struct lc_index *index, const struct lc_view *view,
                                 const struct lc_thumbnail_options *options,
                                 struct lc_thumbnails **out, struct lc_error *err)
{
    struct lc_thumbnail_options own;
    struct maker *maker;
    enum lc_status status = LC_OPTIONS_COPY(&own, options, path_count, err);

    if (status != LC_OK)
        return status;
    maker = calloc(1, sizeof(*maker));
    if (maker)
        maker->to = calloc(1, sizeof(*maker->to));
    if (!maker || !maker->to) {
        free(maker);
        return lc_fail_memory(err);
    }
    maker->to->index = index;
    maker->options = &own;
    maker->budget = BUDGET;
    status = make_thumbnails(maker, view, err);
    if (status == LC_OK)
        *out = maker->to;
    else
        lc_thumbnails_free(maker->to);
    lc_folder_close(maker->folder);
    lc_member_reader_free(maker->members);
    lc_folder_close(maker->data);
    lc_buffer_clear(&maker->bytes);
    lc_buffer_clear(&maker->path);
    free(maker);
    return status;
}
