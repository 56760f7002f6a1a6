#include "scan/archives/resume.h"

#include "base/clock.h"
#include "dataset/shard.h"
#include "dataset/shard_paths.h"
#include "scan/images/limits.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD_SIZE = 9 * 8, POINT_HEAD = 12, MEMBER_HEAD = 17 };

/* ---- encoding ---- */

static enum lc_status put_u64(struct lc_buffer *out, uint64_t value, struct lc_error *err)
{
    uint8_t bytes[8];

    lc_put_u64(bytes, value);
    return lc_buffer_add(out, bytes, sizeof(bytes), err);
}

static enum lc_status put_text(struct lc_buffer *out, struct lc_span text,
                               struct lc_error *err)
{
    uint8_t size[4];
    enum lc_status status;

    lc_put_u32(size, (uint32_t)text.size); /* lc_archive_limits bounds the size */
    status = lc_buffer_add(out, size, sizeof(size), err);
    if (status == LC_OK)
        status = lc_buffer_add(out, text.text, text.size, err);
    return status == LC_OK ? lc_buffer_add(out, "", 1, err) : status;
}

enum lc_status lc_section_add(struct lc_buffer *members, const struct lc_member *member,
                              struct lc_error *err)
{
    uint8_t type = (uint8_t)member->type;
    enum lc_status status = lc_buffer_add(members, &type, 1, err);

    if (status == LC_OK)
        status = put_u64(members, member->size, err);
    if (status == LC_OK)
        status = put_u64(members, member->data, err);
    if (status == LC_OK)
        status = put_text(members, member->name, err);
    return status == LC_OK ? put_text(members, member->link, err) : status;
}

static enum lc_status put_point(const struct lc_packed_point *point,
                                struct lc_buffer *record, struct lc_buffer *out,
                                struct lc_error *err)
{
    uint8_t size[4];
    enum lc_status status;

    record->size = 0;
    status = lc_point_encode(&point->record, record, err);
    lc_put_u32(size, (uint32_t)record->size);
    if (status == LC_OK)
        status = put_u64(out, point->offset, err);
    if (status == LC_OK)
        status = lc_buffer_add(out, size, sizeof(size), err);
    return status == LC_OK ? lc_buffer_add(out, record->data, record->size, err) : status;
}

enum lc_status lc_section_encode(const struct lc_packed *packed,
                                 const struct lc_section *section, size_t first_point,
                                 struct lc_buffer *out, struct lc_error *err)
{
    const struct lc_file_facts *facts = &packed->facts;
    const uint64_t head[] = {
        facts->device,
        facts->inode,
        facts->size,
        (uint64_t)facts->mtime_ns,
        (uint64_t)facts->ctime_ns,
        section->from,
        section->from_number,
        section->next,
        section->next_number,
    };
    struct lc_buffer record = {0};
    uint8_t count[4];
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < sizeof(head) / sizeof(*head) && status == LC_OK; i++)
        status = put_u64(out, head[i], err);
    lc_put_u32(count, (uint32_t)(packed->point_count - first_point));
    if (status == LC_OK)
        status = lc_buffer_add(out, count, sizeof(count), err);
    for (size_t i = first_point; i < packed->point_count && status == LC_OK; i++)
        status = put_point(&packed->points[i], &record, out, err);
    lc_buffer_clear(&record);
    return status == LC_OK
               ? lc_buffer_add(out, section->members.text, section->members.size, err)
               : status;
}

/* ---- decoding ---- */

/* Split off bytes; NULL if there are not enough. */
static const uint8_t *split(struct lc_span *bytes, size_t size)
{
    const uint8_t *out = (const uint8_t *)bytes->text;

    if (bytes->size < size)
        return NULL;
    *bytes = (struct lc_span){bytes->text + size, bytes->size - size};
    return out;
}

/* Split off a point; return false if the bytes are not a point. */
static bool next_point(struct lc_span *bytes, uint64_t *offset,
                       struct lc_point_record *out)
{
    const uint8_t *head = split(bytes, POINT_HEAD);
    size_t size = head ? lc_get_u32(head + 8) : 0;
    const uint8_t *record = head ? split(bytes, size) : NULL;

    if (!record)
        return false;
    *offset = lc_get_u64(head);
    return lc_point_decode((struct lc_span){(const char *)record, size}, out, NULL) ==
           LC_OK;
}

