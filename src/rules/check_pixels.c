/* The IMG rules about the properties of images that load; check_image.c checks whether
 * they load. */
#include "rules/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Qwen's MAX_RATIO: its processor raises an error above it. */
#define MAX_RATIO 200

/* If LLaVA 1.5 pads a picture to a square of this side, it takes 4 GB, and more as
 * floats. */
#define LONG_SIDE 32768

/* Image processors mistake a side of up to this many pixels for the channel axis. */
#define LARGEST_TINY 3

/* The facts of an image that was read and is an image; otherwise NULL. */
static const struct lc_image_info *image_of(const struct lc_facts *facts)
{
    const struct lc_image_facts *image = facts->image;

    if (!image->opened || image->result != LC_READ_OK ||
        image->info.content < LC_CONTENT_JPEG ||
        image->info.content > LC_CONTENT_OTHER_IMAGE)
        return NULL;
    return &image->info;
}

/* The same if Pillow loads the image: rules about pixels need a whole picture. */
static const struct lc_image_info *loaded(const struct lc_facts *facts)
{
    const struct lc_image_info *info = image_of(facts);

    return info && (info->decode == LC_DECODE_OK || info->decode == LC_DECODE_DAMAGED)
               ? info
               : NULL;
}

/* The same if the size is known and can be trusted. A truncated picture has a size, and
 * some trainers load it; but in a corrupt file the size may be the fault itself. */
static const struct lc_image_info *sized(const struct lc_facts *facts)
{
    const struct lc_image_info *info = image_of(facts);

    return info && info->width && info->height && info->decode != LC_DECODE_CORRUPT
               ? info
               : NULL;
}

static uint32_t shorter(const struct lc_image_info *info)
{
    return info->width < info->height ? info->width : info->height;
}

void lc_check_IMG512(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = sized(facts);

    struct lc_finding *finding;

    if (!info || shorter(info) > LARGEST_TINY)
        return;
    finding = lc_emit(out, rule, "%u x %u pixels", info->width, info->height);
    if (info->width == 1 && info->height == 1)
        lc_finding_case(finding, LC_CASE_IMG512_PIXEL);
    else if (shorter(info) == 1)
        lc_finding_case(finding, LC_CASE_IMG512_LINE);
}

/*
 * LLaVA-NeXT's grids (image_grid_pinpoints of its training scripts), with width and
 * height as multiples of the vision tower's side. Each tower yields PATCHES x PATCHES
 * features of TOWER pixels.
 */
static const struct {
    uint32_t columns, rows;
} grids[] = {{1, 2}, {2, 1}, {2, 2}, {3, 1}, {1, 3}};

enum { TOWER = 336, PATCHES = 24 };

/* Pick the index in grids as in llava/mm_utils.py, select_best_resolution. The arithmetic
 * is Python's, which rounds down products of doubles. */
static size_t pick_grid(double width, double height)
{
    uint64_t most = 0, least = UINT64_MAX;
    size_t best = 0;

    for (size_t i = 0; i < sizeof(grids) / sizeof(grids[0]); i++) {
        uint64_t columns = (uint64_t)grids[i].columns * TOWER;
        uint64_t rows = (uint64_t)grids[i].rows * TOWER;
        double across = (double)columns / width, down = (double)rows / height;
        double scale = across < down ? across : down;
        double scaled =
            (double)(uint64_t)(width * scale) * (double)(uint64_t)(height * scale);
        double own = width * height;
        uint64_t effective = (uint64_t)(scaled < own ? scaled : own);
        uint64_t wasted = columns * rows - effective;

        if (effective > most || (effective == most && wasted < least)) {
            most = effective;
            least = wasted;
            best = i;
        }
    }
    return best;
}

/*
 * Whether LLaVA-NeXT's detail view of a picture is empty: llava/model/llava_arch.py,
 * unpad_image, cuts off the padding from the features of the grid, and rounds the rest of
 * the picture's shorter side down to whole features.
 */
static bool has_empty_detail_view(double width, double height)
{
    size_t grid = pick_grid(width, height);
    double columns = grids[grid].columns * PATCHES, rows = grids[grid].rows * PATCHES;

    if (width / height > columns / rows)
        return height * (columns / width) < 1;
    return width * (rows / height) < 1;
}

