#include "thumb/partner.h"

#include <string.h>

struct search {
    struct lc_partner *partners;
    size_t count;
};

static struct lc_span name_of(struct lc_span path)
{
    const char *slash = path.size ? memrchr(path.text, '/', path.size) : NULL;
    size_t from = slash ? (size_t)(slash - path.text) + 1 : 0;

    return (struct lc_span){path.text + from, path.size - from};
}

static bool is_partner(const struct lc_partner *partner,
                       const struct lc_image_record *image)
{
    struct lc_span name = name_of(partner->path), other = name_of(image->path);

    return !partner->found.size && image->width == partner->width &&
           image->height == partner->height && other.size == name.size &&
           memcmp(other.text, name.text, name.size) == 0 &&
           lc_hash_compare(&image->content, &partner->content) != 0;
}

static enum lc_status try_image(void *user, uint32_t number,
                                const struct lc_image_record *image, struct lc_error *err)
{
    const struct search *search = user;

    (void)err;
    if (image->state != LC_IMAGE_OK || image->blank || !image->width)
        return LC_OK;
    for (size_t i = 0; i < search->count; i++) {
        struct lc_partner *partner = &search->partners[i];

        if (is_partner(partner, image)) {
            partner->found = image->path;
            partner->found_content = image->content;
            partner->found_archived = image->archive != 0;
            partner->found_place = lc_member_place(number, image);
        }
    }
    return LC_OK;
}

enum lc_status lc_partners_find(const struct lc_index *index, struct lc_partner *partners,
                                size_t count, struct lc_error *err)
{
    struct search search = {partners, count};

    return count ? lc_index_each_image(index, try_image, &search, err) : LC_OK;
}
