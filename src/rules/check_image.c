#include "rules/rules.h"

#include "image/others.h"

#include <string.h>
#include <strings.h>

/* Pillow's Image.MAX_IMAGE_PIXELS: Pillow warns above it, and raises an error above twice
 * that. */
#define WARN_PIXELS UINT64_C(89478485)
#define MAX_PIXELS UINT64_C(178956970)

/* The facts of an image whose file was read, so that its bytes can be judged; or NULL. */
static const struct lc_image_info *info_of(const struct lc_facts *facts)
{
    const struct lc_image_facts *image = facts->image;

    return image->opened && image->result == LC_READ_OK ? &image->info : NULL;
}

static bool is_image(const struct lc_image_info *info)
{
    return info->content >= LC_CONTENT_JPEG && info->content <= LC_CONTENT_OTHER_IMAGE;
}

void lc_check_IMG501(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_facts *image = facts->image;

    if (!image->opened || image->result != LC_READ_MISSING)
        return;
    if (image->nearest)
        lc_emit(out, rule, "no such file; %s", image->nearest); /* LC_FOLDER_MISSING */
    else
        lc_emit(out, rule, "no such file");
}

void lc_check_IMG502(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    static const char *const reasons[] = {
        [LC_READ_NOT_REGULAR] = "not a regular file",
        [LC_READ_NOT_ALLOWED] = "permission denied",
        [LC_READ_TOO_LARGE] = "larger than the limit for image files",
        [LC_READ_CHANGED] = "changed while it was being read",
    };
    const struct lc_image_facts *image = facts->image;
    char text[128];

    if (!image->opened || image->result == LC_READ_OK || image->result == LC_READ_MISSING)
        return;
    if (image->result == LC_READ_FAILED && image->nearest)
        lc_emit(out, rule, "%s", image->nearest);
    else if (image->result == LC_READ_FAILED)
        lc_emit(out, rule, "%s", strerror_r(image->os_errno, text, sizeof(text)));
    else
        lc_emit(out, rule, "%s", reasons[image->result]);
}

static bool is_http(struct lc_span url)
{
    return url.size > 4 && strncasecmp(url.text, "http", 4) == 0;
}

void lc_check_IMG503(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const char *outside = facts->image->outside;
    struct lc_finding *finding;

    if (!outside || facts->image->opened)
        return;
    finding = lc_emit(out, rule, "%s; not opened", outside);
    switch (lc_path_outside_kind(facts->image->path)) {
    case LC_OUTSIDE_ABSOLUTE:
        lc_finding_case(finding, LC_CASE_IMG503_ABSOLUTE);
        break;
    case LC_OUTSIDE_CLIMBS:
        lc_finding_case(finding, LC_CASE_IMG503_PARENT);
        break;
    case LC_OUTSIDE_URL:
        lc_finding_case(finding, is_http(facts->image->path) ? LC_CASE_IMG503_URL
                                                             : LC_CASE_IMG503_URL_OTHER);
        break;
    case LC_OUTSIDE_DATA_URI:
        lc_finding_case(finding, LC_CASE_IMG503_DATA_URI);
        break;
    case LC_OUTSIDE_NUL:
        lc_finding_case(finding, LC_CASE_IMG503_NUL);
        break;
    case LC_OUTSIDE_DRIVE:
    case LC_OUTSIDE_BACKSLASH:
        if (facts->image->absent)
            lc_finding_case(finding, LC_CASE_IMG503_FOREIGN);
        break;
    default:
        break;
    }
}

void lc_check_IMG522(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_facts *image = facts->image;

    if (image->outside || image->is_member)
        return;
    if (lc_text_strip(image->path).size < image->path.size)
        lc_finding_case(lc_emit(out, rule, "the path has white space at an end"),
                        LC_CASE_IMG522_SPACE);
    else if (image->path.size > 4 && memcmp(image->path.text, "http", 4) == 0)
        lc_emit(out, rule, "the path begins with http");
}

void lc_check_IMG504(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = info_of(facts);

    if (info && info->content == LC_CONTENT_EMPTY)
        lc_emit(out, rule, "0 bytes");
}

void lc_check_IMG505(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = info_of(facts);

    if (info && info->content == LC_CONTENT_LFS_POINTER)
        lc_emit(out, rule, "a git-LFS pointer");
}

void lc_check_IMG506(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = info_of(facts);

    if (!info || is_image(info) || info->content == LC_CONTENT_EMPTY ||
        info->content == LC_CONTENT_LFS_POINTER)
        return;
    if (info->content == LC_CONTENT_UNKNOWN)
        lc_emit(out, rule, "unrecognized content");
    else
        lc_emit(out, rule, "the bytes are %s", info->format);
}

