/* frames.h - files that are sequences of compressed frames; private to src/archive */
#ifndef LC_ARCHIVE_FRAMES_H
#define LC_ARCHIVE_FRAMES_H

#include "archive/internal.h"
#include "archive/piece.h"

/** A format of frames. */
struct lc_frame_format {
    struct lc_codec codec; /* is_one also says whether another frame begins here */
    size_t padding;        /* zeros may follow a frame, in multiples of this; 0: none
                            * may */
    enum lc_status (*start)(void **state, uint64_t window, struct lc_error *err);
    /** Begin another frame; return false if an allocation failed. */
    bool (*restart)(void *state);
    enum lc_piece_result (*decode)(void *state, struct lc_piece *piece);
    void (*stop)(void *state);
    /* messages about damaged files */
    const char *cut, *bad_data, *bad_checksum, *too_large, *trailing;
};

extern const struct lc_frame_format lc_format_zstd;
extern const struct lc_frame_format lc_format_xz;
extern const struct lc_frame_format lc_format_bzip2;

/* The open function of each format's codec. */
enum lc_status lc_frames_open(struct lc_stream *stream, struct lc_error *err);
enum lc_status lc_frames_read(struct lc_stream *stream, uint8_t *to, size_t size,
                              size_t *got, struct lc_error *err);
void lc_frames_close(void *state);

#endif