void lc_check_IMG513(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = sized(facts);
    struct lc_finding *finding;
    uint32_t side, longer;
    bool over;

    if (!info)
        return;
    side = shorter(info);
    longer = info->width < info->height ? info->height : info->width;
    over = longer > (uint64_t)side * MAX_RATIO;
    if (!over && !has_empty_detail_view(info->width, info->height))
        return;
    finding = lc_emit(out, rule, "%u x %u pixels, %.1f to 1", info->width, info->height,
                      (double)longer / side);
    if (finding && !over) {
        finding->severity = LC_SEVERITY_INFO;
        lc_finding_case(finding, longer > LONG_SIDE ? LC_CASE_IMG513_LONG_THIN
                                                    : LC_CASE_IMG513_THIN);
    } else if (longer > LONG_SIDE) {
        lc_finding_case(finding, LC_CASE_IMG513_LONG);
    }
}

void lc_check_IMG514(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    /* what a viewer does but a loader does not */
    static const char *const turns[] = {
        [2] = "mirrored left to right",
        [3] = "rotated 180 degrees",
        [4] = "mirrored top to bottom",
        [5] = "mirrored along the diagonal from the upper left",
        [6] = "rotated 90 degrees clockwise",
        [7] = "mirrored along the diagonal from the upper right",
        [8] = "rotated 90 degrees counterclockwise",
    };
    const struct lc_image_info *info = loaded(facts);
    struct lc_finding *finding;

    if (!info || info->orientation < 2 || info->orientation > 8 ||
        info->content == LC_CONTENT_TIFF) /* Pillow itself turns these */
        return;
    finding = lc_emit(out, rule, "orientation %d: viewers show it %s", info->orientation,
                      turns[info->orientation]);
    if (info->content == LC_CONTENT_WEBP)
        lc_finding_case(finding, LC_CASE_IMG514_WEBP);
}

/* Describe a Pillow mode. Gray may have more than 8 bits. */
static const char *mode_words(const char *mode)
{
    static const struct {
        const char *mode;
        const char *words;
    } modes[] = {
        {"L", "gray"},
        {"RGB", "RGB"},
        {"1", "bilevel"},
        {"P", "a palette"},
        {"PA", "a palette with alpha"},
        {"LA", "gray with alpha"},
        {"La", "gray with premultiplied alpha"},
        {"RGBA", "RGB with alpha"},
        {"RGBa", "RGB with premultiplied alpha"},
        {"RGBX", "RGB with a fourth channel"},
        {"CMYK", "CMYK"},
        {"YCbCr", "YCbCr"},
        {"LAB", "Lab colours"},
        {"HSV", "HSV colours"},
        {"F", "floating-point gray"},
        {"I", "gray"},
    };

    if (strncmp(mode, "I;16", 4) == 0)
        return "gray";
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        if (strcmp(mode, modes[i].mode) == 0)
            return modes[i].words;
    return "pixels of another kind";
}

/* Whether LLaMA-Factory scales the image before it converts the mode: the pixels then
 * differ from those of an image that is converted to RGB first. Source: mm_plugin.py,
 * MMPluginMixin._preprocess_image; image_max_pixels of examples/train_lora. */
static bool is_scaled_first(const struct lc_image_info *info)
{
    uint64_t pixels = (uint64_t)info->width * info->height;

    return pixels > UINT64_C(512) * 512 || pixels < UINT64_C(32) * 32;
}

static enum lc_case_index case_of_mode(const struct lc_image_info *info)
{
    static const struct {
        const char *mode;
        enum lc_case_index which;
    } cases[] = {
        {"1", LC_CASE_IMG515_BILEVEL},  {"P", LC_CASE_IMG515_PALETTE},
        {"PA", LC_CASE_IMG515_ALPHA},   {"LA", LC_CASE_IMG515_ALPHA},
        {"La", LC_CASE_IMG515_ALPHA},   {"RGBA", LC_CASE_IMG515_ALPHA},
        {"RGBa", LC_CASE_IMG515_ALPHA}, {"CMYK", LC_CASE_IMG515_CMYK},
        {"F", LC_CASE_IMG515_FLOAT},    {"RGB", LC_CASE_IMG515_WIDE},
        {"L", LC_CASE_IMG515_WIDE}, /* of SGI, Pillow keeps the upper 8 bits */
    };
    static const struct {
        const char *mode;
        enum lc_case_index which;
    } scaled[] = {
        {"1", LC_CASE_IMG515_BILEVEL_SCALED},
        {"P", LC_CASE_IMG515_PALETTE_SCALED},
        {"CMYK", LC_CASE_IMG515_CMYK_SCALED},
    };

