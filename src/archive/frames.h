/* frames.h - files that are a row of compressed frames; private to src/archive */
#ifndef LC_ARCHIVE_FRAMES_H
#define LC_ARCHIVE_FRAMES_H

#include "archive/internal.h"
#include "archive/piece.h"

/** A format of frames. */
struct lc_frame_format {
    struct lc_codec codec; /* is_one says whether a frame begins here, too */
    size_t padding;        /* zeros may follow a frame, in such units; 0 if not */
    enum lc_status (*start)(void **state, uint64_t window, struct lc_error *err);
    /** Begin another frame; false if there is no memory for it. */
    bool (*restart)(void *state);
    enum lc_piece_result (*decode)(void *state, struct lc_piece *piece);
    void (*stop)(void *state);
    /* what is said of a file that is damaged */
    const char *cut, *bad_data, *bad_checksum, *too_large, *trailing;
};

extern const struct lc_frame_format lc_format_zstd;
extern const struct lc_frame_format lc_format_xz;
extern const struct lc_frame_format lc_format_bzip2;

/* For the codec of each format. */
enum lc_status lc_frames_open(struct lc_stream *stream, struct lc_error *err);
enum lc_status lc_frames_read(struct lc_stream *stream, uint8_t *to, size_t size,
                              size_t *got, struct lc_error *err);
void lc_frames_close(void *state);

#endif
