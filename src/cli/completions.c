/* Shell completions, written from the tables of commands and options */
#include "base/near.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static void print_bash(void);
static void print_zsh(void);
static void print_fish(void);

/* A shell, and the function that writes its completions. */
static const struct {
    const char *name;
    void (*print)(void);
} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

#define SHELL_COUNT (sizeof(shells) / sizeof(shells[0]))

/* Print the values of an option, or the words of a command, separated by blanks. Prints
 * nothing if they are files or free text. */
static void print_values(const char *command, enum lc_kind kind, const char *choices)
{
    const struct lc_rule_info *rule;
    const struct lc_command *other;
    const char *name;
    const char *blank = "";

    switch (kind) {
    case LC_KIND_CHOICE:
        fputs(choices, stdout);
        break;
    case LC_KIND_TRAINER:
    case LC_KIND_DIALECT:
        for (size_t i = 0; (name = lc_option_name(kind, i)); i++, blank = " ")
            printf("%s%s", blank, name);
        break;
    case LC_KIND_FORMAT:
        for (size_t i = 0; (name = lc_option_format(command, i)); i++, blank = " ")
            printf("%s%s", blank, name);
        break;
    case LC_KIND_QUERY:
        for (size_t i = 0; (name = lc_index_query_name(NULL, i)); i++, blank = " ")
            printf("%s%s", blank, name);
        break;
    case LC_KIND_SHELL:
        for (size_t i = 0; i < SHELL_COUNT; i++, blank = " ")
            printf("%s%s", blank, shells[i].name);
        break;
    case LC_KIND_TOPIC:
        for (size_t i = 0; (other = lc_command_at(i)); i++)
            printf("%s ", other->name);
        /* fall through */
    case LC_KIND_CODE:
        for (size_t i = 0; (rule = lc_rule_at(i)); i++, blank = " ")
            printf("%s%s", blank, rule->code);
        break;
    default:
        break;
    }
}

static bool is_file(enum lc_kind kind)
{
    return kind == LC_KIND_PATH || kind == LC_KIND_FILE || kind == LC_KIND_DIR;
}

static void print_command_names(void)
{
    const struct lc_command *command;

    for (size_t i = 0; (command = lc_command_at(i)); i++)
        printf("%s%s", i ? " " : "", command->name);
}

/* Print a text between single quotes. A single quote in it is printed as `quote`;
 * characters in `escaped` get a backslash: in zsh's specifications, brackets and
 * colons. */
static void print_quoted(const char *text, const char *quote, const char *escaped)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            fputs(quote, stdout);
        else if (strchr(escaped, *c))
            printf("\\%c", *c);
        else
            putchar(*c);
    }
}

/* ---- bash ---- */

static const char bash_head[] =
    "# bash completion for llava-check; written by 'llava-check completions bash'\n"
    "_llava_check()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command=check at=1 options= values=\n\n"
    "    COMPREPLY=()\n"
    "    # --name=value comes as three words\n"
    "    if [[ $word == '=' ]]; then\n"
    "        word=\n"
    "    elif [[ $before == '=' ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

static const char bash_tail[] =
    "    if [[ $word == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
    "        return\n"
    "    fi\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$word\")\n"
    "    [[ $files ]] || return\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen \"$files\" -- \"$word\")\n"
    "}\n"
    "complete -F _llava_check llava-check\n";

/* Print the case of an option that takes a value, in a command's part of the function. It
 * sets values and files, and word is done. */
static void print_bash_option(const char *command, const struct lc_option *option)
{
    printf("            --%s", option->name);
    if (option->letter)
        printf(" | -%c", option->letter);
    fputs(") options=; values='", stdout);
    print_values(command, option->kind, option->choices);
    printf("'; files=%s ;;\n", option->kind == LC_KIND_DIR ? "-d"
                               : is_file(option->kind)     ? "-f"
                                                           : "");
}

