/* Reads the samples of a shard
 *
 * Members are grouped as in webdataset's group_by_keys: a sample ends where the key
 * changes. The texts of a sample are kept; of its images, only the names. Memory is
 * bounded by the largest text and by the names of a sample's images: with dots in its
 * keys, a whole shard may be one sample. */
#include "dataset/shard.h"

#include "archive/faults.h"
#include "base/path.h"
#include "dataset/extents.h"
#include "dataset/sample_fields.h"
#include "dataset/shard_paths.h"
#include "json/json.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_TEXT ((uint64_t)64 << 20) /* bytes of a JSON or text member */
#define MOST_NAMES ((size_t)64 << 20)  /* bytes of the names of a sample's images */
#define TAR_BLOCK 512
#define PROBED 1024                       /* samples of a file that may be a shard */
#define PROBED_BYTES ((uint64_t)64 << 20) /* limit of bytes if it is compressed */

/* A set of hashes; 0 marks a free slot. */
struct set {
    uint64_t *slots;
    size_t count, capacity;
};

struct lc_shard {
    struct lc_archive *archive;
    char *name;
    const struct lc_member *held; /* the first member of the next sample */
    lc_shard_member_fn *on_member;
    void *user;
    uint32_t number;          /* of the last member, from on_member */
    struct lc_buffer numbers; /* of the sample's images */
    bool has_ended;
    bool has_sample;
    struct lc_sample sample;
    struct lc_buffer key, text, images, spare;
    struct lc_shard_paths paths; /* paths of all images so far */
    struct lc_buffer dotted, repeated, capital, unreadable;
    struct lc_buffer stray;   /* name of the last member that cannot be read */
    struct lc_buffer example; /* name of the first member that belongs to no sample */
    struct set seen;          /* in the sample: suffixes, and stems of inner samples */
    bool has_plain;           /* an inner sample has no dot in its key */
    uint64_t samples, members, lost;
    const struct lc_sample_fields *fields; /* note suffixes of these; NULL: none */
    struct lc_buffer spoiled;              /* name of a text that is not UTF-8 */
    struct lc_buffer sparse;               /* name of a text that is a sparse file */
    bool is_row_spoiled;                   /* this text is the text of the row so far */
    bool wants_extents;
    struct lc_extent *extents; /* of the sample's members */
    size_t extent_count, extent_capacity;
};

/* ---- names ---- */

bool lc_shard_is_named(const char *name)
{
    struct lc_span all = {name, strlen(name)};

    return lc_archive_is_named(all) && !lc_path_ends(name, ".zip");
}

/* ---- the set ---- */

/* The role of a text in the set. */
enum kind { AS_WRITTEN, IN_LOWER_CASE, WITH_IMAGE, WITH_TEXT };

static uint64_t hash_of(struct lc_span text, enum kind kind)
{
    uint64_t hash = lc_hash_quick(text.text, text.size) * UINT64_C(0x9E3779B97F4A7C15);

    hash ^= ((uint64_t)kind + 1) * UINT64_C(0xD6E8FEB86659FD93);
    return hash ? hash : 1;
}

/* The slot of a hash, or the free slot where it belongs. */
static size_t find_slot(const struct set *set, uint64_t hash)
{
    size_t at = (hash >> 20) & (set->capacity - 1);

    while (set->slots[at] && set->slots[at] != hash)
        at = (at + 1) & (set->capacity - 1);
    return at;
}

static bool is_in_set(const struct set *set, struct lc_span text, enum kind kind)
{
    uint64_t hash = hash_of(text, kind);

    return set->capacity && set->slots[find_slot(set, hash)] == hash;
}

