#include "image/gif/gif.h"

#include "image/common/decoder.h"

#include <stdio.h>
#include <string.h>

/* Bytes that introduce a part of a GIF, and labels of extensions: GIF89a specification,
 * appendix B. */
enum {
    EXTENSION = '!',
    DESCRIPTOR = ',',
    TRAILER = ';',
    GRAPHIC_CONTROL = 0xF9,
    COMMENT = 0xFE,
    APPLICATION = 0xFF,
};

/* Flags of the screen and of a frame. */
enum { HAS_COLOURS = 0x80, INTERLACED = 0x40, COLOUR_BITS = 0x07 };

enum { HEADER_SIZE = 11, DESCRIPTOR_SIZE = 9 };

struct gif {
    const uint8_t *data;
    size_t size;
    size_t at;
    struct lc_image_info *info;
    const struct lc_image_limits *limits;
    struct lc_bytes colours; /* the global colour table; of size 0 if there is none */
    size_t junk;             /* offset of the first byte that begins no block */
    bool has_junk;
    bool has_trailer;
};

struct frame {
    uint32_t left, top, right, bottom;
    struct lc_bytes colours; /* its local colour table */
    bool has_colours;
    bool is_interlaced;
    int transparent; /* index, or -1 */
    unsigned bits;   /* minimum code size */
    size_t codes_at;
};

/* Result of Pillow's search for the next frame. */
enum walk { WALK_FRAME, WALK_END, WALK_RAISES };

/* Refuse the file. Pillow gives no reason: "cannot identify image file". */
static enum walk refuse(struct gif *gif, const char *why)
{
    if (gif->at >= gif->size)
        lc_image_judge(gif->info, LC_DECODE_TRUNCATED, "the file ends inside its header");
    else
        lc_image_judge(gif->info, LC_DECODE_CORRUPT, "%s", why);
    return WALK_RAISES;
}

static struct lc_bytes read_bytes(struct gif *gif, size_t size)
{
    struct lc_bytes bytes = {gif->data + gif->at, gif->size - gif->at};

    if (bytes.size > size)
        bytes.size = size;
    gif->at += bytes.size;
    return bytes;
}

/* Read a block with its length byte; false if the length is 0 or missing. If the file
 * ends inside the block, the block is shorter than its length, maybe empty. */
static bool read_block(struct gif *gif, struct lc_bytes *block)
{
    struct lc_bytes length = read_bytes(gif, 1);

    if (length.size == 0 || length.data[0] == 0)
        return false;
    *block = read_bytes(gif, length.data[0]);
    return true;
}

static void skip_blocks(struct gif *gif)
{
    struct lc_bytes block;

    while (read_block(gif, &block) && block.size > 0)
        ;
}

static bool parse_graphic_control(struct lc_bytes block, struct frame *frame)
{
    bool is_transparent = block.size > 0 && (block.data[0] & 1) != 0;

    if (block.size < 3 || (is_transparent && block.size < 4))
        return false;
    if (is_transparent)
        frame->transparent = block.data[3];
    return true;
}

/*
 * Read an extension. Pillow reads the first block separately from the others: if it is
 * missing, Pillow takes the byte after its length as the length of the next one.
 */
static enum walk skip_extension(struct gif *gif, struct frame *frame)
{
    static const char netscape[] = "NETSCAPE2.0";
    struct lc_bytes label = read_bytes(gif, 1);
    struct lc_bytes block = {NULL, 0};
    bool has_block = read_block(gif, &block);
    bool is_first = gif->info->frames == 0;

    if (label.size == 0)
        return refuse(gif, "an extension without a label");
    if (label.data[0] == COMMENT) {
        if (has_block && block.size > 0)
            skip_blocks(gif);
        return WALK_FRAME;
    }
    if (label.data[0] == GRAPHIC_CONTROL &&
        !(has_block && parse_graphic_control(block, frame)))
        return refuse(gif, "graphic control extension too short");
    if (label.data[0] == APPLICATION && is_first) {
        if (!has_block)
            return refuse(gif, "an application extension without a name");
        if (block.size >= sizeof(netscape) - 1 &&
            memcmp(block.data, netscape, sizeof(netscape) - 1) == 0 &&
            !read_block(gif, &block))
            return refuse(gif, "a NETSCAPE2.0 extension without a block");
    }
    skip_blocks(gif);
    return WALK_FRAME;
}

/* Enlarge the screen if the first picture reaches beyond it. False if that exceeds a
 * limit. */
static bool grow(struct gif *gif, const struct frame *frame)
{
    struct lc_image_info *info = gif->info;

    if (frame->right <= info->width && frame->bottom <= info->height)
        return true;
    if (frame->right > info->width)
        info->width = frame->right;
    if (frame->bottom > info->height)
        info->height = frame->bottom;
    return !lc_image_over_limit(info, gif->limits);
}

static enum walk read_descriptor(struct gif *gif, struct frame *frame)
{
    struct lc_bytes s = read_bytes(gif, DESCRIPTOR_SIZE);
    struct lc_bytes bits;

