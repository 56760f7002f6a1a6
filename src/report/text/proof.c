/* The text report's first and last lines when files were compared with records of their
 * download. */
#include "report/model/digest.h"
#include "report/text/writer.h"

#include <string.h>

#define LABEL_WIDTH 10
#define LISTED_ORIGINS 8
#define COMMIT_DIGITS 12

static const char *recorder_name(enum lc_recorder recorder)
{
    switch (recorder) {
    case LC_RECORDER_HUB_FOLDER:
        return "huggingface_hub, local folder";
    case LC_RECORDER_HUB_CACHE:
        return "huggingface_hub, cache";
    case LC_RECORDER_GIT:
        return "git";
    case LC_RECORDER_LFS:
        return "git-LFS objects";
    case LC_RECORDER_SUMS:
        return "checksums";
    case LC_RECORDER_BAG:
        return "BagIt";
    case LC_RECORDER_MANIFEST:
        return "manifest of llava-check";
    case LC_RECORDER_ARCHIVE:
        return "archive";
    case LC_RECORDER_OTHERS:
        break;
    }
    return "others";
}

/* Print " name" in printable form, if there is one. */
static enum lc_status print_name(const struct lc_text_writer *w, const char *before,
                                 const char *name, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status =
        lc_format_text((struct lc_span){name, strlen(name)}, &text, err);

    if (status == LC_OK && *name)
        fprintf(w->to, "%s%.*s", before, (int)text.size, text.data);
    lc_buffer_clear(&text);
    return status;
}

/* "  download  huggingface_hub, cache: datasets/org/name, commit 0123456789ab: 12
 * records" */
static enum lc_status print_origin(const struct lc_text_writer *w,
                                   const struct lc_record_origin *origin, bool is_first,
                                   struct lc_error *err)
{
    char count[LC_COUNT_SIZE], commit[COMMIT_DIGITS + 1];
    bool is_file = origin->recorder == LC_RECORDER_SUMS ||
                   origin->recorder == LC_RECORDER_BAG ||
                   origin->recorder == LC_RECORDER_MANIFEST ||
                   origin->recorder == LC_RECORDER_ARCHIVE;
    enum lc_status status;

    snprintf(commit, sizeof(commit), "%s", origin->commit);
    fprintf(w->to, "  %-*s%s", LABEL_WIDTH, is_first ? "records" : "",
            recorder_name(origin->recorder));
    status = print_name(w, is_file ? " " : " in ", origin->name, err);
    if (status == LC_OK)
        status = print_name(w, ": ", origin->repository, err);
    if (status == LC_OK)
        status =
            print_name(w, *origin->repository ? ", commit " : ": commit ", commit, err);
    fprintf(w->to, ": %s record%s", lc_format_count(origin->records, count),
            lc_text_plural(origin->records));
    if (origin->absent)
        fprintf(w->to, ", %s of files that were not downloaded",
                lc_format_count(origin->absent, count));
    fputc('\n', w->to);
    return status;
}

static void print_part(const struct lc_text_writer *w, uint64_t count,
                       enum lc_style style, const char *what)
{
    char text[LC_COUNT_SIZE];

    if (count)
        fprintf(w->to, ", %s%s %s%s", lc_text_on(w, style), lc_format_count(count, text),
                what, lc_text_off(w));
}

/* "12: 11 proven, 1 differs; 1.5 KiB read" */
static void print_files(const struct lc_text_writer *w, const struct lc_proof *proof)
{
    char count[LC_COUNT_SIZE], proven[LC_COUNT_SIZE], bytes[LC_COUNT_SIZE];

    fprintf(w->to, "  %-*s%s recorded: %s proven", LABEL_WIDTH, "files",
            lc_format_count(proof->files, count),
            proof->proven && proof->proven == proof->files
                ? "all"
                : lc_format_count(proof->proven, proven));
    print_part(w, proof->differing, LC_STYLE_ERROR, "not as recorded");
    print_part(w, proof->missing, LC_STYLE_ERROR, "missing");
    print_part(w, proof->unread, LC_STYLE_WARNING, "not read");
    print_part(w, proof->unfinished, LC_STYLE_ERROR, "unfinished");
    fprintf(w->to, "; %s read\n", lc_format_bytes(proof->bytes, bytes));
    if (proof->unrecorded)
        fprintf(w->to, "  %-*s%s more without a record\n", LABEL_WIDTH, "",
                lc_format_count(proof->unrecorded, count));
}

static void print_proven(const struct lc_text_writer *w, const struct lc_proof *proof)
{
    char strong[LC_COUNT_SIZE], weak[LC_COUNT_SIZE];

    if (proof->origin_count == 1 && proof->origins[0].recorder == LC_RECORDER_ARCHIVE) {
        fprintf(w->to, "  %-*s%s have the bytes of the archive, by XXH3-128\n\n",
                LABEL_WIDTH, "equal", lc_format_bytes(proof->weak, weak));
        return;
    }
    fprintf(w->to, "  %-*s%s by SHA-256 or SHA-512", LABEL_WIDTH, "proven",
            lc_format_bytes(proof->strong, strong));
    if (proof->weak)
        fprintf(w->to, ", %s by SHA-1 or MD5, which show damage alone",
                lc_format_bytes(proof->weak, weak));
    fputs("\n\n", w->to);
}

enum lc_status lc_text_proof_head(const struct lc_text_writer *w, struct lc_error *err)
{
    const struct lc_proof *proof = lc_index_proof(w->report->index);
    const struct lc_index_info *info = lc_index_info(w->report->index);
    char count[LC_COUNT_SIZE];
    struct lc_buffer name = {0};
    enum lc_status status = lc_format_text(info->name, &name, err);

    if (status == LC_OK)
        status = lc_format_start(&name, 0, err);
    if (status == LC_OK)
        fprintf(w->to, "%s%.*s%s\n", lc_text_on(w, LC_STYLE_BOLD), (int)name.size,
                name.data, lc_text_off(w));
    for (size_t i = 0; i < proof->origin_count && i < LISTED_ORIGINS && status == LC_OK;
         i++)
        status = print_origin(w, &proof->origins[i], i == 0, err);
    if (status == LC_OK && proof->origin_count > LISTED_ORIGINS)
        fprintf(w->to, "  %-*sand %s more\n", LABEL_WIDTH, "",
                lc_format_count(proof->origin_count - LISTED_ORIGINS, count));
    if (status == LC_OK) {
        print_files(w, proof);
        print_proven(w, proof);
    }
    lc_buffer_clear(&name);
    return status;
}

void lc_text_proof_verdict(const struct lc_text_writer *w, bool failed)
{
    const struct lc_proof *proof = lc_index_proof(w->report->index);
    const uint64_t *findings = lc_report_findings(w->report);
    uint64_t left = proof->files - proof->proven;
    char count[LC_COUNT_SIZE], all[LC_COUNT_SIZE];

    lc_format_count(proof->files, all);
    lc_format_count(failed ? left : proof->proven, count);
    if (failed) {
        lc_text_counts(w, LC_SEVERITY_ERROR,
                       findings[LC_SEVERITY_ERROR] ? LC_SEVERITY_WARNING
                                                   : LC_SEVERITY_INFO);
        fprintf(w->to, "; %s of %s recorded files not proven", count, all);
        return;
    }
    fprintf(w->to, "%s of %s recorded file%s ha%s the recorded bytes", count, all,
            lc_text_plural(proof->files), proof->proven == 1 ? "s" : "ve");
}
