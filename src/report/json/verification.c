/* The members "verification" and "proof" of the JSON report. */
#include "report/json/members.h"

#include <string.h>

static void put_verified(struct lc_jw *json, const char *name,
                         const struct lc_verified *seen)
{
    const struct {
        const char *name;
        uint64_t count;
    } members[] = {
        {"files", seen->files},           {"same", seen->same},
        {"touched", seen->touched},       {"changed", seen->changed},
        {"replaced", seen->replaced},     {"gone", seen->gone},
        {"unreadable", seen->unreadable}, {"bytes", seen->bytes},
    };

    lc_jw_key_object(json, name, LC_JW_PADDED);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        lc_jw_key_number(json, members[i].name, members[i].count);
    lc_jw_end(json);
}

static void put_origin(struct lc_jw *json, const struct lc_record_origin *origin)
{
    static const char *const recorders[] = {
        [LC_RECORDER_HUB_FOLDER] = "huggingface-folder",
        [LC_RECORDER_HUB_CACHE] = "huggingface-cache",
        [LC_RECORDER_GIT] = "git",
        [LC_RECORDER_LFS] = "git-lfs",
        [LC_RECORDER_SUMS] = "checksums",
        [LC_RECORDER_BAG] = "bagit",
        [LC_RECORDER_MANIFEST] = "manifest",
        [LC_RECORDER_OTHERS] = "others",
        [LC_RECORDER_ARCHIVE] = "archive",
    };

    lc_jw_object(json, LC_JW_PADDED);
    lc_jw_key_name(json, "recorder", recorders[origin->recorder]);
    lc_jw_key(json, "name");
    lc_jw_bytes(json, (struct lc_span){origin->name, strlen(origin->name)});
    lc_jw_key(json, "repository");
    lc_jw_bytes(json, (struct lc_span){origin->repository, strlen(origin->repository)});
    lc_jw_key(json, "commit");
    lc_jw_bytes(json, (struct lc_span){origin->commit, strlen(origin->commit)});
    lc_jw_key_number(json, "records", origin->records);
    lc_jw_key_number(json, "absent", origin->absent);
    lc_jw_end(json);
}

/* The member "proof" */
static void put_proof(struct lc_jw *json, const struct lc_proof *proof)
{
    const struct {
        const char *name;
        uint64_t count;
    } members[] = {
        {"files", proof->files},
        {"proven", proof->proven},
        {"differing", proof->differing},
        {"missing", proof->missing},
        {"unread", proof->unread},
        {"unfinished", proof->unfinished},
        {"unusable", proof->unusable},
        {"unrecorded", proof->unrecorded},
        {"bytes", proof->bytes},
        {"proven_bytes", proof->strong},
        {"weakly_proven_bytes", proof->weak},
    };

    lc_jw_key_object(json, "proof", LC_JW_LINES);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        lc_jw_key_number(json, members[i].name, members[i].count);
    lc_jw_key_array(json, "origins", LC_JW_LINES);
    for (size_t i = 0; i < proof->origin_count; i++)
        put_origin(json, &proof->origins[i]);
    lc_jw_end(json);
    lc_jw_end(json);
}

void lc_json_verification(const struct lc_report *report, struct lc_jw *json)
{
    const struct lc_verification *seen = lc_index_verification(report->index);
    const struct lc_proof *proof = lc_index_proof(report->index);

    if (proof)
        put_proof(json, proof);
    if (!seen || proof)
        return;
    lc_jw_key_object(json, "verification", LC_JW_PADDED);
    put_verified(json, "rows_files", &seen->rows_files);
    put_verified(json, "images", &seen->images);
    lc_jw_key_number(json, "images_unknown", seen->images_unknown);
    lc_jw_key_number(json, "images_outside", seen->images_outside);
    lc_jw_end(json);
}