    if (s.size < DESCRIPTOR_SIZE - 1)
        return refuse(gif, "");
    frame->left = lc_le16(s.data);
    frame->top = lc_le16(s.data + 2);
    frame->right = frame->left + lc_le16(s.data + 4);
    frame->bottom = frame->top + lc_le16(s.data + 6);
    if (gif->info->frames == 0 && !grow(gif, frame))
        return WALK_RAISES;
    if (s.size <
        DESCRIPTOR_SIZE) /* the flags are missing: Pillow has used the size by then */
        return refuse(gif, "");
    frame->has_colours = (s.data[8] & HAS_COLOURS) != 0;
    frame->is_interlaced = (s.data[8] & INTERLACED) != 0;
    if (frame->has_colours)
        frame->colours = read_bytes(gif, (size_t)6 << (s.data[8] & COLOUR_BITS));
    bits = read_bytes(gif, 1);
    if (bits.size == 0)
        return refuse(gif, "");
    frame->bits = bits.data[0];
    frame->codes_at = gif->at;
    return WALK_FRAME;
}

/* Advance to the next frame. Pillow skips bytes that begin no block. */
static enum walk next_frame(struct gif *gif, struct frame *frame)
{
    *frame = (struct frame){.transparent = -1};
    for (;;) {
        struct lc_bytes first = read_bytes(gif, 1);

        if (first.size == 0)
            return WALK_END;
        gif->has_trailer = first.data[0] == TRAILER;
        if (gif->has_trailer)
            return WALK_END;
        if (first.data[0] == DESCRIPTOR)
            return read_descriptor(gif, frame);
        if (first.data[0] == EXTENSION) {
            if (skip_extension(gif, frame) != WALK_FRAME)
                return WALK_RAISES;
        } else if (first.data[0] != 0 && !gif->has_junk) {
            gif->junk = gif->at - 1;
            gif->has_junk = true;
        }
    }
}

/* Whether each colour is the gray of its index: Pillow ignores such a colour table. */
static bool is_ramp(struct lc_bytes colours)
{
    size_t i;

    for (i = 0; i + 3 <= colours.size; i += 3) {
        const uint8_t *colour = colours.data + i;

        if (colour[0] != i / 3 || colour[1] != i / 3 || colour[2] != i / 3)
            return false;
    }
    return true;
}

static void read_screen(struct gif *gif)
{
    struct lc_bytes s = read_bytes(gif, HEADER_SIZE);

    gif->info->width = lc_le16(s.data + 6);
    gif->info->height = lc_le16(s.data + 8);
    read_bytes(gif, 2); /* background colour and aspect ratio; may be cut off */
    if (s.data[10] & HAS_COLOURS)
        gif->colours = read_bytes(gif, (size_t)6 << (s.data[10] & COLOUR_BITS));
}

/* Set the first frame's mode and depth; returns the colour table that applies to it. */
static struct lc_bytes pick_colours(struct gif *gif, const struct frame *frame)
{
    struct lc_image_info *info = gif->info;
    struct lc_bytes table = frame->has_colours ? frame->colours : gif->colours;
    bool is_gray = is_ramp(table);

    info->depth = 8;
    while (table.size > 0 && table.size < (size_t)3 << info->depth)
        info->depth--;
    snprintf(info->mode, sizeof(info->mode), "%s", is_gray ? "L" : "P");
    /* if the local table is gray, Pillow uses the global one */
    return is_gray ? gif->colours : table;
}

/* Fill the colour table. Colours missing from it are grays. */
static void fill_colours(struct lc_bytes table, uint32_t *colours)
{
    uint32_t i;

    for (i = 0; i < LC_GIF_COLOURS; i++)
        colours[i] = i * 0x010101;
    for (i = 0; i < table.size / 3; i++)
        colours[i] = lc_be24(table.data + (size_t)3 * i);
}

static void judge_end(struct lc_image_info *info, enum lc_gif_end end)
{
    info->lenient = LC_LENIENT_HOLES;
    if (end == LC_GIF_CUT)
        lc_image_judge(info, LC_DECODE_TRUNCATED, "%u of %u rows decoded",
                       info->rows_decoded, info->height);
    else if (end == LC_GIF_TOO_WIDE)
        lc_image_judge(info, LC_DECODE_CORRUPT, "codes of more than 12 bits");
    else
        lc_image_judge(info, LC_DECODE_CORRUPT, "the pixel data is corrupt");
}

/* A search for an index among pixels. */
struct search {
    int index;
    bool found;
};

static void find_index(void *user, const uint8_t *indexes, size_t count)
{
    struct search *search = user;

    search->found = search->found || memchr(indexes, search->index, count);
}

/* Whether a pixel has the transparent index. Codes without a string to search count as if
 * they had one. */
