/* image_rewrite.c - rewrite files as clean --transcode does, for the diff tests: FILE is
 * rewritten to FILE.new */

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "image/image.h"
#include "transcode/transcode.h"

static bool is_sound(const struct lc_image_info *info)
{
    return info->decode == LC_DECODE_OK && !info->warnings && !info->limited;
}

static void write_new(const char *path, const struct lc_buffer *bytes)
{
    char name[4096];
    FILE *file;

    assert(snprintf(name, sizeof(name), "%s.new", path) < (int)sizeof(name));
    file = fopen(name, "wb");
    assert(file && fwrite(bytes->data, 1, bytes->size, file) == bytes->size);
    assert(fclose(file) == 0);
}

/* Rewrite a file, and return the outcome in a word. */
static const char *rewrite(struct lc_image_scratch *scratch, const char *path,
                           uint32_t factor)
{
    struct lc_image_info info;
    struct lc_buffer made = {0};
    struct lc_map map = {0};
    const char *word = "unsound";

    if (lc_map_open(path, &map, NULL) != LC_OK)
        return "unread";
    assert(lc_image_inspect(scratch, (const uint8_t *)map.data, map.size,
                            &lc_image_limits_default, &info, NULL) == LC_OK);
    if (is_sound(&info)) {
        struct lc_span mode = {info.mode, strlen(info.mode)};

        word = "left";
        if (lc_transcode_can(info.content, mode, info.depth, info.width, info.height)) {
            word = "failed";
            if (lc_transcode((const uint8_t *)map.data, map.size, info.content,
                             info.orientation, factor, &made, NULL) == LC_OK) {
                write_new(path, &made);
                word = "new";
            }
        }
    }
    lc_buffer_clear(&made);
    lc_map_close(&map);
    return word;
}

/* image_rewrite [FACTOR] */
int main(int argc, char **argv)
{
    const uint32_t factor = argc > 1 ? (uint32_t)atoi(argv[1]) : 1;
    struct lc_image_scratch *scratch = NULL;
    char path[4096];

    assert(lc_image_scratch_new(&scratch, NULL) == LC_OK);
    while (fgets(path, sizeof(path), stdin)) {
        path[strcspn(path, "\n")] = '\0';
        printf("%s\n", rewrite(scratch, path, factor));
    }
    lc_image_scratch_free(scratch);
    return fclose(stdout) != 0;
}
