#include "image/jpeg/damage.h"

#include <assert.h>
#include <stdio.h>

static const char *const faults[] = {
    [LC_JPEG_BAD_CODE] = "invalid Huffman code",
    [LC_JPEG_TOO_MANY] = "too many coefficients in a block",
    [LC_JPEG_LONG_RUN] = "run of empty blocks past the last block",
    [LC_JPEG_ENDS_EARLY] = "the data ends early",
    [LC_JPEG_BAD_RESTART] = "restart marker out of order",
};

/* " in scan 3", or nothing if one scan holds the picture. */
static const char *name_scan(const struct lc_jpeg_damage *damage, char *out, size_t size)
{
    out[0] = '\0';
    if (damage->scan > 0)
        snprintf(out, size, " in scan %u", (unsigned)damage->scan);
    return out;
}

/* The share of the picture after the first `mcus` MCUs of the scan, in thousandths. */
static unsigned share_after(const struct lc_jpeg_damage *damage, uint64_t mcus)
{
    return (unsigned)((damage->mcus - mcus) * 1000 / damage->mcus);
}

static void describe_component(const struct lc_jpeg_damage *damage, char *out)
{
    snprintf(out, LC_JPEG_DAMAGE_TEXT, "colour component %u is %s", damage->component,
             damage->fault == LC_JPEG_CODED_TWICE ? "coded twice" : "missing");
}

/* The fault may be anywhere in the interval: its data decoded to valid MCUs that are too
 * short. */
static void describe_left_over(const struct lc_jpeg_damage *damage, char *out)
{
    unsigned after = share_after(damage, damage->mcu);
    char scan[24];

    snprintf(out, LC_JPEG_DAMAGE_TEXT,
             "MCU %llu to %llu of %llu%s: %llu byte%s left over; "
             "%u.%u %% of the picture follows",
             (unsigned long long)damage->begin + 1, (unsigned long long)damage->mcu,
             (unsigned long long)damage->mcus, name_scan(damage, scan, sizeof(scan)),
             (unsigned long long)damage->bytes, damage->bytes == 1 ? "" : "s", after / 10,
             after % 10);
}

void lc_jpeg_damage_describe(const struct lc_jpeg_damage *damage, char *out)
{
    unsigned after;
    char scan[24];

    assert(damage->fault != LC_JPEG_INTACT);
    if (damage->fault == LC_JPEG_CODED_TWICE || damage->fault == LC_JPEG_NOT_CODED) {
        describe_component(damage, out);
        return;
    }
    assert(damage->mcus > 0 && damage->mcu <= damage->mcus);
    if (damage->fault == LC_JPEG_LEFT_OVER) {
        describe_left_over(damage, out);
        return;
    }
    assert(damage->mcu < damage->mcus);
    after = share_after(damage, damage->mcu + 1);
    snprintf(out, LC_JPEG_DAMAGE_TEXT,
             "MCU %llu of %llu%s: %s; %u.%u %% of the picture follows",
             (unsigned long long)damage->mcu + 1, (unsigned long long)damage->mcus,
             name_scan(damage, scan, sizeof(scan)), faults[damage->fault], after / 10,
             after % 10);
}
