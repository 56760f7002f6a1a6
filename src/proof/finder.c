#include "proof/finder.h"

#include <stdlib.h>

enum lc_status lc_finder_issue(struct lc_finder *finder, enum lc_record_fault fault,
                               struct lc_span path, const char *detail,
                               struct lc_error *err)
{
    return lc_records_add_issue(finder->records, fault, path, detail, err);
}

enum lc_status lc_finder_read(struct lc_finder *finder, struct lc_span path,
                              uint64_t limit, bool *good, struct lc_error *err)
{
    enum lc_read_result result = LC_READ_OK;
    int os_errno = 0;
    enum lc_status status = lc_plain_read(finder->folder, path.text, limit,
                                          &finder->bytes, &result, &os_errno, err);

    *good = status == LC_OK && result == LC_READ_OK;
    if (status != LC_OK || *good)
        return status;
    return lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                           result == LC_READ_TOO_LARGE ? "it is too large to be a record"
                           : os_errno == LC_PLAIN_LINK ? "a link, which is not followed"
                                                       : "it cannot be read",
                           err);
}

void lc_finder_clear(struct lc_finder *finder)
{
    lc_json_parser_free(finder->parser);
    lc_buffer_clear(&finder->bytes);
    lc_buffer_clear(&finder->path);
    lc_buffer_clear(&finder->text);
    free(finder->unfinished);
}
