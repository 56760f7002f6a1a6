/* Judges an image in memory, as a check judges a file with the same bytes */
#include "llava_check/inspect.h"

#include "base/hash.h"
#include "image/image.h"
#include "scan/images/record.h"

#include <stdlib.h>

/* after an image larger than this, the decoders' buffers are freed */
#define LARGE ((size_t)8 << 20)

struct lc_inspector {
    struct lc_image_scratch *decoders;
    struct lc_image_facts facts; /* of the last image; what was returned points into it */
};

enum lc_status lc_inspector_new(struct lc_inspector **out, struct lc_error *err)
{
    struct lc_inspector *inspector = calloc(1, sizeof(*inspector));
    enum lc_status status;

    if (!inspector)
        return lc_fail_memory(err);
    status = lc_image_scratch_new(&inspector->decoders, err);
    if (status == LC_OK)
        *out = inspector;
    else
        lc_inspector_free(inspector);
    return status;
}

void lc_inspector_free(struct lc_inspector *inspector)
{
    if (!inspector)
        return;
    lc_image_scratch_free(inspector->decoders);
    free(inspector);
}

/* A text, or NULL instead of an empty one. */
static const char *text_of(const char *text)
{
    return text && *text ? text : NULL;
}

enum lc_status lc_inspect(struct lc_inspector *inspector, const void *data, size_t size,
                          struct lc_inspected *out, struct lc_error *err)
{
    struct lc_image_facts *facts = &inspector->facts;
    const struct lc_image_info *info = &facts->info;
    const struct lc_file_facts file = {.size = size};
    struct lc_hash content = lc_hash_bytes(data, size);
    struct lc_image_record record;
    enum lc_status status;

    *facts = (struct lc_image_facts){.opened = true, .result = LC_READ_OK};
    status = lc_image_inspect(inspector->decoders, data, size, &lc_image_limits_default,
                              &facts->info, err);
    if (size > LARGE)
        lc_image_scratch_trim(inspector->decoders);
    if (status != LC_OK)
        return status;
    record = lc_image_record_of(facts, &file, &content);
    *out = (struct lc_inspected){
        .state = (enum lc_image_state)record.state,
        .format = info->format,
        .suffix = lc_image_suffix_of(info->content),
        .mode = text_of(info->mode),
        .width = info->width,
        .height = info->height,
        .transparent = info->transparent,
        .detail = text_of(info->detail),
        .content = content,
    };
    return LC_OK;
}