void lc_check_IMG507(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    static const enum lc_case_index cases[] = {
        [LC_LENIENT_REFUSED] = LC_CASE_IMG507_REFUSED,
        [LC_LENIENT_HOLES] = LC_CASE_IMG507_HOLES,
        [LC_LENIENT_WHOLE] = LC_CASE_IMG507_WHOLE,
    };
    const struct lc_image_info *info = info_of(facts);
    struct lc_finding *finding;

    if (!info || info->decode != LC_DECODE_TRUNCATED)
        return;
    if (info->rows_decoded)
        finding = lc_emit(out, rule, "only %u of %u pixel rows are present",
                          info->rows_decoded, info->height);
    else
        finding = lc_emit(out, rule, "%s",
                          info->detail[0] ? info->detail : "no pixel rows are present");
    lc_finding_case(finding, cases[info->lenient]);
}

void lc_check_IMG508(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    static const enum lc_case_index cases[] = {
        [LC_LENIENT_REFUSED] = LC_CASE_IMG508_REFUSED,
        [LC_LENIENT_HOLES] = LC_CASE_IMG508_HOLES,
        [LC_LENIENT_WHOLE] = LC_CASE_IMG508_WHOLE,
    };
    const struct lc_image_info *info = info_of(facts);

    if (!info || info->decode != LC_DECODE_CORRUPT || info->metadata_too_large)
        return;
    lc_finding_case(lc_emit(out, rule, "%s", info->detail), cases[info->lenient]);
}

void lc_check_IMG509(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = info_of(facts);

    if (!info || info->decode != LC_DECODE_DAMAGED)
        return;
    if (info->warnings > 1)
        lc_emit(out, rule, "%s (and %u more)", info->detail, info->warnings - 1);
    else
        lc_emit(out, rule, "%s", info->detail);
}

void lc_check_IMG510(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = info_of(facts);
    enum lc_content named;
    char name[16]; /* the end of the path, longer than any suffix */
    size_t tail;

    if (!info || !is_image(info))
        return;
    tail = facts->image->path.size < sizeof(name) ? facts->image->path.size
                                                  : sizeof(name) - 1;
    memcpy(name, facts->image->path.text + facts->image->path.size - tail, tail);
    name[tail] = '\0';
    named = lc_image_content_of_name(name);
    if (named != LC_CONTENT_UNKNOWN && named != info->content)
        lc_emit(out, rule, "the content is %s", info->format);
}

void lc_check_IMG511(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = info_of(facts);
    struct lc_finding *finding;
    uint64_t pixels;

    if (!info || !is_image(info))
        return;
    pixels = (uint64_t)info->width * info->height;
    if (info->limited && pixels <= MAX_PIXELS) {
        lc_finding_case(lc_emit(out, rule, "%s; not decoded", info->detail),
                        LC_CASE_IMG511_LIMITED);
        return;
    }
    if (pixels <= WARN_PIXELS)
        return;
    finding = lc_emit(out, rule, "%u x %u pixels", info->width, info->height);
    if (pixels > MAX_PIXELS) {
        lc_finding_case(finding, LC_CASE_IMG511_REFUSED);
    } else if (finding) {
        finding->severity = LC_SEVERITY_WARNING;
        lc_finding_case(finding, LC_CASE_IMG511_WARNING);
    }
}

void lc_check_IMG518(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = info_of(facts);
    enum lc_pillow_support support;

    if (!info || info->content != LC_CONTENT_OTHER_IMAGE)
        return;
    support = lc_image_pillow_support(info->format);
    if (support == LC_PILLOW_OPENS || info->decode == LC_DECODE_TRUNCATED ||
        info->decode == LC_DECODE_CORRUPT) /* every Pillow refuses IMG507, IMG508 */
        return;
    lc_finding_case(lc_emit(out, rule, "the content is %s", info->format),
                    support == LC_PILLOW_NEWER_OPENS ? LC_CASE_IMG518_NEWER
                                                     : LC_CASE_IMG518_NEVER);
}

void lc_check_IMG521(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_image_info *info = info_of(facts);

    if (!info || !is_image(info) || info->decode != LC_DECODE_NONE || info->limited)
        return;
    if (info->content != LC_CONTENT_OTHER_IMAGE)
        lc_emit(out, rule, "%s",
                info->detail[0] ? info->detail : "its pixels were not decoded");
    else if (lc_image_pillow_support(info->format) == LC_PILLOW_OPENS)
        lc_emit(out, rule, "the content is %s%s%s", info->format,
                info->detail[0] ? ", " : "", info->detail);
}