static void print_bash_command(const struct lc_command *command)
{
    const struct lc_option *option;

    printf("    %s)\n        options='", command->name);
    for (size_t i = 0; (option = lc_option_at(i)); i++) {
        if (!lc_option_is_of(option, command->name))
            continue;
        printf(option->letter ? "--%s -%c " : "--%s ", option->name, option->letter);
    }
    fputs("'\n        values='", stdout);
    print_values(command->name, command->words, NULL);
    printf("'; files=%s\n        case $before in\n", is_file(command->words) ? "-f" : "");
    for (size_t i = 0; (option = lc_option_at(i)); i++)
        if (option->argument && lc_option_is_of(option, command->name))
            print_bash_option(command->name, option);
    puts("        esac\n        ;;");
}

static void print_bash(void)
{
    const struct lc_command *command;

    fputs(bash_head, stdout);
    fputs("    local files= commands=' ", stdout);
    print_command_names();
    puts(
        " '\n"
        "    if [[ $commands == *\" ${COMP_WORDS[1]} \"* ]] && ((COMP_CWORD > 1)); then\n"
        "        command=${COMP_WORDS[1]}\n"
        "        at=2\n"
        "    fi\n"
        "    case $command in");
    for (size_t i = 0; (command = lc_command_at(i)); i++)
        print_bash_command(command);
    puts("    esac\n"
         "    # the first word may be a command; questions are followed by files\n"
         "    ((COMP_CWORD > 1)) || values=$commands\n"
         "    if [[ $command == index && $values ]] && ((COMP_CWORD > at)); then\n"
         "        [[ $before == -* ]] || { values=; files=-f; }\n"
         "    fi");
    fputs(bash_tail, stdout);
}

/* ---- zsh ---- */

static const char zsh_head[] = "#compdef llava-check\n"
                               "# written by 'llava-check completions zsh'\n\n"
                               "_llava_check() {\n"
                               "    local -a commands\n"
                               "    local command=check\n\n"
                               "    commands=(\n";

static const char zsh_middle[] =
    "    )\n"
    "    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
    "        _describe -t commands command commands\n"
    "        _files\n"
    "        return\n"
    "    fi\n"
    "    if (( ${commands[(I)${words[2]}:*]} )); then\n"
    "        command=$words[2]\n"
    "        shift words\n"
    "        (( CURRENT-- ))\n"
    "    fi\n"
    "    case $command in\n";

static const char zsh_tail[] = "    esac\n"
                               "}\n\n"
                               "if [[ $funcstack[1] == _llava_check ]]; then\n"
                               "    _llava_check \"$@\"\n"
                               "else\n"
                               "    compdef _llava_check llava-check\n"
                               "fi\n";

/* ":DIR:_files -/", ":LEVEL:(info warning error)" */
static void print_zsh_action(const char *command, enum lc_kind kind, const char *choices,
                             const char *name)
{
    printf(":%s:", name);
    if (kind == LC_KIND_DIR)
        fputs("_files -/", stdout);
    else if (is_file(kind))
        fputs("_files", stdout);
    else if (kind == LC_KIND_NUMBER || kind == LC_KIND_TEXT)
        putchar(' ');
    else {
        putchar('(');
        print_values(command, kind, choices);
        putchar(')');
    }
}

static void print_zsh_option(const char *command, const struct lc_option *option)
{
    const char *value = option->argument ? "=" : "", *near = option->argument ? "+" : "";
    bool repeat = option->flags & LC_FLAG_REPEAT;

    fputs("            ", stdout);
    if (option->letter && repeat)
        printf("'*'{-%c%s,--%s%s}'", option->letter, near, option->name, value);
    else if (option->letter)
        printf("'(-%c --%s)'{-%c%s,--%s%s}'", option->letter, option->name,
               option->letter, near, option->name, value);
    else
        printf("'%s--%s%s", repeat ? "*" : "", option->name, value);
    putchar('[');
    print_quoted(option->help, "'\\''", "[]:\\");
    putchar(']');
    if (option->argument)
        print_zsh_action(command, option->kind, option->choices, option->argument);
    puts("' \\");
}

