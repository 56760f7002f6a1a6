#include "cli/gauge.h"

#include "llava_check/rules.h"

#include <stdio.h>
#include <string.h>

#define SAMPLE_S                                                                         \
    0.5 /* between two samples: rates are those of the last eight seconds                \
         */
#define MAX_BAR 40
#define MIN_BAR 10
#define PART 80

/* The names of stages: in JSON and times, and in a line of a stage without a total. */
static const struct {
    const char *name;
    const char *sentence;
    const char *unit; /* of done and total, in JSON */
} stages[LC_STAGE_COUNT] = {
    [LC_STAGE_ROWS] = {"rows", "reading the rows files", "\"bytes\""},
    [LC_STAGE_LINKS] = {"links", "matching rows and images", "null"},
    [LC_STAGE_IMAGES] = {"images", "reading the images", "\"images\""},
    [LC_STAGE_SET] = {"set", "comparing rows and images", "null"},
    [LC_STAGE_INDEX] = {"index", "writing the index", "null"},
    [LC_STAGE_COPY] = {"copy", "placing images", "\"images\""},
    [LC_STAGE_HASH] = {"hash", "computing checksums", "\"files\""},
};

void lc_gauge_update(struct lc_gauge *gauge, const struct lc_progress *progress,
                     double time)
{
    bool next = !gauge->started || gauge->now.stage != progress->stage ||
                (!gauge->now.total && progress->total);
    struct lc_sample *last;

    if (!gauge->started)
        gauge->began = gauge->last_due = gauge->time = time;
    gauge->spent[gauge->now.stage] += time - gauge->time;
    if (next) {
        gauge->sample_count = 0;
    }
    gauge->started = true;
    gauge->now = *progress;
    gauge->time = time;
    last = gauge->sample_count ? &gauge->samples[gauge->sample_count - 1] : NULL;
    if (last && time - last->time < SAMPLE_S)
        return;
    if (gauge->sample_count == LC_GAUGE_SAMPLES) {
        gauge->sample_count--;
        memmove(gauge->samples, gauge->samples + 1,
                gauge->sample_count * sizeof(gauge->samples[0]));
    }
    gauge->samples[gauge->sample_count++] =
        (struct lc_sample){time, progress->done, progress->bytes};
}

bool lc_gauge_is_due(struct lc_gauge *gauge, double interval)
{
    if (gauge->time - gauge->last_due < interval)
        return false;
    gauge->last_due = gauge->time;
    return true;
}

/* The speed: items and bytes per second. */
struct pace {
    double done;
    double bytes;
    double left; /* seconds left; negative: unknown */
};

static struct pace pace_of(const struct lc_gauge *gauge)
{
    const struct lc_sample *first = &gauge->samples[0];
    double passed = gauge->sample_count ? gauge->time - first->time : 0;
    struct pace pace = {.left = -1};

    if (passed < 0.05)
        return pace;
    pace.done = (double)(gauge->now.done - first->done) / passed;
    pace.bytes = (double)(gauge->now.bytes - first->bytes) / passed;
    if (pace.done > 0)
        pace.left = (double)(gauge->now.total - gauge->now.done) / pace.done;
    return pace;
}

/* "1h02m", "3m20s", "12s" */
static void format_duration(double duration, char *out, size_t size)
{
    unsigned long all = duration < 1e8 ? (unsigned long)(duration + 0.5) : 100000000;

    if (duration < 0)
        snprintf(out, size, "?");
    else if (all >= 3600)
        snprintf(out, size, "%luh%02lum", all / 3600, all / 60 % 60);
    else if (all >= 60)
        snprintf(out, size, "%lum%02lus", all / 60, all % 60);
    else
        snprintf(out, size, "%lus", all);
}

