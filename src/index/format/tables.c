#include "index/format/tables.h"

const char *lc_table_name(enum lc_table table)
{
    static const char *const names[LC_TABLE_COUNT] = {
#define LC_TABLE(identifier, name) [LC_TABLE_##identifier] = name,
        LC_TABLES(LC_TABLE)
#undef LC_TABLE
    };

    return names[table];
}
