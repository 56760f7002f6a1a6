#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct lc_command commands[] = {
    {"check", "PATH [options]", "check a data set, keep the results, report", 1, 1,
     lc_cmd_check},
    {"report", "PATH|INDEX [options]", "print the results of the last run again", 1, 1,
     lc_cmd_report},
    {"index", "stats PATH|INDEX", "the last run in numbers", 2, 2, lc_cmd_index},
    {"rules", "[CODE]", "list the rules, or explain one", 0, 1, lc_cmd_rules},
    {"version", "", "show the version", 0, 0, lc_cmd_version},
    {"help", "[COMMAND|CODE]", "show help", 0, 1, lc_cmd_help},
};

const struct lc_command *lc_command_at(size_t index)
{
    return index < sizeof(commands) / sizeof(commands[0]) ? &commands[index] : NULL;
}

enum lc_exit lc_complain(const char *format, ...)
{
    va_list args;

    fputs("llava-check: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return LC_EXIT_ERROR;
}

enum lc_exit lc_complain_about(const char *subject, const struct lc_error *error)
{
    return lc_complain("%s: %s", subject, error->message);
}

static const struct lc_command *find_command(const char *name)
{
    const struct lc_command *command;

    for (size_t i = 0; (command = lc_command_at(i)); i++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static enum lc_exit run(int argc, char **argv)
{
    const struct lc_command *command = argc > 1 ? find_command(argv[1]) : NULL;
    struct lc_settings settings;
    int skip = command ? 2 : 1;

    if (!command) /* a path, or options: check is understood */
        command = &commands[0];
    if (argc == 1)
        return lc_complain("what shall be checked? llava-check PATH; or see --help");
    if (!lc_options_read(argc - skip, argv + skip, command->name, &settings))
        return LC_EXIT_ERROR;
    if (settings.version)
        return lc_cmd_version(&settings);
    if (settings.help) {
        settings.word_count = skip == 2 ? 1 : 0;
        settings.words[0] = command->name;
        return lc_cmd_help(&settings);
    }
    if (settings.word_count < command->min_words)
        return lc_complain("usage: llava-check %s %s", command->name, command->usage);
    if (settings.word_count > command->max_words)
        return lc_complain("unexpected argument '%s'; usage: llava-check %s %s",
                           settings.words[command->max_words], command->name,
                           command->usage);
    return command->run(&settings);
}

int main(int argc, char **argv)
{
    enum lc_exit code = run(argc, argv);

    /* a full disk must not look like success */
    if (fclose(stdout) != 0)
        code = lc_complain("write to standard output: %s", strerror(errno));
    return code;
}
