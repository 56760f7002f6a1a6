#include "scan/images/join.h"

#include "scan/images/image_cache.h"
#include "scan/images/missing.h"
#include "scan/images/record.h"
#include "scan/images/tally.h"

#include <stdlib.h>

#define WINDOWS ((size_t)16 << 20) /* bytes for all indexes together, twice */

/* An index, and how far it has been read. */
struct source {
    struct lc_stream *images;
    uint32_t number; /* of the image below */
    bool has_image;
    struct lc_image_record image;
    struct lc_stream *findings; /* those about images */
    struct lc_finding_key key;  /* of the finding below */
    bool has_finding;
    struct lc_span finding;
};

struct join_stage {
    struct lc_run *run;
    const struct lc_join_input *input;
    struct source *sources;
    struct lc_tally tally;
    struct lc_missing missing;
    struct lc_missing_scratch *scratch;
    struct lc_findings findings;
    struct lc_image_cache *archived;
    struct lc_image_facts image; /* one in an archive: its record borrows from it */
};

static enum lc_status fail_damaged(struct lc_error *err)
{
    return lc_fail(
        err, LC_ERR_INDEX, 0,
        "the indexes do not belong together: an image is missing from its part");
}

/* ---- sources ---- */

static enum lc_status next_image(struct source *source, struct lc_error *err)
{
    return lc_stream_image(source->images, &source->number, &source->image,
                           &source->has_image, err);
}

static enum lc_status next_finding(struct source *source, struct lc_error *err)
{
    return lc_stream_finding(source->findings, &source->key, &source->finding,
                             &source->has_finding, err);
}

static enum lc_status open_source(const struct lc_index *index, size_t window,
                                  struct source *source, struct lc_error *err)
{
    enum lc_status status = lc_stream_new(index, LC_STREAM_IMAGES, &source->images, err);

    if (status == LC_OK)
        status = next_image(source, err);
    if (status == LC_OK)
        status = lc_stream_new(index, LC_STREAM_FINDINGS, &source->findings, err);
    if (status != LC_OK)
        return status;
    lc_stream_limit(source->images, window);
    lc_stream_limit(source->findings, window);
    /* skip the findings about rows */
    status = lc_stream_from_finding(source->findings, UINT32_MAX, UINT64_MAX, err);
    return status == LC_OK ? next_finding(source, err) : status;
}

static enum lc_status open_sources(struct join_stage *stage, struct lc_error *err)
{
    const struct lc_join_input *input = stage->input;
    enum lc_status status = LC_OK;

    stage->sources = calloc(input->index_count, sizeof(*stage->sources));
    if (!stage->sources)
        return lc_fail_memory(err);
    for (size_t i = 0; i < input->index_count && status == LC_OK; i++)
        status = open_source(input->indexes[i], WINDOWS / input->index_count,
                             &stage->sources[i], err);
    return status;
}

static void close_sources(struct join_stage *stage)
{
    for (size_t i = 0; stage->sources && i < stage->input->index_count; i++) {
        lc_stream_free(stage->sources[i].images);
        lc_stream_free(stage->sources[i].findings);
    }
    free(stage->sources);
}

/* The index of the part that verified an image; NULL: that part is not being merged. */
static struct source *source_of(const struct join_stage *stage, struct lc_span path)
{
    const struct lc_join_input *input = stage->input;
    const struct lc_hash hash = lc_hash_bytes(path.text, path.size);
    const struct lc_index *index;
    uint32_t source;

    if (!input->index_of) {
        source = input->sources[lc_part_of_path(&hash, input->part_count) - 1];
        return source == LC_NO_SOURCE ? NULL : &stage->sources[source];
    }
    index = input->index_of(input->archived.user, path);
    for (size_t i = 0; index && i < input->index_count; i++)
        if (input->indexes[i] == index)
            return &stage->sources[i];
    return NULL;
}

/* ---- images ---- */

/* Store a part's finding in the merged index. */
static enum lc_status copy_finding(struct join_stage *stage,
                                   const struct lc_finding_key *key, struct lc_span bytes,
                                   uint32_t image, bool *is_error, struct lc_error *err)
{
    struct lc_findings *findings = &stage->findings;
    struct lc_finding_record record = {0};
    struct lc_finding finding = {.rule = (enum lc_rule_index)key->order};
    enum lc_status status = lc_finding_decode(bytes, &record, err);

    lc_findings_reset(findings);
    if (status == LC_OK)
        finding.which = lc_run_stored_case(finding.rule, &record);
    if (status == LC_OK &&
        (finding.which == LC_CASE_COUNT || !lc_finding_matches_key(&record, key)))
        status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: a finding");
    if (status == LC_OK)
        status =
            lc_buffer_add(&findings->text, record.message.text, record.message.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&findings->text, "", 1, err);
    if (status != LC_OK)
        return status;
    finding.severity = (enum lc_severity)record.severity;
    *is_error = finding.severity == LC_SEVERITY_ERROR;
    record.image = image;
    return lc_run_add_finding(stage->run, findings, &finding, &record, err);
}