/* "1,234,567" */
static void format_count(uint64_t count, char *out, size_t size)
{
    char digits[24];
    size_t length =
        (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    size_t used = 0;

    for (size_t i = 0; i < length && used + 2 < size; i++) {
        if (i && (length - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

/* Format "12 errors, 1 warning"; empty if there are none. */
static void format_findings(const struct lc_progress *now, char *out, size_t size)
{
    static const struct {
        enum lc_severity severity;
        const char *name;
    } levels[] = {{LC_SEVERITY_ERROR, "error"}, {LC_SEVERITY_WARNING, "warning"}};
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < 2; i++) {
        uint64_t count = now->findings[levels[i].severity];
        char number[32];

        format_count(count, number, sizeof(number));
        if (count && used < size)
            used +=
                (size_t)snprintf(out + used, size - used, "%s%s %s%s", used ? ", " : "",
                                 number, levels[i].name, count == 1 ? "" : "s");
    }
}

/* The parts of a line, in order. */
enum part {
    PART_PERCENT,
    PART_COUNT,
    PART_RATE,
    PART_BYTES,
    PART_ETA,
    PART_FINDINGS,
    PARTS
};

/* Fill the parts; a part without data is empty. If padded, a part keeps its width while
 * its numbers grow, so that the line does not jump. */
static void fill_parts(const struct lc_gauge *gauge, bool padded, char parts[PARTS][PART])
{
    const struct lc_progress *now = &gauge->now;
    struct pace pace = pace_of(gauge);
    char count[32], total[32], rate[32], eta[24];
    int pad = padded ? 1 : 0;

    format_count(now->done, count, sizeof(count));
    format_count(now->total, total, sizeof(total));
    format_count((uint64_t)pace.done, rate, sizeof(rate));
    format_duration(pace.left, eta, sizeof(eta));
    memset(parts, 0, PARTS * sizeof(parts[0]));
    format_findings(now, parts[PART_FINDINGS], PART);
    if (!now->total)
        return;
    snprintf(parts[PART_PERCENT], PART, "%*u%%", pad * 3,
             (unsigned)((double)now->done / (double)now->total * 100));
    if (now->stage == LC_STAGE_IMAGES || now->stage == LC_STAGE_COPY ||
        now->stage == LC_STAGE_HASH) {
        snprintf(parts[PART_COUNT], PART, "%*s of %s", pad * (int)strlen(total), count,
                 total);
        snprintf(parts[PART_RATE], PART, "%*s/s", pad * 6, rate);
    }
    snprintf(parts[PART_BYTES], PART, "%*.0f MB/s", pad * 4, pace.bytes / 1e6);
    snprintf(parts[PART_ETA], PART, "ETA %-*s", pad * 6, eta);
}

/* The columns that the parts need, each preceded by two blanks. */
static size_t parts_width(char parts[PARTS][PART])
{
    size_t width = 0;

    for (int i = 0; i < PARTS; i++)
        width += parts[i][0] ? strlen(parts[i]) + 2 : 0;
    return width;
}

static size_t append_bar(const struct lc_progress *now, size_t width, char *out)
{
    size_t inner = width - 2, filled = 0;

    if (now->total)
        filled = (size_t)((double)now->done / (double)now->total * (double)inner);
    out[0] = '[';
    memset(out + 1, ' ', inner);
    memset(out + 1, '=', filled < inner ? filled : inner);
    if (filled < inner)
        out[1 + filled] = '>';
    out[1 + inner] = ']';
    return width;
}

/* Truncate a text to width columns, never within a character. */
static void cut(char *text, size_t width)
{
    for (; *text; text++) {
        if (((unsigned char)*text & 0xC0) == 0x80)
            continue;
        if (!width--)
            break;
    }
    *text = '\0';
}

void lc_gauge_bar(const struct lc_gauge *gauge, size_t width, char *out)
{
    /* in the order in which they are omitted from a narrow line */
    static const enum part dispensable[] = {PART_BYTES, PART_RATE,     PART_COUNT,
                                            PART_ETA,   PART_FINDINGS, PART_PERCENT};
    char parts[PARTS][PART];
    size_t used, limit;
    int lost = 0;

    /* leave space for the echo of a pressed key */
    limit = width > 3 ? width - 3 : 0;
    if (limit > LC_GAUGE_LINE - 1)
        limit = LC_GAUGE_LINE - 1;
    fill_parts(gauge, true, parts);
    if (gauge->now.total)
        used =
            (size_t)snprintf(out, LC_GAUGE_LINE, "%-8s", stages[gauge->now.stage].name);
    else
        used = (size_t)snprintf(out, LC_GAUGE_LINE, "%s …",
                                stages[gauge->now.stage].sentence);
    while (lost < PARTS && used + parts_width(parts) + MIN_BAR > limit)
        parts[dispensable[lost++]][0] = '\0';
    if (gauge->now.total && used + parts_width(parts) + MIN_BAR <= limit) {
        size_t bar = limit - used - parts_width(parts);

        used += append_bar(&gauge->now, bar < MAX_BAR ? bar : MAX_BAR, out + used);
    }
    for (int i = 0; i < PARTS; i++)
        if (parts[i][0])
            used += (size_t)snprintf(out + used, LC_GAUGE_LINE - used, "  %s", parts[i]);
    cut(out, limit);
}

void lc_gauge_sentence(const struct lc_gauge *gauge, char *out)
{
    char parts[PARTS][PART];
    size_t used;
    bool any = false;

    fill_parts(gauge, false, parts);
    used = (size_t)snprintf(out, LC_GAUGE_LINE, "%s", stages[gauge->now.stage].sentence);
    for (int i = 0; i < PARTS; i++) {
        if (!parts[i][0])
            continue;
        used += (size_t)snprintf(out + used, LC_GAUGE_LINE - used, "%s%s",
                                 any ? ", " : ": ", parts[i]);
        any = true;
    }
}

void lc_gauge_json(const struct lc_gauge *gauge, bool over, char *out)
{
    const struct lc_progress *now = &gauge->now;
    struct pace pace = pace_of(gauge);
    char left[32] = "null";

    if (!over && now->total && pace.left >= 0)
        snprintf(left, sizeof(left), "%.1f", pace.left);
    snprintf(out, LC_GAUGE_LINE,
             "{\"stage\": \"%s\", \"unit\": %s, \"done\": %llu, \"total\": %llu, "
             "\"bytes\": %llu, \"errors\": %llu, \"warnings\": %llu, \"infos\": %llu, "
             "\"seconds\": %.3f, \"rate\": %.1f, \"bytes_rate\": %.0f, \"eta\": %s}",
             over ? "over" : stages[now->stage].name,
             over ? "null" : stages[now->stage].unit, (unsigned long long)now->done,
             (unsigned long long)now->total, (unsigned long long)now->bytes,
             (unsigned long long)now->findings[LC_SEVERITY_ERROR],
             (unsigned long long)now->findings[LC_SEVERITY_WARNING],
             (unsigned long long)now->findings[LC_SEVERITY_INFO],
             gauge->time - gauge->began, pace.done, pace.bytes, left);
}

void lc_gauge_times(const struct lc_gauge *gauge, char *out)
{
    size_t used = 0;

    for (int i = 0; i < LC_STAGE_COUNT; i++)
        if (gauge->spent[i] > 0)
            used += (size_t)snprintf(out + used, LC_GAUGE_LINE - used, "%s%s %.1f s",
                                     used ? ", " : "", stages[i].name, gauge->spent[i]);
    snprintf(out + used, LC_GAUGE_LINE - used, "%s%.1f s in all", used ? "; " : "",
             gauge->time - gauge->began);
}
