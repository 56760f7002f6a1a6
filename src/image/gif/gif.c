#include "image/gif/gif.h"

#include "image/gif/lzw.h"
#include "image/common/decoder.h"

#include <stdio.h>
#include <string.h>

/* Bytes that begin a part of a GIF, and the labels of extensions: GIF89a specification,
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
    struct lc_bytes colours; /* of the screen; size 0 when there are none */
    size_t junk;             /* where the first byte stands that belongs to nothing */
    bool has_junk;
};

struct frame {
    uint32_t left, top, right, bottom;
    struct lc_bytes colours; /* of its own */
    bool has_colours;
    int transparent; /* index, or -1 */
    unsigned bits;   /* of a first code */
    size_t codes_at;
};

/* What Pillow's search for the next frame comes to. */
enum walk { WALK_FRAME, WALK_END, WALK_RAISES };

/* Pillow does not tell why it cannot identify a file. */
static enum walk refuse(struct gif *gif, const char *why)
{
    if (gif->at >= gif->size)
        lc_image_judge(gif->info, LC_DECODE_TRUNCATED, "the file ends inside its header");
    else
        lc_image_judge(gif->info, LC_DECODE_CORRUPT, "%s", why);
    return WALK_RAISES;
}

static struct lc_bytes take(struct gif *gif, size_t size)
{
    struct lc_bytes taken = {gif->data + gif->at, gif->size - gif->at};

    if (taken.size > size)
        taken.size = size;
    gif->at += taken.size;
    return taken;
}

/* A block with its length before it. Without one, false: its length is 0, or not there;
 * the last block of a file may be empty all the same. */
static bool take_block(struct gif *gif, struct lc_bytes *block)
{
    struct lc_bytes length = take(gif, 1);

    if (length.size == 0 || length.data[0] == 0)
        return false;
    *block = take(gif, length.data[0]);
    return true;
}

static void skip_blocks(struct gif *gif)
{
    struct lc_bytes block;

    while (take_block(gif, &block) && block.size > 0)
        ;
}

static bool take_control(struct lc_bytes block, struct frame *frame)
{
    bool is_transparent = block.size > 0 && (block.data[0] & 1) != 0;

    if (block.size < 3 || (is_transparent && block.size < 4))
        return false;
    if (is_transparent)
        frame->transparent = block.data[3];
    return true;
}

/*
 * Pillow takes the first block apart from the others: where it is missing, the byte
 * behind its length counts as the length of a next one.
 */
static enum walk skip_extension(struct gif *gif, struct frame *frame)
{
    static const char netscape[] = "NETSCAPE2.0";
    struct lc_bytes label = take(gif, 1);
    struct lc_bytes block = {NULL, 0};
    bool has_block = take_block(gif, &block);
    bool is_first = gif->info->frames == 0;

    if (label.size == 0)
        return refuse(gif, "an extension without a label");
    if (label.data[0] == COMMENT) {
        if (has_block && block.size > 0)
            skip_blocks(gif);
        return WALK_FRAME;
    }
    if (label.data[0] == GRAPHIC_CONTROL && !(has_block && take_control(block, frame)))
        return refuse(gif, "a graphic control block that is too short");
    if (label.data[0] == APPLICATION && is_first) {
        if (!has_block)
            return refuse(gif, "an application extension without a name");
        if (block.size >= sizeof(netscape) - 1 &&
            memcmp(block.data, netscape, sizeof(netscape) - 1) == 0 &&
            !take_block(gif, &block))
            return refuse(gif, "a NETSCAPE2.0 extension without a block");
    }
    skip_blocks(gif);
    return WALK_FRAME;
}

/* A picture that reaches beyond the screen makes it larger, if it is the first. */
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

static enum walk take_descriptor(struct gif *gif, struct frame *frame)
{
    struct lc_bytes s = take(gif, DESCRIPTOR_SIZE);
    struct lc_bytes bits;

    if (s.size < DESCRIPTOR_SIZE - 1)
        return refuse(gif, "");
    frame->left = lc_le16(s.data);
    frame->top = lc_le16(s.data + 2);
    frame->right = frame->left + lc_le16(s.data + 4);
    frame->bottom = frame->top + lc_le16(s.data + 6);
    if (gif->info->frames == 0 && !grow(gif, frame))
        return WALK_RAISES;
    if (s.size < DESCRIPTOR_SIZE) /* the flags: Pillow looks at the size before */
        return refuse(gif, "");
    frame->has_colours = (s.data[8] & HAS_COLOURS) != 0;
    if (frame->has_colours)
        frame->colours = take(gif, (size_t)6 << (s.data[8] & COLOUR_BITS));
    bits = take(gif, 1);
    if (bits.size == 0)
        return refuse(gif, "");
    frame->bits = bits.data[0];
    frame->codes_at = gif->at;
    return WALK_FRAME;
}