/* Store the findings about the source's image in the merged index, except those about the
 * whole set, which are found again. */
static enum lc_status copy_findings(struct join_stage *stage, struct source *source,
                                    uint32_t image, bool *faulty, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (status == LC_OK && source->has_finding &&
           source->key.kind == LC_FINDING_IMAGE &&
           source->key.subject <= source->number) {
        const struct lc_finding_key *key = &source->key;
        bool is_error = false;

        if (key->order >= LC_RULE_COUNT)
            return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: a finding");
        if (key->subject == source->number &&
            lc_rules[key->order].scope == LC_SCOPE_IMAGE)
            status = copy_finding(stage, key, source->finding, image, &is_error, err);
        *faulty |= is_error;
        if (status == LC_OK)
            status = next_finding(source, err);
    }
    return status;
}

/* Run the rules for an image, and store its findings. */
static enum lc_status check_image(struct join_stage *stage, uint32_t number,
                                  const struct lc_image_facts *image, bool *faulty,
                                  struct lc_error *err)
{
    struct lc_findings *findings = &stage->findings;
    enum lc_status status;

    lc_findings_reset(findings);
    status =
        lc_rules_check(LC_SCOPE_IMAGE, &(struct lc_facts){.image = image}, findings, err);
    for (size_t i = 0; i < findings->count && status == LC_OK; i++) {
        struct lc_finding_record finding = {
            .kind = LC_FINDING_IMAGE,
            .image = number,
            .row = -1,
            .turn = -1,
        };

        *faulty |= findings->items[i].severity == LC_SEVERITY_ERROR;
        status =
            lc_run_add_finding(stage->run, findings, &findings->items[i], &finding, err);
    }
    return status;
}

/* Replace the finding about a missing image. No part knows how many images and rows of a
 * missing folder there are in all parts, or what the archives of other parts contain. */
static enum lc_status describe_missing(struct join_stage *stage,
                                       struct lc_missing_facts *missing, uint32_t number,
                                       const struct lc_image_record *record, bool *faulty,
                                       struct lc_error *err)
{
    struct lc_image_facts image = {
        .path = lc_links_path(stage->input->links, number),
        .is_member = stage->input->archived.are_all,
        .opened = true,
        .result = LC_READ_MISSING,
    };
    enum lc_status status =
        lc_missing_look_at_more(stage->scratch, record->path, missing, err);

    if (status == LC_OK)
        status = lc_missing_describe(stage->scratch, record->path, missing,
                                     &image.nearest, err);
    return status == LC_OK ? check_image(stage, number, &image, faulty, err) : status;
}

/* Add an image that is in an archive. */
static enum lc_status join_archived(struct join_stage *stage, uint32_t number,
                                    const struct lc_archived_image *archived,
                                    struct lc_image_record *out, struct lc_error *err)
{
    struct lc_image_facts *image = &stage->image;
    struct lc_cached_image cached = {0};
    struct lc_file_facts file = {0};
    struct lc_hash content = {0};

    *image = (struct lc_image_facts){
        .path = lc_links_path(stage->input->links, number),
        .is_member = stage->input->archived.are_all,
        .opened = true,
        .result = archived->result,
        .os_errno = archived->os_errno,
        .nearest = archived->why,
    };
    if (archived->result == LC_READ_OK) {
        lc_image_cache_load(stage->archived, &archived->record, 0, &cached);
        if (!cached.is_cached)
            return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: an image");
        image->info = cached.info;
        file = cached.file;
        content = cached.content;
    }
    *out = lc_image_record_of(image, &file, &content);
    out->archive = archived->record.archive;
    out->offset = archived->record.offset;
    if (stage->run->covered.count && archived->result != LC_READ_OK)
        out->detail = lc_image_result_text(archived->result, archived->why);
    return check_image(stage, number, image, &out->faulty, err);
}

/* Add an image from the index of its part. */
static enum lc_status join_from_part(struct join_stage *stage, struct source *source,
                                     uint32_t number, struct lc_span path,
                                     struct lc_image_record *out, struct lc_error *err)
{
    struct lc_missing_facts missing;
    bool is_missing;
    enum lc_status status = LC_OK;

