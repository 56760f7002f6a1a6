/* input.c - a file, read from one end to the other */
#include "archive/internal.h"

#include <errno.h>
#include <unistd.h>

enum lc_status lc_input_read_at(const struct lc_input *input, uint64_t offset, void *to,
                                size_t size, size_t *got, struct lc_error *err)
{
    *got = 0;
    if (offset > INT64_MAX)
        return LC_OK; /* past the end of any file */
    while (*got < size) {
        ssize_t n =
            pread(input->fd, (char *)to + *got, size - *got, (off_t)(offset + *got));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lc_fail_errno(err, "read the archive");
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return LC_OK;
}

enum lc_status lc_input_fill(struct lc_input *input, struct lc_error *err)
{
    size_t got;
    enum lc_status status;

    if (input->begin < input->end)
        return LC_OK;
    status =
        lc_input_read_at(input, input->offset, input->data, LC_INPUT_PIECE, &got, err);
    if (status != LC_OK)
        return status;
    input->begin = 0;
    input->end = got;
    input->offset += got;
    return LC_OK;
}