/* Go to the next frame. Pillow passes over bytes that begin nothing. */
static enum walk next_frame(struct gif *gif, struct frame *frame)
{
    *frame = (struct frame){.transparent = -1};
    for (;;) {
        struct lc_bytes first = take(gif, 1);

        if (first.size == 0 || first.data[0] == TRAILER)
            return WALK_END;
        if (first.data[0] == DESCRIPTOR)
            return take_descriptor(gif, frame);
        if (first.data[0] == EXTENSION) {
            if (skip_extension(gif, frame) != WALK_FRAME)
                return WALK_RAISES;
        } else if (first.data[0] != 0 && !gif->has_junk) {
            gif->junk = gif->at - 1;
            gif->has_junk = true;
        }
    }
}

/* Pillow takes a table of colours in which each colour is its index for no table. */
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

static void take_screen(struct gif *gif)
{
    struct lc_bytes s = take(gif, HEADER_SIZE);

    gif->info->width = lc_le16(s.data + 6);
    gif->info->height = lc_le16(s.data + 8);
    take(gif, 2); /* the background's colour and the pixels' shape, even if cut */
    if (s.data[10] & HAS_COLOURS)
        gif->colours = take(gif, (size_t)6 << (s.data[10] & COLOUR_BITS));
}

/* The first frame's mode and depth, and the table its colours come from. */
static struct lc_bytes choose_colours(struct gif *gif, const struct frame *frame)
{
    struct lc_image_info *info = gif->info;
    struct lc_bytes table = frame->has_colours ? frame->colours : gif->colours;
    bool is_gray = is_ramp(table);

    info->depth = 8;
    while (table.size > 0 && table.size < (size_t)3 << info->depth)
        info->depth--;
    snprintf(info->mode, sizeof(info->mode), "%s", is_gray ? "L" : "P");
    /* a gray table of the frame's own does not keep Pillow from taking the screen's */
    return is_gray ? gif->colours : table;
}

/* Colours that the table does not hold are grays. */
static void spread(struct lc_bytes table, uint32_t *colours)
{
    uint32_t i;

    for (i = 0; i < LC_GIF_COLOURS; i++)
        colours[i] = i * 0x010101;
    for (i = 0; i < table.size / 3; i++)
        colours[i] = lc_be24(table.data + (size_t)3 * i);
}

static void judge_end(struct lc_image_info *info, enum lc_gif_end end)
{
    if (end == LC_GIF_CUT)
        lc_image_judge(info, LC_DECODE_TRUNCATED, "%u of %u rows decoded",
                       info->rows_decoded, info->height);
    else if (end == LC_GIF_TOO_WIDE)
        lc_image_judge(info, LC_DECODE_CORRUPT, "codes of more than 12 bits");
    else
        lc_image_judge(info, LC_DECODE_CORRUPT, "the pixels' stream is broken");
}

/* Pillow's load() of the first frame. */
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

    /* Pillow 9.4 takes it for the whole picture */
    if (frame->right == 0 && info->width > 0 && info->height > 0) {
        lc_image_judge(info, LC_DECODE_CORRUPT,
                       "a frame without a width at the left border" LC_PILLOW_11_1);
        return;
    }
    if (width == 0 || height == 0) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "the frame has no pixels");
        return;
    }
    spread(table, colours);
    pixels.wanted = (uint64_t)width * height;
    if (width != info->width || height != info->height)
        lc_tone_add(&pixels.tone,
                    colours[frame->transparent < 0 ? 0 : frame->transparent]);
    end = lc_gif_follow(&pixels);
    info->rows_decoded = (uint32_t)(pixels.got / width);
    if (end != LC_GIF_DONE) {
        judge_end(info, end);
        return;
    }
    info->rows_decoded = info->height;
    if (gif->has_junk)
        lc_image_warn(info, "bytes that begin no block at %zu", gif->junk);
    lc_image_accept(info);
    info->blank = info->decode == LC_DECODE_OK && !pixels.tone.mixed;
}

/* Count the other frames, and what is behind the last one. */
static void count_frames(struct gif *gif)
{
    struct lc_image_info copy = *gif->info;
    struct lc_image_info *info = gif->info;
    enum walk walk = WALK_FRAME;
    struct frame frame;

    gif->info = &copy; /* what is wrong behind the first frame does not matter */
    while (walk == WALK_FRAME) {
        info->frames++;
        copy.frames++;
        skip_blocks(gif);
        walk = next_frame(gif, &frame);
    }
    if (walk == WALK_END && gif->data[gif->at - 1] == TRAILER)
        info->trailing = gif->size - gif->at;
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
    take_screen(&gif);
    walk = next_frame(&gif, &frame);
    if (walk == WALK_END)
        refuse(&gif, "no picture");
    if (walk != WALK_FRAME)
        return LC_OK;
    table = choose_colours(&gif, &frame);
    if (out->width == 0 || out->height == 0) {
        refuse(&gif, "the picture has no pixels");
        return LC_OK;
    }
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    load(&gif, &frame, table);
    count_frames(&gif);
    return LC_OK;
}