    if (info->transparent)
        return strcmp(info->mode, "RGBA") == 0 ? LC_CASE_IMG515_TRANSPARENT_RGBA
                                               : LC_CASE_IMG515_TRANSPARENT;
    for (size_t i = 0; i < sizeof(scaled) / sizeof(scaled[0]); i++)
        if (strcmp(info->mode, scaled[i].mode) == 0 && is_scaled_first(info))
            return scaled[i].which;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (strcmp(info->mode, cases[i].mode) == 0)
            return cases[i].which == LC_CASE_IMG515_ALPHA && info->depth > 8
                       ? LC_CASE_IMG515_ALPHA_WIDE
                       : cases[i].which;
    return info->depth > 8 ? LC_CASE_IMG515_DEEP : LC_CASE_IMG515_ANY;
}

void lc_check_IMG515(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = loaded(facts);
    char bits[16] = "";
    bool plain;

    if (!info || !info->mode[0])
        return;
    plain = strcmp(info->mode, "L") == 0 || strcmp(info->mode, "RGB") == 0;
    /* fewer bits are scaled to 8 without loss */
    if (plain && info->depth <= 8 && !info->transparent)
        return;
    if (info->depth > 8)
        snprintf(bits, sizeof(bits), "%d-bit ", info->depth);
    lc_finding_case(lc_emit(out, rule, "%s%s, Pillow's mode %s%s", bits,
                            mode_words(info->mode), info->mode,
                            info->transparent ? ", with transparent pixels" : ""),
                    case_of_mode(info));
}

void lc_check_IMG516(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = loaded(facts);
    struct lc_finding *finding;

    if (!info || info->frames <= 1)
        return;
    finding = lc_emit(out, rule, "%u frames", info->frames);
    if (strcmp(info->format, "gif") == 0)
        lc_finding_case(finding, LC_CASE_IMG516_GIF);
    if (strcmp(info->format, "webp") == 0)
        lc_finding_case(finding, LC_CASE_IMG516_WEBP);
}

void lc_check_IMG517(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = loaded(facts);

    if (!info || !info->trailing)
        return;
    /* bytes after a JPEG's first picture are those of an MPO, reported by IMG516 */
    if (info->content == LC_CONTENT_JPEG && info->frames > 1)
        return;
    lc_emit(out, rule, "%" PRIu64 " byte%s", info->trailing,
            info->trailing == 1 ? "" : "s");
}

void lc_check_IMG523(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = loaded(facts);

    if (!info || info->decode != LC_DECODE_OK || info->lenient != LC_LENIENT_WHOLE)
        return;
    if (info->content == LC_CONTENT_PNG)
        lc_emit(out, rule, "the checksum of the pixels is wrong, or cut off");
    else if (info->content == LC_CONTENT_GIF)
        lc_emit(out, rule, "the trailer is missing");
}

void lc_check_IMG519(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = loaded(facts);

    /* a single pixel is always uniform; reported by IMG512 */
    if (info && info->blank && (info->width > 1 || info->height > 1))
        lc_emit(out, rule, "%u x %u pixels of one colour", info->width, info->height);
}

void lc_check_IMG520(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    static const enum lc_case_index cases[] = {
        [LC_LENIENT_REFUSED] = LC_CASE_IMG520_REFUSED,
        [LC_LENIENT_HOLES] = LC_CASE_IMG520_HOLES,
        [LC_LENIENT_WHOLE] = LC_CASE_IMG520_WHOLE,
    };
    const struct lc_image_info *info = image_of(facts);

    if (info && info->decode == LC_DECODE_CORRUPT && info->metadata_too_large)
        lc_finding_case(lc_emit(out, rule, "%s", info->detail), cases[info->lenient]);
}
