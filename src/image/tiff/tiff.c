#include "image/tiff/tiff.h"

#include "image/tiff/picture.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Maximum number of directory entries to read in order to count a file's pictures. */
enum { MAX_ENTRIES = 4000000 };

/*
 * Read the file header. Pillow accepts signatures with swapped bytes too. It detects a
 * BigTIFF by the third byte of the file, so it reads a big-endian one as an ordinary
 * TIFF.
 */
static bool read_header(struct lc_tiff *tiff)
{
    struct lc_bytes bytes = tiff->source.bytes;
    uint64_t first = 0;
    unsigned at;
    unsigned size;
    unsigned i;

    if (bytes.size < 8)
        return false;
    tiff->source.big_endian = bytes.data[0] == 'M';
    tiff->source.large = bytes.data[2] == 43;
    at = tiff->source.large ? 8 : 4;
    size = at;
    if (bytes.size < at + size)
        return false;
    for (i = 0; i < size; i++)
        first =
            first << 8 | bytes.data[tiff->source.big_endian ? at + i : at + size - 1 - i];
    tiff->first = first;
    return true;
}

/* What Pillow does with a tag that contains an offset: seek there, ignore it, or
 * raise. */
enum seek { SEEK_VALID, SEEK_IGNORED, SEEK_RAISES };

static enum seek read_offset(const struct lc_tiff_entry *entry, uint64_t *out)
{
    int64_t value;

    if (lc_tiff_kind(entry) != LC_TIFF_INTEGERS)
        return SEEK_IGNORED;
    value = lc_tiff_number(entry, 0).integer;
    if (value < 0 || value == INT64_MAX)
        return SEEK_RAISES;
    *out = (uint64_t)value;
    return SEEK_VALID;
}

/*
 * Whether closing the file raises. After loading a file with one picture, Pillow reads
 * the directories of Exif, GPS and interoperability and closes it; whatever they raise,
 * load() raises.
 */
static bool metadata_raises(const struct lc_tiff *tiff)
{
    const struct lc_tiff_entry *tags = tiff->dir.tags;
    struct lc_tiff_dir exif = {.state = LC_TIFF_DIR_CUT};
    struct lc_tiff_dir other = {.state = LC_TIFF_DIR_CUT};
    uint64_t at;
    enum seek gps = read_offset(&tags[LC_TIFF_GPS_IFD], &at);
    enum seek seek;

    if (gps == SEEK_VALID)
        lc_tiff_read_dir(&tiff->source, at, &other);
    if (gps == SEEK_RAISES || other.state == LC_TIFF_DIR_RAISES)
        return true;
    seek = read_offset(&tags[LC_TIFF_EXIF_IFD], &at);
    if (seek == SEEK_VALID)
        lc_tiff_read_dir(&tiff->source, at, &exif);
    if (seek == SEEK_RAISES || exif.state == LC_TIFF_DIR_RAISES)
        return true;
    if (tags[LC_TIFF_INTEROP_IFD].value.size == 0)
        return false;
    if (exif.tags[LC_TIFF_INTEROP_IFD].value.size == 0)
        return true;
    seek = read_offset(&exif.tags[LC_TIFF_INTEROP_IFD], &at);
    if (seek == SEEK_VALID)
        lc_tiff_read_dir(&tiff->source, at, &other);
    return seek == SEEK_RAISES || other.state == LC_TIFF_DIR_RAISES;
}

/* Get the next directory's offset; 0 at the end of the chain. A directory that cannot be
 * read completely is the last one. `left` is the remaining budget of entries. */
static uint64_t next_of(const struct lc_tiff *tiff, uint64_t at, uint64_t *left)
{
    struct lc_tiff_dir dir;

    lc_tiff_read_dir(&tiff->source, at, &dir);
    *left -= dir.entries < *left ? dir.entries + 1 : *left;
    return dir.state == LC_TIFF_DIR_WHOLE ? dir.next : 0;
}

/*
 * Count the directories of a chain that may form a loop, without remembering their
 * offsets: Brent's algorithm. First find the length of the loop, with a slow pointer that
 * jumps to the fast one at every power of two. Then start again with two pointers that
 * are one loop apart: they meet where the loop begins, so the number of directories is
 * the steps until then plus the length of the loop. Returns 0 if MAX_ENTRIES do not
 * suffice.
 */
static uint32_t count_frames(const struct lc_tiff *tiff)
{
    uint64_t left = MAX_ENTRIES;
    uint64_t power = 1;
    uint64_t loop = 1;
    uint64_t seen = 1;
    uint64_t slow = tiff->first;
    uint64_t fast = next_of(tiff, slow, &left);
    uint64_t i;

    while (fast != slow && fast != 0 && left > 0) {
        if (power == loop) {
            slow = fast;
            power *= 2;
            loop = 0;
        }
        fast = next_of(tiff, fast, &left);
        loop++;
        seen++;
    }
    if (fast == 0 || left == 0)
        return left == 0 ? 0 : (uint32_t)seen;
    slow = fast = tiff->first;
    for (i = 0; i < loop; i++)
        fast = next_of(tiff, fast, &left);
    for (; slow != fast && left > 0; loop++) {
        slow = next_of(tiff, slow, &left);
        fast = next_of(tiff, fast, &left);
    }
    return left == 0 ? 0 : (uint32_t)loop;
}

static bool is_animated(const struct lc_tiff *tiff)
{
    return tiff->dir.state == LC_TIFF_DIR_WHOLE && tiff->dir.next != 0 &&
           tiff->dir.next != tiff->first;
}