bool lc_section_decode(struct lc_span bytes, struct lc_section *out)
{
    const uint8_t *head = split(&bytes, HEAD_SIZE);
    const uint8_t *count = head ? split(&bytes, 4) : NULL;
    struct lc_span rest = bytes;
    struct lc_point_record point;
    uint64_t offset, last;

    if (!count)
        return false;
    *out = (struct lc_section){
        .facts = {.device = lc_get_u64(head),
                  .inode = lc_get_u64(head + 8),
                  .size = lc_get_u64(head + 16),
                  .mtime_ns = (int64_t)lc_get_u64(head + 24),
                  .ctime_ns = (int64_t)lc_get_u64(head + 32)},
        .from = lc_get_u64(head + 40),
        .from_number = lc_get_u64(head + 48),
        .next = lc_get_u64(head + 56),
        .next_number = lc_get_u64(head + 64),
    };
    last = out->from;
    for (uint32_t i = lc_get_u32(count); i > 0; i--) {
        if (!next_point(&rest, &offset, &point) || offset <= last || offset > out->next)
            return false;
        last = offset;
    }
    out->points = (struct lc_span){bytes.text, bytes.size - rest.size};
    out->members = rest;
    return out->points.size && out->next > out->from;
}

/* Split off a text; return false if the bytes are not a text. */
static bool next_text(struct lc_span *bytes, struct lc_span *out)
{
    const uint8_t *head = split(bytes, 4), *text;

    if (!head)
        return false;
    out->size = lc_get_u32(head);
    text = bytes->size > out->size ? split(bytes, out->size + 1) : NULL;
    out->text = (const char *)text;
    return text && text[out->size] == '\0';
}

bool lc_section_next(struct lc_span *members, struct lc_member *out)
{
    const uint8_t *head = split(members, MEMBER_HEAD);

    if (!head || *head > LC_MEMBER_OTHER)
        return false;
    *out = (struct lc_member){.type = (enum lc_member_type) * head,
                              .size = lc_get_u64(head + 1),
                              .data = lc_get_u64(head + 9)};
    return next_text(members, &out->name) && next_text(members, &out->link);
}

/* ---- points ---- */

enum lc_status lc_packed_add_point(struct lc_packed *packed, uint64_t offset,
                                   const struct lc_point_record *point,
                                   struct lc_error *err)
{
    struct lc_packed_point *points = lc_array_grow(
        packed->points, packed->point_count, &packed->point_capacity, sizeof(*points));
    char *window;

    if (!points)
        return lc_fail_memory(err);
    packed->points = points;
    window = malloc(point->window.size + 1);
    if (!window)
        return lc_fail_memory(err);
    if (point->window.size)
        memcpy(window, point->window.text, point->window.size);
    points[packed->point_count] = (struct lc_packed_point){offset, *point, window};
    points[packed->point_count++].record.window.text = window;
    return LC_OK;
}

enum lc_status lc_packed_add_points(struct lc_packed *packed, struct lc_span points,
                                    struct lc_error *err)
{
    struct lc_point_record point;
    uint64_t offset;
    enum lc_status status = LC_OK;

    while (status == LC_OK && points.size && next_point(&points, &offset, &point))
        status = lc_packed_add_point(packed, offset, &point, err);
    return status;
}

void lc_packed_clear_points(struct lc_packed *packed)
{
    for (size_t i = 0; i < packed->point_count; i++)
        free(packed->points[i].window);
    free(packed->points);
    packed->points = NULL;
    packed->point_count = packed->point_capacity = 0;
}

/* ---- choosing sections ---- */

/* Buffers for finding the images of an archive's members. */
struct section_names {
    struct lc_buffer path, name;
    struct lc_shard_paths paths; /* paths of a shard's images before the section */
};

/* Find the image that a member is; LC_NO_IMAGE if none. */
static enum lc_status image_of(const struct lc_archives *archives,
                               const struct lc_packed *packed, struct section_names *own,
                               const struct lc_member *member, uint32_t *out,
                               struct lc_error *err)
{
    struct lc_buffer *path = &own->path, *name = &own->name;
    bool fits = false;
    enum lc_status status = lc_buffer_reserve(path, member->name.size + 1, err);

