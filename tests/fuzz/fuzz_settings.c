/* fuzz_settings.c - what must be true for any settings file and command line
 *
 * Whatever they contain, they are accepted silently, or refused with printable lines; a
 * less trusted file can never set more than a more trusted one, and one in the data never
 * fails; and the settings can be freed.
 */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config.h"
#include "cli/options.h"

/* Collects the messages of a call in a text. */
struct said {
    FILE *before;
    FILE *to;
    char *text;
    size_t size;
};

static void begin_said(struct said *said)
{
    *said = (struct said){.before = stderr};
    said->to = open_memstream(&said->text, &said->size);
    must(said->to);
    stderr = said->to;
}

/* Each line is one of ours, and has no terminal control characters. */
static void end_said(struct said *said, bool good)
{
    static const char head[] = "llava-check: ";
    bool begins = true;

    fclose(said->to);
    stderr = said->before;
    must(good == (said->size == 0));
    must(lc_json_valid_utf8(said->text, said->size));
    for (size_t i = 0; i < said->size;) {
        const char *at = said->text + i;
        struct lc_character c = lc_text_character(at);

        if (begins)
            must(strncmp(at, head, sizeof(head) - 1) == 0);
        begins = c.point == '\n';
        must(begins || (c.point >= 0x20 && c.point != 0x7F));
        must(!lc_text_is_hidden(c.point));
        i += c.size;
    }
    must(good || begins);
    free(said->text);
}

/* Read the file. Returns whether it was accepted. */
static bool load(const char *path, enum lc_origin origin, struct lc_settings *out)
{
    char folder[4096], *slash;
    const char *why;
    struct lc_config config = {.path = path, .folder = folder, .origin = origin};
    char *real = NULL;
    struct said said;
    FILE *file = NULL;
    bool good;

    snprintf(folder, sizeof(folder), "%s", path);
    slash = strrchr(folder, '/');
    (slash ? slash + 1 : folder)[0] = '\0';
    real = realpath(*folder ? folder : ".", NULL);
    must(real);
    config.real = origin == LC_ORIGIN_NAMED ? NULL : real;
    must(lc_settings_begin(out));
    begin_said(&said);
    if (origin == LC_ORIGIN_NAMED)
        file = lc_config_open_named(path);
    else
        must(lc_config_open_found(&config, &file, &why) && file);
    must(file);
    good = lc_config_load(&config, file, "check", out, &out->files[origin]);
    fclose(file);
    end_said(&said, good);
    must(origin == LC_ORIGIN_DATA || good == out->files[origin].is_read);
    free(real);
    return good;
}

/* A file in the data can set only options that describe the data. There is a note about
 * its other settings, in the program's own words. */
static void check_data(const struct lc_settings *data)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-:;, ";
    const struct lc_settings_file *file = &data->files[LC_ORIGIN_DATA];

    must(file->note && strspn(file->note, plain) == strlen(file->note));
    for (size_t i = 0; i < LC_OPTION_COUNT; i++)
        must(data->given[i].origin == LC_ORIGIN_DEFAULT || i == LC_OPTION_IMAGES ||
             i == LC_OPTION_VIDEOS || i == LC_OPTION_TRAINER);
    must(!data->folder_count && !data->level_count && !data->report_count);
}

void lc_fuzz_config(const uint8_t *data, size_t size)
{
    const char *path = lc_fuzz_file("llava-check.yaml", data, size);
    struct lc_settings named, tree, own;
    struct lc_selection selection;
    bool good = load(path, LC_ORIGIN_NAMED, &named);

    if (good) {
        selection = lc_settings_selection(&named);
        for (size_t i = 0; i < selection.folder_count; i++)
            must(selection.folders[i].pattern[0]);
        for (size_t i = 0; i < selection.select_count; i++)
            must(lc_selector_check(selection.select[i], NULL) == LC_OK);
    }
    if (load(path, LC_ORIGIN_TREE, &tree)) {
        for (size_t i = 0; i < LC_OPTION_COUNT; i++)
            must(tree.given[i].origin == LC_ORIGIN_DEFAULT ||
                 lc_option_at(i)->origin <= LC_ORIGIN_TREE);
        must(!good || tree.level_count == named.level_count);
        must(!good || tree.folder_count == named.folder_count);
    }
    must(load(path, LC_ORIGIN_DATA, &own));
    check_data(&own);
    lc_settings_clear(&named);
    lc_settings_clear(&tree);
    lc_settings_clear(&own);
}

/* The command and its arguments are separated by newlines. */
enum { MOST_WORDS = 64 };

static int split(char *text, size_t size, char *words[MOST_WORDS])
{
    int count = 0;

    for (size_t at = 0; at < size && count < MOST_WORDS; at += strlen(text + at) + 1) {
        char *newline = memchr(text + at, '\n', size - at);

        if (newline)
            *newline = '\0';
        words[count++] = text + at;
    }
    return count;
}

void lc_fuzz_arguments(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *words[MOST_WORDS];
    const char *kept[MOST_WORDS];
    const struct lc_command *command;
    struct lc_settings settings;
    struct said said;
    bool good;
    int count;

    must(text);
    memcpy(text, data, size);
    text[size] = '\0';
    count = split(text, size, words);
    command = lc_command_named(count ? words[0] : "");
    if (!command)
        command = lc_command_at(0);
    must(lc_settings_begin(&settings));
    begin_said(&said);
    good = count == 0 ||
           lc_options_read(count - 1, words + 1, command->name, kept, &settings);
    end_said(&said, good);
    must(settings.word_count < MOST_WORDS);
    must(settings.report_count <= LC_MAX_REPORTS);
    must(settings.where_count <= LC_MAX_CONDITIONS);
    lc_settings_clear(&settings);
    free(text);
}