/* Add a text. *is_new is set to whether the set did not contain it. */
static enum lc_status add_to_set(struct set *set, struct lc_span text, enum kind kind,
                                 bool *is_new, struct lc_error *err)
{
    uint64_t hash = hash_of(text, kind);
    size_t at;

    if (2 * set->count >= set->capacity) {
        struct set grown = {.capacity = set->capacity ? 2 * set->capacity : 64,
                            .count = set->count};

        grown.slots = calloc(grown.capacity, sizeof(*grown.slots));
        if (!grown.slots)
            return lc_fail_memory(err);
        for (size_t i = 0; i < set->capacity; i++)
            if (set->slots[i])
                grown.slots[find_slot(&grown, set->slots[i])] = set->slots[i];
        free(set->slots);
        *set = grown;
    }
    at = find_slot(set, hash);
    *is_new = !set->slots[at];
    set->count += *is_new;
    set->slots[at] = hash;
    return LC_OK;
}

static void empty_set(struct set *set)
{
    if (set->capacity > 4096) { /* large samples are an exception */
        free(set->slots);
        *set = (struct set){0};
    } else if (set->count) {
        memset(set->slots, 0, set->capacity * sizeof(*set->slots));
        set->count = 0;
    }
}

/* ---- texts ---- */

/* Store a name, unless one is stored already. */
static enum lc_status keep_name(struct lc_buffer *out, struct lc_span name,
                                struct lc_error *err)
{
    return out->size ? LC_OK : lc_buffer_add(out, name.text, name.size, err);
}

static enum lc_status read_bytes(struct lc_shard *shard, const struct lc_member *member,
                                 struct lc_buffer *out, struct lc_error *err)
{
    size_t size = (size_t)member->size, got = 1, from = out->size;
    enum lc_status status = LC_OK;

    if (member->size > MOST_TEXT)
        return lc_fail(err, LC_ERR_USAGE, 0, "%.100s!%.80s: a text of more than 64 MiB",
                       shard->name, member->name.text);
    status = lc_buffer_reserve(out, size + LC_JSON_PADDING, err);
    while (status == LC_OK && got && out->size - from < size) {
        status = lc_archive_read(shard->archive, out->data + out->size,
                                 size - (out->size - from), &got, err);
        out->size += status == LC_OK ? got : 0;
    }
    return status;
}

static enum lc_status add_text(struct lc_buffer *out, const char *text,
                               struct lc_error *err)
{
    return lc_buffer_add(out, text, strlen(text), err);
}

/* Append a text as the content of a JSON string. Bytes that are not UTF-8 are kept. */
static enum lc_status add_escaped(struct lc_buffer *out, struct lc_span text,
                                  struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < text.size && status == LC_OK; i++) {
        unsigned char c = (unsigned char)text.text[i];

        if (c == '"' || c == '\\')
            status = lc_buffer_printf(out, err, "\\%c", c);
        else if (c < 0x20)
            status = lc_buffer_printf(out, err, "\\u%04x", c);
        else
            status = lc_buffer_add(out, text.text + i, 1, err);
    }
    return status;
}

/* Note a caption that is not UTF-8. As long as it is the text of the row, the row's rules
 * report it; once there is another text, it is a fault of the sample. */
static enum lc_status note_spoiled(struct lc_shard *shard, struct lc_span name,
                                   struct lc_error *err)
{
    if (shard->sample.form == LC_SAMPLE_EMPTY)
        shard->is_row_spoiled = true;
    else
        shard->sample.faults |= LC_SAMPLE_SPOILED;
    return keep_name(&shard->spoiled, name, err);
}

static enum lc_sample_form form_of_text(enum lc_sample_part part, struct lc_span text)
{
    size_t at = 0;

    if (part == LC_SHARD_CAPTION)
        return LC_SAMPLE_CAPTION;
    while (at < text.size && text.text[at] && strchr(" \t\r\n", text.text[at]))
        at++;
    return at < text.size && text.text[at] == '[' ? LC_SAMPLE_TURNS : LC_SAMPLE_ROW;
}

