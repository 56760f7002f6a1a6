/* fuzz_settings.c - what must hold of a file of settings, and of a command line
 *
 * They are taken without a word, or refused with lines that a terminal takes, whatever
 * they hold; what a file that is part of a data set says is never more than a file that
 * is not may say; and the settings can be thrown away.
 */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config.h"
#include "cli/options.h"

/* What is said goes into a text meanwhile. */
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

/* Each line is one of ours, and holds nothing that a terminal would obey. */
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

/* Read the file. Returns whether it was taken. */
static bool load(const char *path, bool own, struct lc_settings *out)
{
    const struct lc_config config = {.path = path, .folder = "data/", .own = own};
    struct said said;
    bool good;

    must(lc_settings_begin(out));
    begin_said(&said);
    good = lc_config_load(&config, "check", out);
    end_said(&said, good);
    return good;
}

void lc_fuzz_config(const uint8_t *data, size_t size)
{
    const char *path = lc_fuzz_file("llava-check.yaml", data, size);
    struct lc_settings named, own;
    struct lc_selection selection;
    bool good = load(path, false, &named);

    if (good) {
        selection = lc_settings_selection(&named);
        for (size_t i = 0; i < selection.folder_count; i++)
            must(selection.folders[i].pattern[0]);
        for (size_t i = 0; i < selection.select_count; i++)
            must(lc_selector_check(selection.select[i], NULL) == LC_OK);
    }
    if (load(path, true, &own)) {
        must(good);
        must(!own.allow_outside && !own.exit_zero && !own.quiet && !own.index);
        must(!own.report_count && own.level_count == named.level_count);
    }
    lc_settings_clear(&named);
    lc_settings_clear(&own);
}

/* The words of a line, each behind a newline but the first: the command, its arguments.
 */
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