static void read_orientation(struct lc_tiff *tiff)
{
    const struct lc_tiff_entry *entry = &tiff->dir.tags[LC_TIFF_ORIENTATION];
    int64_t value = 0;

    if (lc_tiff_kind(entry) == LC_TIFF_INTEGERS)
        value = lc_tiff_number(entry, 0).integer;
    if (value >= 1 && value <= 8)
        tiff->info->orientation = (uint8_t)value;
}

static enum lc_tiff_step load(struct lc_tiff *tiff, struct lc_tiff_tiles *tiles)
{
    enum lc_tiff_step step;

    lc_tiff_alpha_begin(&tiff->alpha, tiff->mode);
    if (tiff->palette_size > 256)
        return lc_tiff_corrupt(tiff, "palette too large");
    step = tiles ? lc_tiff_read_tiles(tiff, tiles) : lc_tiff_decode(tiff);
    /* with LOAD_TRUNCATED_IMAGES, Pillow goes on after such a fault */
    if (tiff->has_holes && (is_animated(tiff) || !metadata_raises(tiff)))
        tiff->info->lenient = LC_LENIENT_HOLES;
    if (step == LC_TIFF_JUDGED)
        return step;
    if (!is_animated(tiff) && metadata_raises(tiff))
        return lc_tiff_corrupt(tiff, "Exif directories that Pillow cannot read");
    return LC_TIFF_GOES_ON;
}

/* Image.open, apart from the pixels. */
static enum lc_tiff_step open_picture(struct lc_tiff *tiff, struct lc_tiff_tiles **tiles)
{
    struct lc_image_info *info = tiff->info;
    enum lc_tiff_step step;

    if (!read_header(tiff)) {
        lc_image_judge(info, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return LC_TIFF_JUDGED;
    }
    if (tiff->first == 0)
        return lc_tiff_corrupt(tiff, "no directory");
    lc_tiff_read_dir(&tiff->source, tiff->first, &tiff->dir);
    step = lc_tiff_setup(tiff);
    if (step == LC_TIFF_JUDGED)
        return step;
    if (tiff->width <= 0 || tiff->height <= 0)
        return lc_tiff_refuse(tiff, "the width or height is 0");
    snprintf(info->mode, sizeof(info->mode), "%s", tiff->mode);
    info->frames = count_frames(tiff);
    read_orientation(tiff);
    if (lc_image_over_limit(info, tiff->limits))
        return LC_TIFF_JUDGED;
    if (tiff->width > INT_MAX || tiff->height > INT_MAX)
        return lc_tiff_corrupt(tiff, "wider or higher than Pillow supports");
    if (tiff->compression == 1)
        return lc_tiff_tiles_new(tiff, tiles);
    return LC_TIFF_GOES_ON;
}

/* Set up the buffer that receives the pixels. */
static bool begin_samples(struct lc_tiff *tiff)
{
    tiff->want->width = (uint32_t)tiff->width;
    tiff->want->height = (uint32_t)tiff->height;
    tiff->status = lc_image_samples_begin(tiff->want, tiff->err);
    return tiff->status == LC_OK;
}

/* Convert the stored pixels to RGBA. For separate planes that are compressed, Pillow's
 * TiffDecode.c divides the colours by their alpha at the end. */
static bool finish(const struct lc_tiff *tiff)
{
    struct lc_image_samples *out = tiff->want;
    size_t pixels = (size_t)out->width * out->height;

    if (tiff->planar && tiff->compression != 1 && strcmp(tiff->raw, "RGBa") == 0)
        lc_tiff_divide(out->rgba, pixels);
    return lc_tiff_finish(tiff->mode, tiff->blank.palette, tiff->palette_size, out->rgba,
                          pixels);
}

enum lc_status lc_tiff_read(struct lc_image_scratch *scratch, const uint8_t *data,
                            size_t size, struct lc_image_samples *out,
                            struct lc_error *err)
{
    struct lc_image_info info = {0};
    struct lc_tiff tiff = {
        .scratch = scratch,
        .source.bytes = {data, size},
        .info = &info,
        .limits = &lc_image_limits_default,
        .want = out,
        .err = err,
    };
    struct lc_tiff_tiles *tiles = NULL;
    bool is_read = open_picture(&tiff, &tiles) == LC_TIFF_GOES_ON &&
                   begin_samples(&tiff) && load(&tiff, tiles) == LC_TIFF_GOES_ON &&
                   tiff.want && !info.warnings && info.depth <= 16 && finish(&tiff);

    lc_tiff_tiles_free(tiles);
    if (tiff.no_memory)
        return lc_fail_memory(err);
    if (tiff.status == LC_OK && !is_read)
        return lc_fail(err, LC_ERR_USAGE, 0, "the TIFF cannot be decoded");
    return tiff.status;
}

enum lc_status lc_tiff_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                               size_t size, const struct lc_image_limits *limits,
                               struct lc_image_info *out, struct lc_error *err)
{
    struct lc_tiff tiff = {
        .scratch = scratch,
        .source.bytes = {data, size},
        .info = out,
        .limits = limits,
    };
    struct lc_tiff_tiles *tiles = NULL;

    if (open_picture(&tiff, &tiles) == LC_TIFF_GOES_ON &&
        load(&tiff, tiles) == LC_TIFF_GOES_ON) {
        out->rows_decoded = out->height;
        lc_image_accept(out);
        out->blank = out->decode == LC_DECODE_OK && !tiff.blank.differs;
        out->transparent = tiff.alpha.found;
    }
    lc_tiff_tiles_free(tiles);
    return tiff.no_memory ? lc_fail_memory(err) : LC_OK;
}