    *out = LC_NO_IMAGE;
    path->size = name->size = 0;
    if (status == LC_OK && packed->file->is_shard) {
        if (!lc_shard_is_image(member))
            return LC_OK;
        status =
            lc_shard_paths_add(&own->paths, packed->file->name, member->name, name, err);
        if (status == LC_OK)
            *out =
                lc_names_first(archives->names, (struct lc_span){name->data, name->size});
        return status;
    }
    if (status != LC_OK ||
        lc_member_path(member->name, path->data, &path->size) > LC_PATH_ABSOLUTE ||
        !path->size)
        return status;
    status = lc_member_layout_apply(
        &packed->layout, (struct lc_span){path->data, path->size}, name, &fits, err);
    if (status == LC_OK && fits)
        *out = lc_names_first(archives->names, (struct lc_span){name->data, name->size});
    return status;
}

/* Whether the journal has all images of a section that would otherwise have to be
 * read. */
static enum lc_status is_usable(const struct lc_archives *archives,
                                const struct lc_packed *packed,
                                struct section_names *names,
                                const struct lc_section *section, bool *out,
                                struct lc_error *err)
{
    struct lc_span rest = section->members;
    struct lc_member member;
    enum lc_status status = LC_OK;

    *out = true;
    while (status == LC_OK && *out && rest.size) {
        uint32_t image;

        *out = lc_section_next(&rest, &member);
        if (!*out)
            break;
        status = image_of(archives, packed, names, &member, &image, err);
        if ((member.type == LC_MEMBER_FILE || member.type == LC_MEMBER_OTHER) &&
            member.size <= LC_MAX_FILE_BYTES && status == LC_OK && image != LC_NO_IMAGE &&
            archives->wanted[image])
            *out = lc_packed_knows(archives, packed, &member, image);
    }
    return status;
}

/* Compute the paths of a shard's images again after a section turned out not to be
 * usable: only the usable sections count. */
static enum lc_status name_again(const struct lc_archives *archives,
                                 const struct lc_packed *packed,
                                 struct section_names *names, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!packed->file->is_shard)
        return LC_OK;
    lc_shard_paths_clear(&names->paths);
    for (size_t i = 0; i < packed->section_count && status == LC_OK; i++) {
        struct lc_section section = {0};
        struct lc_member member;
        uint32_t image;

        (void)lc_section_decode(
            lc_journal_section(archives->input->journal, packed->sections[i]).content,
            &section); /* it was decoded before */
        while (status == LC_OK && section.members.size &&
               lc_section_next(&section.members, &member))
            status = image_of(archives, packed, names, &member, &image, err);
    }
    return status;
}

/* Whether a section was read from the archive in its current state. */
static bool is_of(const struct lc_packed *packed,
                  const struct lc_journal_section *journaled,
                  const struct lc_section *section)
{
    int64_t newest = lc_clock_newest_trusted_ns(journaled->began_ns);

    return lc_file_facts_equal(&section->facts, &packed->facts) &&
           lc_clock_is_before(packed->facts.mtime_ns, newest) &&
           lc_clock_is_before(packed->facts.ctime_ns, newest);
}

enum lc_status lc_packed_find_sections(const struct lc_archives *archives,
                                       struct lc_packed *packed, struct lc_error *err)
{
    const struct lc_journal *journal = archives->input->journal;
    size_t count = journal ? lc_journal_sections(journal) : 0;
    struct section_names names = {0};
    enum lc_status status = LC_OK;

    if (!packed->has_layout)
        return LC_OK;
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        struct lc_journal_section journaled = lc_journal_section(journal, i);
        struct lc_section section;
        size_t *sections;
        bool usable = false;

        if (!lc_section_decode(journaled.content, &section) ||
            !is_of(packed, &journaled, &section) || section.from != packed->resume_at ||
            section.from_number != packed->resume_number)
            continue;
        status = is_usable(archives, packed, &names, &section, &usable, err);
        if (status == LC_OK && !usable)
            status = name_again(archives, packed, &names, err);
        if (status != LC_OK || !usable)
            continue;
        sections = lc_array_grow(packed->sections, packed->section_count,
                                 &packed->section_capacity, sizeof(*sections));
        if (!sections) {
            status = lc_fail_memory(err);
            break;
        }
        packed->sections = sections;
        sections[packed->section_count++] = i;
        packed->resume_at = section.next;
        packed->resume_number = section.next_number;
    }
    lc_buffer_clear(&names.path);
    lc_buffer_clear(&names.name);
    lc_shard_paths_clear(&names.paths);
    return status;
}