    while (status == LC_OK && source->has_image &&
           lc_span_compare(source->image.path, path) < 0)
        status = next_image(source, err);
    if (status != LC_OK)
        return status;
    if (!source->has_image || !lc_span_equal(source->image.path, path))
        return fail_damaged(err);
    *out = source->image;
    out->path = path; /* ends with NUL */
    out->faulty = false;
    is_missing = out->state == LC_IMAGE_MISSING || out->state == LC_IMAGE_SKIPPED;
    if (!is_missing || !lc_missing_decode(out->detail, path, &missing))
        return copy_findings(stage, source, number, &out->faulty, err);
    if (stage->run->covered.count) { /* the facts are only for merges */
        if (out->state == LC_IMAGE_SKIPPED)
            return LC_OK; /* an archive of another part may contain it */
    } else {
        out->detail.size = 0;
        out->state = LC_IMAGE_MISSING;
    }
    return describe_missing(stage, &missing, number, out, &out->faulty, err);
}

static enum lc_status join_image(struct join_stage *stage, uint32_t number,
                                 struct lc_error *err)
{
    const struct lc_archived_images *archives = &stage->input->archived;
    struct lc_span path = lc_links_path(stage->input->links, number);
    struct lc_image_record record = {.path = path, .state = LC_IMAGE_SKIPPED};
    struct lc_archived_image archived;
    struct source *source;
    enum lc_status status = LC_OK;

    if (archives->get && archives->get(archives->user, number, &archived)) {
        status = join_archived(stage, number, &archived, &record, err);
    } else {
        source = source_of(stage, path);
        if (source)
            status = join_from_part(stage, source, number, path, &record, err);
    }
    return status == LC_OK ? lc_tally_add(&stage->tally, number, &record, err) : status;
}

static enum lc_status join_images(struct join_stage *stage, struct lc_error *err)
{
    size_t count = lc_links_images(stage->input->links);
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < count && status == LC_OK; i++) {
        status = join_image(stage, i, err);
        if (status == LC_OK && (i % 1024 == 0 || i + 1 == count))
            status = lc_run_progress(stage->run, LC_STAGE_IMAGES, i + 1, count, err);
    }
    return status;
}

/* Whether a finding is about files that no row names, which only the first part
 * reports. */
static bool is_of_first_part(const struct lc_finding_key *key)
{
    return key->kind == LC_FINDING_SET &&
           (key->order == LC_RULE_SET602 ||
            (key->order < LC_RULE_COUNT &&
             lc_rules[key->order].scope == LC_SCOPE_DOWNLOAD));
}

/* Store the findings about unused images and the download in the merged index. The first
 * part has them, after the findings about images. */
static enum lc_status join_unused(struct join_stage *stage, struct lc_error *err)
{
    uint32_t first = stage->input->sources[0];
    struct source *source = first == LC_NO_SOURCE ? NULL : &stage->sources[first];
    enum lc_status status = LC_OK;
    bool is_error;

    while (source && source->has_finding && status == LC_OK) {
        if (is_of_first_part(&source->key))
            status =
                copy_finding(stage, &source->key, source->finding, 0, &is_error, err);
        if (status == LC_OK)
            status = next_finding(source, err);
    }
    return status;
}

enum lc_status lc_images_join(struct lc_run *run, const struct lc_join_input *input,
                              uint8_t *faulty, struct lc_error *err)
{
    struct join_stage stage = {.run = run, .input = input};
    enum lc_status status;

    lc_missing_begin(&stage.missing, input->links, NULL, &input->archived.files);
    status = lc_missing_scratch_new(&stage.missing, &stage.scratch, err);
    if (status == LC_OK)
        status = lc_image_cache_empty(&stage.archived, err);
    if (status == LC_OK)
        status = lc_tally_begin(&stage.tally, run, input->links, faulty, err);
    if (status == LC_OK)
        status = open_sources(&stage, err);
    if (status == LC_OK)
        status = join_images(&stage, err);
    if (input->archived.end)
        input->archived.end(input->archived.user);
    if (status == LC_OK)
        status = lc_tally_end(&stage.tally, err);
    if (status == LC_OK)
        status = join_unused(&stage, err);
    close_sources(&stage);
    lc_tally_clear(&stage.tally);
    lc_missing_scratch_free(stage.scratch);
    lc_missing_end(&stage.missing);
    lc_image_cache_close(stage.archived);
    lc_findings_clear(&stage.findings);
    return status;
}