/* Make the row of the sample from its text, which may need JSON around it. */
static enum lc_status make_row(struct lc_shard *shard, struct lc_span text,
                               struct lc_error *err)
{
    static const struct {
        const char *before, *after;
    } frames[] = {
        [LC_SAMPLE_EMPTY] = {"", ""}, /* not used */
        [LC_SAMPLE_ROW] = {"", ""},   /* likewise */
        [LC_SAMPLE_TURNS] = {"{\"conversations\":", "}"},
        [LC_SAMPLE_CAPTION] = {"{\"conversations\":[{\"from\":\"human\",\"value\":"
                               "\"<image>\"},{\"from\":\"gpt\",\"value\":\"",
                               "\"}]}"},
    };
    struct lc_sample *sample = &shard->sample;
    struct lc_buffer *row = &shard->text;
    enum lc_status status;

    row->size = 0;
    status = add_text(row, frames[sample->form].before, err);
    sample->shift = (uint32_t)row->size;
    if (status == LC_OK && sample->form == LC_SAMPLE_CAPTION)
        status = add_escaped(row, text, err);
    else if (status == LC_OK && text.size)
        status = lc_buffer_add(row, text.text, text.size, err);
    return status == LC_OK ? add_text(row, frames[sample->form].after, err) : status;
}

/* Keep the text of a sample as its row. JSON replaces a caption; of several texts of a
 * kind, the first one counts. A sparse file is only noted: its content is not the data in
 * the archive. */
static enum lc_status keep_text(struct lc_shard *shard, const struct lc_member *member,
                                enum lc_sample_part part, struct lc_error *err)
{
    struct lc_sample *sample = &shard->sample;
    struct lc_buffer bytes = {0};
    struct lc_span text;
    enum lc_status status;

    if (member->type == LC_MEMBER_SPARSE) {
        sample->faults |= LC_SAMPLE_SPARSE;
        return keep_name(&shard->sparse, member->name, err);
    }
    if (part == LC_SHARD_ROW &&
        (sample->form == LC_SAMPLE_ROW || sample->form == LC_SAMPLE_TURNS))
        return LC_OK;
    status = read_bytes(shard, member, &bytes, err);
    if (status != LC_OK)
        goto out;
    text = (struct lc_span){bytes.data, bytes.size};
    if (part == LC_SHARD_CAPTION && text.size &&
        !lc_json_valid_utf8(text.text, text.size))
        status = note_spoiled(shard, member->name, err);
    if (status != LC_OK || (part == LC_SHARD_CAPTION && sample->form != LC_SAMPLE_EMPTY))
        goto out;
    if (shard->is_row_spoiled && part == LC_SHARD_ROW) /* it replaces a caption */
        sample->faults |= LC_SAMPLE_SPOILED;
    sample->offset = member->data;
    sample->size = text.size;
    sample->form = form_of_text(part, text);
    if (sample->form == LC_SAMPLE_ROW) { /* as it is; it may be large */
        lc_buffer_clear(&shard->text);
        shard->text = bytes;
        sample->shift = 0;
        return LC_OK;
    }
    status = make_row(shard, text, err);
out:
    lc_buffer_clear(&bytes);
    return status;
}

/* ---- samples ---- */

static void begin_sample(struct lc_shard *shard)
{
    shard->sample = (struct lc_sample){0};
    shard->key.size = shard->text.size = 0;
    shard->images.size = shard->spare.size = shard->numbers.size = 0;
    shard->dotted.size = shard->repeated.size = 0;
    shard->capital.size = shard->unreadable.size = 0;
    shard->spoiled.size = shard->sparse.size = 0;
    shard->is_row_spoiled = false;
    shard->has_plain = false;
    shard->has_sample = true;
    shard->extent_count = 0;
    empty_set(&shard->seen);
}

/* Note an inner sample: a stem such as "1." in a.1.jpg and a.1.json. A stem with both an
 * image and a text counts as a sample. */
static enum lc_status note_inner(struct lc_shard *shard, struct lc_span suffix,
                                 enum lc_sample_part part, struct lc_error *err)
{
    struct lc_span last = lc_sample_last_suffix(suffix);
    struct lc_span stem = {suffix.text, suffix.size - last.size};
    bool is_image = part == LC_SHARD_IMAGE, is_new = false;
    enum lc_status status;