static bool is_transparent(const struct lc_gif_pixels *decoded, const struct frame *frame,
                           bool is_whole)
{
    struct search search = {frame->transparent, !is_whole};
    struct lc_gif_pixels pixels = *decoded;

    if (frame->transparent < 0)
        return false;
    if (search.found) /* Pillow fills the rest of the screen with it */
        return true;
    pixels.got = 0;
    pixels.put = find_index;
    pixels.user = &search;
    return lc_gif_decode(&pixels) != LC_GIF_DONE || search.found;
}

/* Pillow's load(), for the first frame. */
static void load(struct gif *gif, const struct frame *frame, struct lc_bytes table)
{
    struct lc_image_info *info = gif->info;
    uint32_t colours[LC_GIF_COLOURS];
    struct lc_gif_pixels pixels = {
        .file = {gif->data, gif->size},
        .at = frame->codes_at,
        .bits = frame->bits,
        .colours = colours,
    };
    uint32_t width = frame->right - frame->left;
    uint32_t height = frame->bottom - frame->top;
    enum lc_gif_end end;

    /* Pillow 9.4 treats it as the whole picture */
    if (frame->right == 0 && info->width > 0 && info->height > 0) {
        lc_image_judge(info, LC_DECODE_CORRUPT,
                       "a frame of width 0 at the left border" LC_PILLOW_11_1);
        return;
    }
    if (width == 0 || height == 0) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "the frame's width or height is 0");
        return;
    }
    fill_colours(table, colours);
    pixels.wanted = (uint64_t)width * height;
    if (width != info->width || height != info->height)
        lc_tone_add(&pixels.tone,
                    colours[frame->transparent < 0 ? 0 : frame->transparent]);
    end = lc_gif_decode(&pixels);
    info->rows_decoded = (uint32_t)(pixels.got / width);
    if (end != LC_GIF_DONE) {
        judge_end(info, end);
        return;
    }
    info->rows_decoded = info->height;
    info->transparent =
        is_transparent(&pixels, frame, width == info->width && height == info->height);
    if (gif->has_junk)
        lc_image_warn(info, "bytes between blocks at offset %zu", gif->junk);
    lc_image_accept(info);
    info->blank = info->decode == LC_DECODE_OK && !pixels.tone.mixed;
}

/* Count the other frames and the bytes after the last one. */
static void count_frames(struct gif *gif)
{
    struct lc_image_info copy = *gif->info;
    struct lc_image_info *info = gif->info;
    enum walk walk = WALK_FRAME;
    struct frame frame;

    gif->info = &copy; /* faults after the first frame do not matter */
    while (walk == WALK_FRAME) {
        info->frames++;
        copy.frames++;
        skip_blocks(gif);
        walk = next_frame(gif, &frame);
    }
    if (gif->has_trailer)
        info->trailing = gif->size - gif->at;
    else if (info->decode == LC_DECODE_OK)
        info->lenient = LC_LENIENT_WHOLE;
    gif->info = info;
}

enum lc_status lc_gif_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err)
{
    struct gif gif = {.data = data, .size = size, .info = out, .limits = limits};
    struct lc_bytes table;
    struct frame frame;
    enum walk walk;

    (void)scratch;
    (void)err;
    if (size < HEADER_SIZE) {
        lc_image_judge(out, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return LC_OK;
    }
    read_screen(&gif);
    walk = next_frame(&gif, &frame);
    if (walk == WALK_END)
        refuse(&gif, "no picture");
    if (walk != WALK_FRAME)
        return LC_OK;
    table = pick_colours(&gif, &frame);
    if (out->width == 0 || out->height == 0) {
        refuse(&gif, "the width or height is 0");
        return LC_OK;
    }
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    load(&gif, &frame, table);
    count_frames(&gif);
    return LC_OK;
}

bool lc_gif_open(const uint8_t *data, size_t size, struct lc_gif_first *out)
{
    struct lc_image_info info = {0};
    const struct lc_image_limits limits = {.max_pixels = UINT64_MAX};
    struct gif gif = {.data = data, .size = size, .info = &info, .limits = &limits};
    struct lc_bytes table;
    struct frame frame;

    if (size < HEADER_SIZE)
        return false;
    read_screen(&gif);
    if (next_frame(&gif, &frame) != WALK_FRAME)
        return false;
    *out = (struct lc_gif_first){
        .width = info.width,
        .height = info.height,
        .left = frame.left,
        .top = frame.top,
        .right = frame.right,
        .bottom = frame.bottom,
        .is_interlaced = frame.is_interlaced,
        .transparent = frame.transparent,
        .pixels = {.file = {data, size},
                   .at = frame.codes_at,
                   .bits = frame.bits,
                   .wanted =
                       (uint64_t)(frame.right - frame.left) * (frame.bottom - frame.top),
                   .colours = out->colours},
    };
    table = pick_colours(&gif, &frame);
    fill_colours(table, out->colours);
    out->colour_count = is_ramp(table) ? LC_GIF_COLOURS : (uint32_t)(table.size / 3);
    return true;
}
