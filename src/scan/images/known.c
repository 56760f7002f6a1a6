#include "scan/images/known.h"

#include "base/clock.h"
#include "base/path.h"
#include "llava_check/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names of formats are few. */
enum { MAX_FORMATS = 128, FORMAT_SIZE = 24 };

struct lc_known {
    struct lc_index *index; /* NULL: there is none that can be used */
    uint64_t count;
    uint32_t next;                /* the record that `image` is */
    struct lc_image_record image; /* points into the index */
    const struct lc_journal *journal;
    size_t next_entry; /* of the journal: the one that `entry` is */
    struct lc_journal_entry entry;
    char formats[MAX_FORMATS][FORMAT_SIZE]; /* end with NUL; live as long as this */
    size_t format_count;
};

struct lc_hash lc_known_decoders(const struct lc_index_place *place)
{
    char text[640];
    char libraries[256];

    lc_image_libraries(libraries, sizeof(libraries));
    snprintf(text, sizeof(text),
             "llava-check %s schema %d facts %d %s pixels %llu memory %llu place %llx "
             "%llx %lld",
             lc_version(), LC_INDEX_SCHEMA, LC_IMAGE_FACTS, libraries,
             (unsigned long long)lc_image_limits_default.max_pixels,
             (unsigned long long)lc_image_limits_default.max_memory,
             place ? (unsigned long long)place->device : 0,
             place ? (unsigned long long)place->inode : 0,
             place ? (long long)place->born_ns : 0);
    return lc_hash_bytes(text, strlen(text));
}

/* Read the record that is next, if there is one. False: no more can be read. */
static bool load(struct lc_known *known)
{
    if (known->next >= known->count)
        return false;
    if (lc_index_get_image(known->index, known->next, &known->image, NULL) == LC_OK)
        return true;
    known->next = UINT32_MAX; /* damaged: what it knows is not asked for any more */
    known->count = 0;
    return false;
}

/* Why an index that could be opened is not used; NULL when it is. */
static const char *why_not(const struct lc_index *index, const struct lc_trust *trust,
                           const struct lc_hash *decoders)
{
    if (trust->needs_key && !trust->found.exists)
        return "there is no secret key to tell this user's index from a stranger's: "
               "everything is read";
    if (trust->needs_key && !lc_index_is_ours(index))
        return "the index was not written with this user's key: everything is read";
    if (lc_hash_compare(&lc_index_info(index)->decoders, decoders) != 0)
        return "the index is of other decoders, or was made elsewhere: everything is "
               "read";
    return NULL;
}

/* Open the index, if it can be used: *why says why not, when there is one. */
static enum lc_status open_index(const char *folder, const struct lc_trust *trust,
                                 const struct lc_hash *decoders, struct lc_index **out,
                                 const char **why, struct lc_error *err)
{
    struct lc_error reason = {0};
    char *file = NULL;
    enum lc_status status = lc_path_join(folder, LC_INDEX_FILE, &file, err);

    if (status == LC_OK)
        status = lc_index_open_file(file, lc_trust_key(trust), out, &reason);
    free(file);
    if (status == LC_ERR_MEMORY)
        return lc_fail_memory(err);
    if (status == LC_ERR_INDEX)
        *why = "the index is damaged or of another version: every image is read";
    else if (status == LC_ERR_IO)
        *why = "the index of the run before cannot be read: every image is read";
    else if (status == LC_OK)
        *why = why_not(*out, trust, decoders);
    if (*why) {
        lc_index_close(*out);
        *out = NULL;
    }
    return LC_OK;
}

static void load_entry(struct lc_known *known)
{
    if (known->next_entry < lc_journal_count(known->journal))
        lc_journal_get(known->journal, known->next_entry, &known->entry);
}

enum lc_status lc_known_open(const char *folder, const struct lc_trust *trust,
                             const struct lc_hash *decoders,
                             const struct lc_journal *journal, struct lc_known **out,
                             const char **why, struct lc_error *err)
{
    struct lc_known *known = calloc(1, sizeof(*known));
    enum lc_status status;

    *out = known;
    *why = NULL;
    if (!known)
        return lc_fail_memory(err);
    status =
        folder ? open_index(folder, trust, decoders, &known->index, why, err) : LC_OK;
    if (known->index) {
        known->count = lc_index_summary(known->index)->images_referenced;
        (void)load(known);
    }
    known->journal = journal;
    load_entry(known);
    return status;
}

void lc_known_close(struct lc_known *known)
{
    if (!known)
        return;
    lc_index_close(known->index);
    free(known);
}

const struct lc_index *lc_known_index(const struct lc_known *known)
{
    return known ? known->index : NULL;
}