    if (part == LC_SHARD_OTHER)
        return LC_OK;
    status =
        add_to_set(&shard->seen, stem, is_image ? WITH_IMAGE : WITH_TEXT, &is_new, err);
    if (status == LC_OK && is_new &&
        is_in_set(&shard->seen, stem, is_image ? WITH_TEXT : WITH_IMAGE)) {
        shard->has_plain |= !stem.size;
        shard->sample.merged++;
    }
    return status;
}

static enum lc_status add_suffix(struct lc_shard *shard, struct lc_span name,
                                 struct lc_span suffix, enum lc_sample_part part,
                                 bool *is_again, struct lc_error *err)
{
    struct lc_sample *sample = &shard->sample;
    struct lc_buffer lower = {0};
    bool is_new = true, is_new_lower = true, has_capital = false;
    enum lc_status status = lc_buffer_add(&lower, suffix.text, suffix.size, err);

    for (size_t i = 0; i < lower.size; i++) {
        has_capital |= isupper((unsigned char)lower.data[i]) != 0;
        lower.data[i] = (char)tolower((unsigned char)lower.data[i]);
    }
    if (status == LC_OK)
        status = add_to_set(&shard->seen, suffix, AS_WRITTEN, &is_new, err);
    if (status == LC_OK)
        status = add_to_set(&shard->seen, (struct lc_span){lower.data, lower.size},
                            IN_LOWER_CASE, &is_new_lower, err);
    lc_buffer_clear(&lower);
    *is_again = !is_new;
    if (status == LC_OK && !is_new_lower) {
        sample->faults |= is_new ? LC_SAMPLE_CASES : LC_SAMPLE_REPEATED;
        if (!is_new && part == LC_SHARD_IMAGE)
            sample->faults |= LC_SAMPLE_IMAGE_AGAIN;
        else if (!is_new && part != LC_SHARD_OTHER)
            sample->faults |= LC_SAMPLE_TEXT_AGAIN;
        status = keep_name(&shard->repeated, name, err);
    }
    if (status == LC_OK && has_capital && part != LC_SHARD_OTHER) {
        sample->faults |= LC_SAMPLE_CAPITALS;
        status = keep_name(&shard->capital, name, err);
    }
    if (status == LC_OK && memchr(suffix.text, '.', suffix.size) &&
        part != LC_SHARD_OTHER)
        status = keep_name(&shard->dotted, name, err);
    return status == LC_OK ? note_inner(shard, suffix, part, err) : status;
}

/* Note the byte range of a member. */
static enum lc_status add_extent(struct lc_shard *shard, const struct lc_member *member,
                                 struct lc_error *err)
{
    uint64_t most = UINT64_MAX - TAR_BLOCK - member->data;
    uint64_t size = member->size < most ? member->size : most;
    const struct lc_extent extent = {
        member->header,
        (member->data + size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK,
    };
    struct lc_extent *extents;

    if (shard->extent_count &&
        shard->extents[shard->extent_count - 1].to == extent.from) {
        shard->extents[shard->extent_count - 1].to = extent.to;
        return LC_OK;
    }
    extents = lc_array_grow(shard->extents, shard->extent_count, &shard->extent_capacity,
                            sizeof(*extents));
    if (!extents)
        return lc_fail_memory(err);
    shard->extents = extents;
    extents[shard->extent_count++] = extent;
    return LC_OK;
}

/* Note the path of an image. If the sample already has its suffix, the image is spare: it
 * depends on the reader which of the two is used. */
static enum lc_status add_image(struct lc_shard *shard, const struct lc_member *member,
                                bool is_again, struct lc_error *err)
{
    struct lc_buffer *out = is_again ? &shard->spare : &shard->images;
    enum lc_status status;

    if (out->size > MOST_NAMES)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "%.100s!%.80s: a sample with 64 MiB of names", shard->name,
                       member->name.text);
    status = lc_shard_paths_add(&shard->paths, shard->name, member->name, out, err);
    if (status != LC_OK)
        return status;
    shard->sample.image_count += !is_again;
    shard->sample.spare_count += is_again;
    status = lc_buffer_add(out, "", 1, err);
    if (status == LC_OK && !is_again && shard->on_member)
        status =
            lc_buffer_add(&shard->numbers, &shard->number, sizeof(shard->number), err);
    return status;
}

