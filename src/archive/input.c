/* input.c - reads a file from one end to the other */
#include "archive/internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
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

/* Read as much as fits after the bytes in the buffer, keeping the bytes that can be given
 * back. */
static enum lc_status read_more(struct lc_input *input, struct lc_error *err)
{
    size_t held = input->end - input->begin, got;
    size_t back = input->begin < LC_INPUT_BACK ? input->begin : LC_INPUT_BACK;
    enum lc_status status;

    memmove(input->data + LC_INPUT_BACK - back, input->data + input->begin - back,
            back + held);
    input->begin = LC_INPUT_BACK;
    input->end = LC_INPUT_BACK + held;
    status = lc_input_read_at(input, input->offset, input->data + input->end,
                              LC_INPUT_PIECE - held, &got, err);
    input->end += got;
    input->offset += got;
    return status;
}

enum lc_status lc_input_fill(struct lc_input *input, struct lc_error *err)
{
    return input->begin < input->end ? LC_OK : read_more(input, err);
}

enum lc_status lc_input_need(struct lc_input *input, size_t size, struct lc_error *err)
{
    assert(size <= LC_INPUT_PIECE);
    return input->end - input->begin < size ? read_more(input, err) : LC_OK;
}

void lc_input_seek(struct lc_input *input, uint64_t offset)
{
    input->offset = offset;
    input->begin = input->end = 0;
}