/* The name with a NUL behind it; NULL when it cannot be kept. */
static const char *keep_format(struct lc_known *known, struct lc_span name)
{
    size_t i;

    for (i = 0; i < known->format_count; i++) {
        if (strlen(known->formats[i]) == name.size &&
            memcmp(known->formats[i], name.text, name.size) == 0)
            return known->formats[i];
    }
    if (i == MAX_FORMATS || name.size >= FORMAT_SIZE || name.size == 0)
        return NULL;
    memcpy(known->formats[i], name.text, name.size);
    known->format_count++;
    return known->formats[i];
}

static void copy_text(char *to, size_t room, struct lc_span text)
{
    size_t size = text.size < room ? text.size : room - 1;

    if (size > 0)
        memcpy(to, text.text, size);
    to[size] = '\0';
}

/* The decoder's verdict behind a state; false when the file was not read. */
static bool set_verdict(uint8_t state, struct lc_image_info *info)
{
    switch (state) {
    case LC_IMAGE_OK:
        info->decode = LC_DECODE_OK;
        return true;
    case LC_IMAGE_DAMAGED:
        info->decode = LC_DECODE_DAMAGED;
        return true;
    case LC_IMAGE_TRUNCATED:
        info->decode = LC_DECODE_TRUNCATED;
        return true;
    case LC_IMAGE_CORRUPT:
        info->decode = LC_DECODE_CORRUPT;
        return true;
    case LC_IMAGE_TOO_LARGE:
        info->limited = true;
        return true;
    default:
        return state == LC_IMAGE_NOT_IMAGE || state == LC_IMAGE_UNVERIFIED;
    }
}

/* Take over what a run that began at a time knows of an image. */
static void take_over(struct lc_known *known, const struct lc_image_record *image,
                      int64_t began_ns, struct lc_known_image *out)
{
    int64_t settled = lc_clock_newest_trusted_ns(began_ns);
    struct lc_image_info *info = &out->info;

    info->format = keep_format(known, image->format);
    if (!info->format || image->content_kind > LC_CONTENT_TEXT ||
        !set_verdict(image->state, info))
        return;
    out->is_known = true;
    out->began_ns = began_ns;
    out->record = *image;
    out->is_settled = lc_clock_is_before(image->mtime_ns, settled) &&
                      lc_clock_is_before(image->ctime_ns, settled);
    out->content = image->content;
    out->file = (struct lc_file_facts){
        .size = image->size,
        .mtime_ns = image->mtime_ns,
        .ctime_ns = image->ctime_ns,
        .inode = image->inode,
        .device = image->device,
    };
    info->content = (enum lc_content)image->content_kind;
    info->width = image->width;
    info->height = image->height;
    info->rows_decoded = image->rows_decoded;
    info->warnings = image->warnings;
    info->frames = image->frames;
    info->trailing = image->trailing;
    info->orientation = image->orientation;
    info->depth = image->depth;
    info->blank = image->blank;
    info->metadata_too_large = image->metadata_too_large;
    copy_text(info->mode, sizeof(info->mode), image->mode);
    copy_text(info->detail, sizeof(info->detail), image->detail);
}

/* Look a path up in the index; false: it does not know it. */
static bool find_record(struct lc_known *known, struct lc_span path)
{
    while (known->next < known->count && lc_span_compare(known->image.path, path) < 0) {
        known->next++;
        if (!load(known))
            return false;
    }
    return known->next < known->count && lc_span_compare(known->image.path, path) == 0;
}

/* The same in the journal. */
static bool find_entry(struct lc_known *known, struct lc_span path)
{
    size_t count = lc_journal_count(known->journal);

    while (known->next_entry < count &&
           lc_span_compare(known->entry.image.path, path) < 0) {
        known->next_entry++;
        load_entry(known);
    }
    return known->next_entry < count &&
           lc_span_compare(known->entry.image.path, path) == 0;
}

void lc_known_next(struct lc_known *known, struct lc_span path,
                   struct lc_known_image *out)
{
    *out = (struct lc_known_image){0};
    if (!known)
        return;
    /* the journal was written behind the index: what it knows is newer */
    if (find_record(known, path))
        take_over(known, &known->image, lc_index_info(known->index)->began_ns, out);
    if (find_entry(known, path)) {
        *out = (struct lc_known_image){0};
        take_over(known, &known->entry.image, known->entry.began_ns, out);
        out->is_kept = true;
    }
}

bool lc_known_same_file(const struct lc_known_image *known,
                        const struct lc_file_facts *file)
{
    const struct lc_file_facts *was = &known->file;

    return was->size == file->size && was->mtime_ns == file->mtime_ns &&
           was->ctime_ns == file->ctime_ns && was->inode == file->inode &&
           was->device == file->device;
}