static enum lc_status add_member(struct lc_shard *shard, const struct lc_member *member,
                                 struct lc_span key, struct lc_span suffix,
                                 struct lc_error *err)
{
    struct lc_sample *sample = &shard->sample;
    enum lc_sample_part part = lc_shard_part(suffix);
    bool is_again = false;
    enum lc_status status = LC_OK;

    if (!shard->has_sample) {
        begin_sample(shard);
        sample->offset = member->data; /* replaced if the sample has a text */
        status = lc_buffer_add(&shard->key, key.text, key.size, err);
        if (status == LC_OK)
            status = lc_buffer_reserve(&shard->key, 1, err);
    }
    if (shard->fields)
        sample->parts |= lc_sample_fields_part(shard->fields, suffix);
    if (status == LC_OK && shard->wants_extents)
        status = add_extent(shard, member, err);
    if (status == LC_OK)
        status = add_suffix(shard, member->name, suffix, part, &is_again, err);
    if (status == LC_OK && part == LC_SHARD_IMAGE) {
        status = add_image(shard, member, is_again, err);
    } else if (status == LC_OK && part != LC_SHARD_OTHER && part != LC_SHARD_IMAGE) {
        status = keep_text(shard, member, part, err);
    }
    return status;
}

/* Whether a member without a suffix begins like an image or a JSON text. */
static enum lc_status looks_like_part(struct lc_shard *shard, bool *out,
                                      struct lc_error *err)
{
    static const struct lc_span starts[] = {
        {"\xff\xd8\xff", 3}, {"\x89PNG", 4}, {"RIFF", 4}, {"GIF8", 4}, {"{", 1}, {"[", 1},
    };
    char bytes[4] = "";
    size_t got = 0;
    enum lc_status status =
        lc_archive_read(shard->archive, bytes, sizeof(bytes), &got, err);

    *out = false;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
        *out |=
            got >= starts[i].size && memcmp(bytes, starts[i].text, starts[i].size) == 0;
    return status;
}

/* Skip a member that belongs to no sample. It is lost if it is an image or a text, except
 * for JSON in a metadata folder. */
static enum lc_status skip_member(struct lc_shard *shard, const struct lc_member *member,
                                  struct lc_error *err)
{
    struct lc_span name = member->name, last = {lc_path_name(name.text), 0};
    enum lc_sample_part part;
    bool is_lost = false;
    enum lc_status status = LC_OK;

    last.size = name.size - (size_t)(last.text - name.text);
    part = memchr(last.text, '.', last.size) ? lc_shard_part(last) : LC_SHARD_OTHER;
    if (lc_sample_is_metadata(name))
        is_lost = part == LC_SHARD_IMAGE;
    else if (memchr(last.text, '.', last.size))
        is_lost = part != LC_SHARD_OTHER;
    else if (member->type == LC_MEMBER_FILE)
        status = looks_like_part(shard, &is_lost, err);
    shard->lost += is_lost;
    return status == LC_OK && is_lost ? keep_name(&shard->example, name, err) : status;
}

/* Count a link as lost if no sample includes it. */
static enum lc_status lose_stray(struct lc_shard *shard, struct lc_error *err)
{
    struct lc_span key, suffix, name = {shard->stray.data, shard->stray.size};
    enum lc_status status = LC_OK;

