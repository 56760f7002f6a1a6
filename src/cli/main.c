#include "base/near.h"
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char output_buffer[1 << 16];

static const struct lc_command commands[] = {
    {"check", "PATH…", "check a data set and report what is wrong", 1, LC_MANY,
     lc_cmd_check, lc_formats_help, LC_KIND_PATH},
    {"clean", "PATH… -o OUT", "write only the rows that a trainer trains on", 1, LC_MANY,
     lc_cmd_clean, lc_clean_help, LC_KIND_PATH},
    {"fix", "PATH… -o OUT", "fix what is wrong in rows, and nothing else", 1, LC_MANY,
     lc_cmd_fix, lc_fix_help, LC_KIND_PATH},
    {"convert", "PATH… -o OUT", "write the rows in another dialect (--to)", 1, LC_MANY,
     lc_cmd_convert, lc_convert_help, LC_KIND_PATH},
    {"import", "parquet DIR -o OUT", "write parquet as rows and images (Python)", 2,
     LC_MANY, lc_cmd_import, lc_import_help, LC_KIND_PATH},
    {"report", "PATH…|INDEX", "print the last run's results again", 1, LC_MANY,
     lc_cmd_report, lc_formats_help, LC_KIND_PATH},
    {"plan", "PATH…", "estimate time and memory from a sample", 1, LC_MANY, lc_cmd_plan,
     NULL, LC_KIND_PATH},
    {"merge", "PART… --index DIR", "join the results of the parts of a data set", 1,
     LC_MANY, lc_cmd_merge, lc_formats_help, LC_KIND_PATH},
    {"slurm", "PATH… --index DIR", "print a script that checks parts with Slurm", 1,
     LC_MANY, lc_cmd_slurm, NULL, LC_KIND_PATH},
    {"watch", "PATH…", "check while files arrive, report at the end", 1, LC_MANY,
     lc_cmd_watch, lc_formats_help, LC_KIND_PATH},
    {"verify", "PATH…", "re-read all files and compare their bytes", 1, LC_MANY,
     lc_cmd_verify, lc_formats_help, LC_KIND_PATH},
    {"manifest", "PATH -o FILE", "record the sizes and checksums of all files", 1, 1,
     lc_cmd_manifest, NULL, LC_KIND_DIR},
    {"index", "QUERY PATH…|INDEX", "query the results of the last run", 2, LC_MANY,
     lc_cmd_index, lc_index_help, LC_KIND_QUERY},
    {"diff", "A B", "compare two versions of a data set", 2, 2, lc_cmd_diff, NULL,
     LC_KIND_PATH},
    {"config", "[PATH]", "show settings and where each comes from", 0, 1, lc_cmd_config,
     lc_config_help, LC_KIND_PATH},
    {"rules", "[CODE]", "list the rules, or explain one", 0, 1, lc_cmd_rules, NULL,
     LC_KIND_CODE},
    {"trainers", "[NAME|all]", "list training programs, or explain one", 0, 1,
     lc_cmd_trainers, NULL, LC_KIND_TRAINER},
    {"completions", "bash|zsh|fish", "print a shell completion script", 1, 1,
     lc_cmd_completions, NULL, LC_KIND_SHELL},
    {"man", "", "print the man page", 0, 0, lc_cmd_man, NULL, LC_KIND_FLAG},
    {"version", "", "show the version", 0, 0, lc_cmd_version, NULL, LC_KIND_FLAG},
    {"help", "[COMMAND|CODE]", "show help", 0, 1, lc_cmd_help, NULL, LC_KIND_TOPIC},
};

const struct lc_command *lc_command_at(size_t index)
{
    return index < sizeof(commands) / sizeof(commands[0]) ? &commands[index] : NULL;
}

