/* The member "verification" of the JSON report. */
#include "report/json/members.h"

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

void lc_json_verification(const struct lc_report *report, struct lc_jw *json)
{
    const struct lc_verification *seen = lc_index_verification(report->index);

    if (!seen)
        return;
    lc_jw_key_object(json, "verification", LC_JW_PADDED);
    put_verified(json, "rows_files", &seen->rows_files);
    put_verified(json, "images", &seen->images);
    lc_jw_key_number(json, "images_unknown", seen->images_unknown);
    lc_jw_key_number(json, "images_outside", seen->images_outside);
    lc_jw_end(json);
}