    if (name.size && lc_shard_split(name, &key, &suffix) &&
        lc_shard_part(suffix) != LC_SHARD_OTHER) {
        shard->lost++;
        status = keep_name(&shard->example, name, err);
    }
    shard->stray.size = 0;
    return status;
}

/* Note a member that cannot be part of a sample, although its name says so: a link or a
 * device. */
static enum lc_status add_stray(struct lc_shard *shard, const struct lc_member *member,
                                struct lc_span key, struct lc_error *err)
{
    bool is_of_sample =
        shard->has_sample &&
        lc_span_equal(key, (struct lc_span){shard->key.data, shard->key.size});

    enum lc_status status;

    if (is_of_sample) {
        shard->sample.faults |= LC_SAMPLE_UNREADABLE;
        return keep_name(&shard->unreadable, member->name, err);
    }
    status = lose_stray(shard, err);
    return status == LC_OK ? keep_name(&shard->stray, member->name, err) : status;
}

/* Add the unreadable member before the current sample to it, if it has the same key. */
static enum lc_status join_stray(struct lc_shard *shard, struct lc_error *err)
{
    struct lc_span key, suffix, name = {shard->stray.data, shard->stray.size};
    struct lc_sample *sample = &shard->sample;
    enum lc_status status = LC_OK;

    if (!name.size)
        return LC_OK;
    if (lc_shard_split(name, &key, &suffix) &&
        lc_span_equal(key, (struct lc_span){shard->key.data, shard->key.size})) {
        sample->faults |= LC_SAMPLE_UNREADABLE;
        status = keep_name(&shard->unreadable, name, err);
        shard->stray.size = 0;
    } else {
        status = lose_stray(shard, err);
    }
    return status;
}

/* Finish the sample. */
static enum lc_status end_sample(struct lc_shard *shard, const struct lc_sample **out,
                                 struct lc_error *err)
{
    struct lc_sample *sample = &shard->sample;
    enum lc_status status = lc_buffer_reserve(&shard->text, LC_JSON_PADDING, err);

    if (status != LC_OK)
        return status;
    memset(shard->text.data + shard->text.size, 0, LC_JSON_PADDING);
    shard->key.data[shard->key.size] = '\0';
    sample->key = (struct lc_span){shard->key.data, shard->key.size};
    sample->text = (struct lc_span){shard->text.data, shard->text.size};
    sample->images = (struct lc_span){shard->images.data, shard->images.size};
    sample->spare = (struct lc_span){shard->spare.data, shard->spare.size};
    sample->numbers = (struct lc_span){shard->numbers.data, shard->numbers.size};
    if (sample->merged > 1)
        sample->faults |= LC_SAMPLE_MERGED;
    else if (sample->merged && !shard->has_plain)
        sample->faults |= LC_SAMPLE_DOTTED;
    sample->dotted = (struct lc_span){shard->dotted.data, shard->dotted.size};
    sample->repeated = (struct lc_span){shard->repeated.data, shard->repeated.size};
    sample->capital = (struct lc_span){shard->capital.data, shard->capital.size};
    sample->unreadable = (struct lc_span){shard->unreadable.data, shard->unreadable.size};
    sample->spoiled = (struct lc_span){shard->spoiled.data, shard->spoiled.size};
    sample->sparse = (struct lc_span){shard->sparse.data, shard->sparse.size};
    shard->has_sample = false;
    shard->samples++;
    *out = sample;
    return LC_OK;
}

/* Visit a member. *is_held is set if it begins the next sample. */
static enum lc_status visit(struct lc_shard *shard, const struct lc_member *member,
                            bool *is_held, struct lc_error *err)
{
    struct lc_span key, suffix;
    enum lc_status status;

    if (member->type == LC_MEMBER_FOLDER)
        return LC_OK;
    if (!lc_shard_split(member->name, &key, &suffix))
        return skip_member(shard, member, err);
    if (member->type != LC_MEMBER_FILE && member->type != LC_MEMBER_SPARSE)
        return add_stray(shard, member, key, err);
    *is_held = shard->has_sample &&
               !lc_span_equal(key, (struct lc_span){shard->key.data, shard->key.size});
    if (*is_held)
        return LC_OK;
    status = add_member(shard, member, key, suffix, err);
    return status == LC_OK ? join_stray(shard, err) : status;
}

