/* Pages of an index that were read, and are let go */
#include "index/reader.h"

#include <sys/mman.h>
#include <unistd.h>

/* So many pairs, or bytes of them, are read before the pages read so far are dropped:
 * some 30 MB. */
#define DROP_PAIRS 131072
#define DROP_BYTES ((size_t)32 << 20)

/* What is got one by one lies anywhere: each brings 64 KiB of the file into memory. */
#define DROP_GOT 512

/* Pages that were read count as this process's memory. They can be dropped at any time:
 * they come from the file again. What lies between two values is of the same file. */
void lc_index_drop_walked(struct lc_walked *walked)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    if (!walked->pairs)
        return;
    walked->low -= walked->low % page;
    (void)madvise((void *)walked->low, walked->high - walked->low, MADV_DONTNEED);
    walked->pairs = 0;
    walked->bytes = 0;
}

void lc_index_note_walked(struct lc_walked *walked, struct lc_span value)
{
    uintptr_t at = (uintptr_t)value.text;

    if (!walked->pairs || at < walked->low)
        walked->low = at;
    if (!walked->pairs || at > walked->high)
        walked->high = at;
    walked->bytes += value.size;
    if (++walked->pairs >= DROP_PAIRS || walked->bytes >= DROP_BYTES)
        lc_index_drop_walked(walked);
}

void lc_index_note_got(struct lc_walked *walked, struct lc_span value)
{
    lc_index_note_walked(walked, value);
    if (walked->pairs >= DROP_GOT)
        lc_index_drop_walked(walked);
}