const struct lc_command *lc_command_named(const char *name)
{
    const struct lc_command *command;

    for (size_t i = 0; (command = lc_command_at(i)); i++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static const char *command_name(const void *user, size_t index)
{
    const struct lc_command *command = lc_command_at(index);

    (void)user;
    return command ? command->name : NULL;
}

const char *lc_command_near(const char *word)
{
    return lc_nearest_name(word, strlen(word), command_name, NULL);
}

/* Report that the first word is neither a command nor a path; it may be a misspelt
 * command. */
static enum lc_exit complain_of_word(const char *word)
{
    const char *near = lc_command_near(word);

    if (near)
        return lc_complain("'%s' is neither a command nor a file; did you mean '%s'?",
                           word, near);
    return lc_complain("'%s' is neither a command nor a file; see 'llava-check --help'",
                       word);
}

/* Check the number of words of a command; returns LC_EXIT_CLEAN if it is right. */
static enum lc_exit check_words(const struct lc_command *command,
                                const struct lc_settings *settings, bool named)
{
    const char *space = *command->usage ? " " : "";

    if (settings->word_count < command->min_words)
        return lc_complain("usage: llava-check %s%s%s", command->name, space,
                           command->usage);
    if (!named && settings->word_count > 1 && access(settings->words[0], F_OK) != 0 &&
        !strchr(settings->words[0], '/') && !strchr(settings->words[0], '.'))
        return complain_of_word(settings->words[0]);
    if (settings->word_count > command->max_words)
        return lc_complain("unexpected argument '%s'; usage: llava-check %s%s%s",
                           settings->words[command->max_words], command->name, space,
                           command->usage);
    for (size_t i = 0; i < settings->word_count; i++) {
        if (!*settings->words[i])
            return lc_complain("empty argument; name a file or folder");
        if (strcmp(settings->words[i], "-") == 0)
            return lc_complain("cannot read from standard input; name a file or folder");
    }
    return LC_EXIT_CLEAN;
}

/* A command line. */
struct line {
    int count;
    char **arguments; /* after the command */
    const struct lc_command *command;
    bool named; /* the command was given by name */
    const char **words;
};

/* Print which settings files are in force, which of their settings are not used, and
 * which files were ignored: settings never apply silently. */
static bool print_settings_files(const struct lc_settings *settings)
{
    bool good = true;

    for (size_t i = 0; i < LC_ORIGIN_COUNT && good; i++) {
        const struct lc_settings_file *file = &settings->files[i];
        const char *data = i == LC_ORIGIN_DATA ? ", which is part of the data set" : "";
        char *line = NULL;

        if (!file->path)
            continue;
        if (file->is_read)
            good = asprintf(&line, "settings from %s%s%s", file->path, data,
                            file->note ? file->note : "") >= 0;
        else
            good = asprintf(&line, "%s was ignored: %s", file->path, file->note) >= 0;
        if (good)
            lc_say("note: ", line);
        else
            lc_complain("out of memory");
        free(good ? line : NULL);
    }
    return good;
}

/* Read the settings files, if any, and then the options, which take precedence. */
static bool read_config(const struct line *line, struct lc_settings *settings)
{
    const struct lc_config_request request = {
        .command = line->command->name,
        .paths = settings->words,
        .path_count = settings->word_count,
        .images = settings->images,
        .videos = settings->videos,
        .named = settings->config,
    };
    bool silent = settings->quiet || line->command->run == lc_cmd_config, good;
    struct lc_settings all = {0};

    good = lc_settings_begin(&all) && lc_config_read(&request, &all) &&
           lc_options_read(line->count, line->arguments, line->command->name, line->words,
                           &all);
    lc_settings_clear(settings);
    *settings = all;
    return good && (silent || print_settings_files(settings));
}

/* Run a command whose command line was read. */
static enum lc_exit run_command(const struct line *line, struct lc_settings *settings)
{
    const struct lc_command *command = line->command;

    if (settings->version)
        return lc_cmd_version(settings);
    if (settings->help) {
        settings->word_count = line->named;
        settings->words[0] = command->name;
        return lc_cmd_help(settings);
    }
    if (check_words(command, settings, line->named) != LC_EXIT_CLEAN)
        return LC_EXIT_ERROR;
    if (lc_option_is_of(lc_option_at(LC_OPTION_CONFIG), command->name) &&
        !settings->isolated && !read_config(line, settings))
        return LC_EXIT_ERROR;
    return command->run(settings);
}

/* Whether the rest of the line is meant for the Python package, which has its own
 * options. */
static bool is_for_package(const struct lc_command *command, int count, char **words)
{
    return command && command->run == lc_cmd_import && count > 0 && words[0][0] != '-';
}

static enum lc_exit run_line(int argc, char **argv, const char **words)
{
    const struct lc_command *command = argc > 1 ? lc_command_named(argv[1]) : NULL;
    int skip = command ? 2 : 1;
    struct line line = {argc - skip, argv + skip, command, command != NULL, words};
    struct lc_settings settings = {0};
    enum lc_exit code = LC_EXIT_ERROR;

    if (!command) /* a path or options: the command check is implied */
        line.command = &commands[0];
    if (is_for_package(command, line.count, line.arguments))
        return lc_import(line.count, line.arguments);
    if (argc == 1)
        return lc_complain(
            "no PATH given; usage: llava-check PATH, or see 'llava-check --help'");
    if (lc_settings_begin(&settings) &&
        lc_options_read(line.count, line.arguments, line.command->name, words, &settings))
        code = run_command(&line, &settings);
    lc_settings_clear(&settings);
    return code;
}

/* If a standard stream is closed, the next file opened would get its number and receive
 * our output. Open /dev/null in its place, in the mode in which using the stream
 * fails. */
static void open_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/* Rows files and indexes are mapped. If one is truncated while it is read, the system
 * raises SIGBUS. Only async-signal-safe calls are allowed here. */
static void on_bus_error(int signal)
{
    static const char line[] =
        "llava-check: a rows file or the index was truncated while it was being read\n";
    static char said; /* set once: several threads may get the signal at the same time */
    ssize_t written;

    (void)signal;
    while (__atomic_test_and_set(&said, __ATOMIC_SEQ_CST))
        pause(); /* until the first thread ends the process */
    lc_bar_wipe();
    written = write(STDERR_FILENO, line, sizeof(line) - 1);
    (void)written;
    _exit(LC_EXIT_ERROR);
}

/* A full disk must not look like success, and is reported once. fclose() only reports a
 * failure to write the last bytes; ferror() is set if earlier ones were lost, even if the
 * disk has space again. */
static enum lc_exit close_output(enum lc_exit code)
{
    bool lost = ferror(stdout) != 0;

    errno = 0;
    if ((fclose(stdout) == 0 && !lost) || code == LC_EXIT_ERROR)
        return code;
    return lc_complain("cannot write to standard output: %s",
                       errno ? strerror(errno) : "incomplete write");
}

int main(int argc, char **argv)
{
    const char **words = calloc((size_t)argc + 1, sizeof(*words));
    enum lc_exit code;

    open_standard_streams();
    /* with this buffer, the first write of most commands is also the last, and its errno
     * is known */
    if (fileno(stdout) >= 0 && !isatty(fileno(stdout)))
        setvbuf(stdout, output_buffer, _IOFBF, sizeof(output_buffer));
    (void)sigaction(SIGBUS, &(struct sigaction){.sa_handler = on_bus_error}, NULL);
    (void)signal(SIGXFSZ,
                 SIG_IGN); /* write() then fails with EFBIG, reported like a full disk */
    code = words ? run_line(argc, argv, words) : lc_complain("out of memory");
    code = close_output(code);
    free(words);
    return code;
}