/* Get the next member of the archive; NULL at its end. */
static enum lc_status next_member(struct lc_shard *shard, const struct lc_member **out,
                                  struct lc_error *err)
{
    enum lc_status status = lc_archive_next(shard->archive, out, err);

    if (status != LC_OK || !*out)
        return status;
    shard->members++;
    shard->number = LC_NOT_NUMBERED;
    return shard->on_member ? shard->on_member(shard->user, *out, &shard->number, err)
                            : LC_OK;
}

enum lc_status lc_shard_next(struct lc_shard *shard, const struct lc_sample **out,
                             struct lc_error *err)
{
    enum lc_status status = LC_OK;
    bool is_held = false;

    *out = NULL;
    while (status == LC_OK && !is_held && !shard->has_ended) {
        const struct lc_member *member = shard->held;

        if (!member)
            status = next_member(shard, &member, err);
        if (status != LC_OK)
            break;
        shard->held = NULL;
        shard->has_ended = !member || member->is_after_damage;
        if (!shard->has_ended)
            status = visit(shard, member, &is_held, err);
        if (is_held)
            shard->held = member;
    }
    if (status == LC_OK && shard->has_ended)
        status = lose_stray(shard, err);
    return status == LC_OK && shard->has_sample ? end_sample(shard, out, err) : status;
}

enum lc_status lc_shard_finish(struct lc_shard *shard, struct lc_error *err)
{
    const struct lc_member *member = NULL;
    enum lc_status status = LC_OK;

    if (lc_archive_end(shard->archive)->is_done)
        return LC_OK;
    do
        status = next_member(shard, &member, err);
    while (status == LC_OK && member);
    return status;
}

void lc_shard_on_member(struct lc_shard *shard, lc_shard_member_fn *each, void *user)
{
    shard->on_member = each;
    shard->user = user;
}

struct lc_archive *lc_shard_reader(const struct lc_shard *shard)
{
    return shard->archive;
}

/* ---- the shard ---- */

enum lc_status lc_shard_open(const char *path, const char *name, struct lc_shard **out,
                             struct lc_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    return fd < 0 ? lc_fail_errno(err, "open the shard")
                  : lc_shard_open_file(fd, name, out, err);
}

enum lc_status lc_shard_open_file(int fd, const char *name, struct lc_shard **out,
                                  struct lc_error *err)
{
    struct lc_shard *shard = calloc(1, sizeof(*shard));
    enum lc_status status = LC_OK;

    if (shard)
        shard->name = strdup(name);
    if (!shard || !shard->name) {
        close(fd);
        lc_shard_close(shard);
        return lc_fail_memory(err);
    }
    status = lc_archive_open(fd, name, NULL, &shard->archive, err); /* always closes fd */
    if (status == LC_OK)
        *out = shard;
    else
        lc_shard_close(shard);
    return status;
}

/* Hash paths without their numbers: the numbers change if samples are taken out of a
 * shard. */
static void hash_paths(struct lc_hasher *hasher, struct lc_span paths)
{
    for (size_t at = 0; at < paths.size; at += strlen(paths.text + at) + 1) {
        const char *path = paths.text + at;
        struct lc_span name =
            lc_shard_path_unnumbered((struct lc_span){path, strlen(path)});

        lc_hasher_update(hasher, name.text, name.size);
        lc_hasher_update(hasher, "", 1);
    }
}

void lc_shard_hash(struct lc_hasher *hasher, const struct lc_sample *sample)
{
    lc_hasher_update(hasher, sample->key.text, sample->key.size + 1);
    hash_paths(hasher, sample->images);
    hash_paths(hasher, sample->spare);
    lc_hasher_update(hasher, sample->text.text, sample->text.size);
}