static void print_zsh(void)
{
    const struct lc_command *command;
    const struct lc_option *option;

    fputs(zsh_head, stdout);
    for (size_t i = 0; (command = lc_command_at(i)); i++) {
        printf("        '%s:", command->name);
        print_quoted(command->summary, "'\\''", ":\\");
        puts("'");
    }
    fputs(zsh_middle, stdout);
    for (size_t i = 0; (command = lc_command_at(i)); i++) {
        printf("    %s)\n        _arguments -s \\\n", command->name);
        for (size_t j = 0; (option = lc_option_at(j)); j++)
            if (lc_option_is_of(option, command->name))
                print_zsh_option(command->name, option);
        if (command->words == LC_KIND_QUERY) {
            fputs("            '1", stdout);
            print_zsh_action(command->name, command->words, NULL, "question");
            puts("' \\\n            '*:path:_files'");
        } else if (command->words != LC_KIND_FLAG) {
            fputs("            '*", stdout);
            print_zsh_action(command->name, command->words, NULL,
                             is_file(command->words) ? "path" : "word");
            puts("'");
        } else {
            puts("            ':: :()'");
        }
        puts("        ;;");
    }
    fputs(zsh_tail, stdout);
}

/* ---- fish ---- */

static void print_fish_option(const char *command, const struct lc_option *option)
{
    printf("complete -c llava-check -n '__llava_check_is %s' -l %s", command,
           option->name);
    if (option->letter)
        printf(" -s %c", option->letter);
    if (option->kind == LC_KIND_DIR) {
        fputs(" -x -a '(__fish_complete_directories)'", stdout);
    } else if (is_file(option->kind)) {
        fputs(" -r -F", stdout);
    } else if (option->argument) {
        fputs(" -x -a '", stdout);
        print_values(command, option->kind, option->choices);
        putchar('\'');
    }
    fputs(" -d '", stdout);
    print_quoted(option->help, "\\'", "\\");
    puts("'");
}

/* Complete the words of a command, unless they are files. */
static void print_fish_words(const struct lc_command *command)
{
    if (is_file(command->words))
        return;
    printf("complete -c llava-check -n '__llava_check_is %s%s' -f -a '", command->name,
           command->words == LC_KIND_QUERY ? " 2" : "");
    print_values(command->name, command->words, NULL);
    puts("'");
}

static void print_fish(void)
{
    const struct lc_command *command;
    const struct lc_option *option;

    fputs("# fish completion for llava-check; written by 'llava-check completions fish'\n"
          "# Whether the command is $argv[1] and, if $argv[2] is given, the number of "
          "words "
          "is $argv[2]\n"
          "function __llava_check_is\n"
          "    set -l words (commandline -opc)\n"
          "    set -l command check\n"
          "    if set -q words[2]; and contains -- $words[2] ",
          stdout);
    print_command_names();
    puts("\n"
         "        set command $words[2]\n"
         "    end\n"
         "    test $command = $argv[1]; or return 1\n"
         "    not set -q argv[2]; or test (count $words) -eq $argv[2]\n"
         "end\n");
    for (size_t i = 0; (command = lc_command_at(i)); i++) {
        printf("complete -c llava-check -n 'test (count (commandline -opc)) -eq 1' -a %s "
               "-d '",
               command->name);
        print_quoted(command->summary, "\\'", "\\");
        puts("'");
    }
    for (size_t i = 0; (command = lc_command_at(i)); i++) {
        for (size_t j = 0; (option = lc_option_at(j)); j++)
            if (lc_option_is_of(option, command->name))
                print_fish_option(command->name, option);
        print_fish_words(command);
    }
}

static const char *shell_name(const void *user, size_t index)
{
    (void)user;
    return index < SHELL_COUNT ? shells[index].name : NULL;
}

enum lc_exit lc_cmd_completions(const struct lc_settings *settings)
{
    const char *word = settings->words[0], *near;

    for (size_t i = 0; i < SHELL_COUNT; i++) {
        if (strcmp(shells[i].name, word) != 0)
            continue;
        shells[i].print();
        return LC_EXIT_CLEAN;
    }
    near = lc_nearest_name(word, strlen(word), shell_name, NULL);
    return lc_complain(
        "no completions for '%s'; supported shells are bash, zsh and fish%s%s%s", word,
        near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}
