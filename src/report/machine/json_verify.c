/* The member "verification" of the JSON report. */
#include "report/model/report.h"

static void print_verified(FILE *to, const char *name, const struct lc_verified *seen)
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

    fprintf(to, "\"%s\": {", name);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        fprintf(to, "%s \"%s\": %llu", i ? "," : "", members[i].name,
                (unsigned long long)members[i].count);
    fputs(" }", to);
}

void lc_json_verification(const struct lc_report *report)
{
    const struct lc_verification *seen = lc_index_verification(report->index);

    if (!seen)
        return;
    fputs("  \"verification\": { ", report->to);
    print_verified(report->to, "rows_files", &seen->rows_files);
    fputs(", ", report->to);
    print_verified(report->to, "images", &seen->images);
    fprintf(report->to, ", \"images_unknown\": %llu, \"images_outside\": %llu },\n",
            (unsigned long long)seen->images_unknown,
            (unsigned long long)seen->images_outside);
}