void lc_shard_close(struct lc_shard *shard)
{
    if (!shard)
        return;
    lc_archive_close(shard->archive);
    lc_buffer_clear(&shard->key);
    lc_buffer_clear(&shard->text);
    lc_buffer_clear(&shard->images);
    lc_buffer_clear(&shard->spare);
    lc_buffer_clear(&shard->numbers);
    lc_shard_paths_clear(&shard->paths);
    lc_buffer_clear(&shard->dotted);
    lc_buffer_clear(&shard->repeated);
    lc_buffer_clear(&shard->capital);
    lc_buffer_clear(&shard->unreadable);
    lc_buffer_clear(&shard->spoiled);
    lc_buffer_clear(&shard->sparse);
    lc_buffer_clear(&shard->stray);
    lc_buffer_clear(&shard->example);
    free(shard->seen.slots);
    free(shard->extents);
    free(shard->name);
    free(shard);
}

void lc_shard_want_fields(struct lc_shard *shard, const struct lc_sample_fields *fields)
{
    shard->fields = fields;
}

void lc_shard_want_extents(struct lc_shard *shard)
{
    shard->wants_extents = true;
}

const struct lc_extent *lc_shard_extents(const struct lc_shard *shard, size_t *count)
{
    *count = shard->extent_count;
    return shard->extents;
}

const struct lc_archive_end *lc_shard_archive(struct lc_shard *shard)
{
    return lc_archive_end(shard->archive);
}

unsigned lc_shard_faults(const struct lc_shard *shard)
{
    return lc_archive_faults(shard->archive);
}

struct lc_shard_end lc_shard_end(struct lc_shard *shard)
{
    const struct lc_archive_end *end = lc_archive_end(shard->archive);

    return (struct lc_shard_end){
        .kind = end->kind,
        .coding = end->coding,
        .samples = shard->samples,
        .members = shard->members,
        .lost = shard->lost,
        .example = {shard->example.data, shard->example.size},
    };
}

uint64_t lc_shard_position(const struct lc_shard *shard)
{
    return lc_archive_position(shard->archive);
}

/* Note the parts that a sample has. *is_pair is set once a key has both an image and a
 * text, perhaps in two samples: files with members in the wrong order are still
 * shards. */
static enum lc_status note_sample(struct set *keys, const struct lc_sample *sample,
                                  bool *is_pair, struct lc_error *err)
{
    bool has_image = sample->image_count;
    bool has_text = sample->form != LC_SAMPLE_EMPTY || sample->faults & LC_SAMPLE_SPARSE;
    bool is_new;
    enum lc_status status = LC_OK;

    *is_pair = (has_image && has_text) ||
               (has_image && is_in_set(keys, sample->key, WITH_TEXT)) ||
               (has_text && is_in_set(keys, sample->key, WITH_IMAGE));
    if (has_image)
        status = add_to_set(keys, sample->key, WITH_IMAGE, &is_new, err);
    if (status == LC_OK && has_text)
        status = add_to_set(keys, sample->key, WITH_TEXT, &is_new, err);
    return status;
}

enum lc_status lc_shard_probe(const char *path, bool *out, struct lc_error *err)
{
    struct lc_shard *shard = NULL;
    const struct lc_sample *sample = NULL;
    struct set keys = {0};
    enum lc_status status = lc_shard_open(path, "", &shard, err);

    *out = false;
    for (int i = 0; i < PROBED && status == LC_OK && shard && !*out; i++) {
        bool is_plain = lc_archive_end(shard->archive)->coding == LC_CODING_PLAIN;

        if (!is_plain && lc_archive_position(shard->archive) > PROBED_BYTES)
            break;
        status = lc_shard_next(shard, &sample, err);
        if (status != LC_OK || !sample)
            break;
        status = note_sample(&keys, sample, out, err);
    }
    free(keys.slots);
    lc_shard_close(shard);
    return status;
}
