#include "index/read/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lc_check_fault(struct lc_checking *c, enum lc_table table, const char *format, ...)
{
    char what[256];
    va_list args;

    c->faults++;
    if (++c->fault_counts[table] > LC_CHECK_MAX_REPORTED)
        return;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    c->to->on_fault(c->to->user, lc_table_name(table), what);
}

bool lc_check_decoded(struct lc_checking *c, enum lc_table table, uint64_t number,
                      enum lc_status status)
{
    if (status != LC_OK)
        lc_check_fault(c, table, "record %llu is malformed", (unsigned long long)number);
    return status == LC_OK;
}

bool lc_check_get_file(struct lc_checking *c, uint32_t number, struct lc_file_record *out)
{
    return lc_index_get_file(c->index, number, out, NULL) == LC_OK;
}

void lc_check_equal(struct lc_checking *c, enum lc_table table, const char *what,
                    uint64_t found, uint64_t recorded)
{
    if (found != recorded)
        lc_check_fault(c, table, "%s: %llu, but meta says %llu", what,
                       (unsigned long long)found, (unsigned long long)recorded);
}

void lc_check_sum(struct lc_sum *sum, const void *bytes, size_t size)
{
    sum->count++;
    sum->hash += lc_hash_quick(bytes, size);
}

void lc_check_sum_lookup(struct lc_sum *sum, const struct lc_hash *hash, uint64_t number)
{
    uint8_t entry[sizeof(hash->bytes) + 8];

    memcpy(entry, hash->bytes, sizeof(hash->bytes));
    lc_put_u64(entry + sizeof(hash->bytes), number);
    lc_check_sum(sum, entry, sizeof(entry));
}

enum lc_status lc_check_walk(struct lc_checking *c, enum lc_table table, lc_pair_fn *each,
                             void *user, struct lc_error *err)
{
    struct lc_error own = {0};
    enum lc_status status = lc_index_each_pair(c->index, table, each, user, &own);

    if (status == LC_ERR_INDEX)
        lc_check_fault(c, table, "%s", own.message);
    else if (status != LC_OK && err)
        *err = own;
    return status == LC_ERR_INDEX ? LC_OK : status;
}
