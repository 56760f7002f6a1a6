/* log.c - the list of an archive's damage */
#include "archive/internal.h"

void lc_archive_note_range(struct lc_archive_log *log, enum lc_archive_fault what,
                           uint64_t from, uint64_t to, const char *detail)
{
    log->total++;
    log->faults |= 1U << what;
    if (log->count == LC_ARCHIVE_DAMAGE)
        return;
    log->items[log->count++] = (struct lc_archive_damage){
        .what = what,
        .detail = detail,
        .offset = from,
        .member = log->members,
        .from = from,
        .to = to,
    };
}

void lc_archive_note(struct lc_archive_log *log, enum lc_archive_fault what,
                     uint64_t offset, const char *detail)
{
    lc_archive_note_range(log, what, offset, offset, detail);
}

void lc_stream_break(struct lc_stream *stream, uint64_t offset,
                     enum lc_archive_fault what, const char *detail)
{
    lc_archive_note(stream->log, what, offset, detail);
    stream->fault = what;
    stream->is_over = true;
}
