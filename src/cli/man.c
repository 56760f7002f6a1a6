/* The man page, written from the tables of commands and options */
#include "cli/options.h"
#include "llava_check/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Print a text as roff: dashes and backslashes are escaped, and non-ASCII characters are
 * written as code points. Our texts are UTF-8 of at most three bytes per character. */
static void print_text(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    bool fresh = true; /* at the start of a line, where a dot or a quote would begin a
                          request */

    for (; *c; fresh = *c == '\n', c++) {
        if (fresh && (*c == '.' || *c == '\''))
            fputs("\\&", stdout);
        if (*c == '-')
            fputs("\\-", stdout);
        else if (*c == '\\')
            fputs("\\e", stdout);
        else if (*c == '\'')
            fputs("\\(aq", stdout);
        else if (*c < 0x80)
            putchar(*c);
        else if (*c >= 0xE0 && c[1] && c[2]) {
            printf("\\[u%04X]",
                   (*c & 0x0Fu) << 12 | (c[1] & 0x3Fu) << 6 | (c[2] & 0x3Fu));
            c += 2;
        } else if (*c >= 0xC0 && c[1]) {
            printf("\\[u%04X]", (*c & 0x1Fu) << 6 | (c[1] & 0x3Fu));
            c++;
        }
    }
}

/* Print a help text, which begins in lower case and has no full stop, as a sentence. */
static void print_sentence(const char *text)
{
    int first = (unsigned char)*text;

    putchar(first >= 'a' && first <= 'z' ? first - 'a' + 'A' : first);
    print_text(text + 1);
    putchar('.');
}

static void print_bold(const char *text)
{
    fputs("\\fB", stdout);
    print_text(text);
    fputs("\\fR", stdout);
}

static void print_italic(const char *text)
{
    fputs("\\fI", stdout);
    print_text(text);
    fputs("\\fR", stdout);
}

/* Print unchanged what help prints after the options. Returns false if out of memory. */
static bool print_more(const struct lc_command *command)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    bool good = to != NULL;

    if (to) {
        command->help(to);
        good = fclose(to) == 0;
    }
    if (good) {
        puts(".RS\n.nf");
        print_text(text + strspn(text, "\n"));
        puts(".fi\n.RE");
    }
    free(text);
    return good;
}

static bool print_commands(void)
{
    const struct lc_command *command;
    bool good = true;

    puts(".SH COMMANDS\nThe default command is \\fBcheck\\fR.");
    for (size_t i = 0; (command = lc_command_at(i)); i++) {
        puts(".TP");
        print_bold(command->name);
        if (*command->usage) {
            putchar(' ');
            print_italic(command->usage);
        }
        putchar('\n');
        print_sentence(command->summary);
        putchar('\n');
        if (command->help)
            good &= print_more(command);
    }
    return good;
}

/* Print the commands that accept an option, and the rest of its row. */
static void print_row(const struct lc_option *option)
{
    const char *comma = " Accepted by ", *name = option->commands;

    print_sentence(option->help);
    for (name += name && *name == ' '; name && *name;) {
        char word[32];
        size_t size = strcspn(name, " ");

        snprintf(word, sizeof(word), "%.*s", (int)size, name);
        fputs(comma, stdout);
        print_bold(word);
        comma = ", ";
        name += size + strspn(name + size, " ");
    }
    puts(option->commands ? "." : "");
}

static void print_option(const struct lc_option *option)
{
    puts(".TP");
    if (option->letter)
        printf("\\fB\\-%c\\fR, ", option->letter);
    fputs("\\fB\\-\\-", stdout);
    print_text(option->name);
    fputs("\\fR", stdout);
    if (option->argument) {
        putchar(' ');
        print_italic(option->argument);
    }
    putchar('\n');
    print_row(option);
}

static void print_options(void)
{
    const struct lc_option *option;

    puts(".SH OPTIONS");
    for (int group = 0; group < LC_GROUP_COUNT; group++) {
        printf(".SS %s\n", lc_group_name((enum lc_group)group));
        for (size_t i = 0; (option = lc_option_at(i)); i++)
            if (option->group == (enum lc_group)group)
                print_option(option);
    }
}

static const char head[] =
    ".SH NAME\n"
    "llava\\-check \\- check visual\\-instruction data sets in LLaVA's raw format\n"
    ".SH SYNOPSIS\n"
    ".B llava\\-check\n"
    ".RI [ command ]\n"
    ".IR path \\&...\n"
    ".RI [ options ]\n"
    ".SH DESCRIPTION\n"
    "Reports, before a training job starts, what is wrong with a data set of rows (JSON\n"
    "or JSON lines with id, image and conversations) and images, as Python's json,\n"
    "Pillow and the training program would judge it.\n"
    "A\n.I path\nis a folder with rows and images, a rows file, a registry such as a "
    "mixture\n"
    "(.yaml), or a pattern; several are checked as\none data set.\n"
    "Results are stored in an index, from which they can be reported again.\n"
    ".PP\n"
    "Reports go to standard output, notices and progress to standard error.\n";

static const char tail[] =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\nNo finding at or above the level of \\fB\\-\\-fail\\-on\\fR.\n"
    ".TP\n.B 1\nFindings; for \\fBdiff\\fR: differences.\n"
    ".TP\n.B 2\nUsage error, or the run could not finish.\n"
    ".TP\n.B 130\nStopped by Ctrl\\-C (143: by SIGTERM). The next run continues from\n"
    "there.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n.B NO_COLOR\nWhen set, only \\fB\\-\\-color always\\fR enables colours.\n"
    ".TP\n.B XDG_CACHE_HOME\nWhere the index goes when the data folder is not writable.\n"
    ".SH FILES\n"
    ".TP\n.I .llava\\-check/\nThe index, in the data folder.\n"
    ".SH EXAMPLES\n"
    ".TP\n.B llava\\-check raw/\nCheck a data set.\n"
    ".TP\n.B llava\\-check raw/ \\-\\-trainer qwen\\-vl \\-\\-report integrity.json\n"
    "Predict what another training program would do, and write a JSON report.\n"
    ".TP\n.B llava\\-check rules TOK401\n"
    "Show what a rule finds, why it matters and how to fix it.\n"
    ".TP\n.B llava\\-check index images raw/ \\-\\-where verdict=corrupt\n"
    "List the corrupt images that the last run found.\n";

enum lc_exit lc_cmd_man(const struct lc_settings *settings)
{
    (void)settings;
    printf(".TH LLAVA\\-CHECK 1 \"\" \"llava\\-check %s\" \"User Commands\"\n",
           lc_version());
    fputs(head, stdout);
    if (!print_commands())
        return lc_complain("out of memory");
    print_options();
    fputs(tail, stdout);
    return LC_EXIT_CLEAN;
}
