/* cli.h - the command line: commands, options, and shared functions */
#ifndef LC_CLI_CLI_H
#define LC_CLI_CLI_H

#include "llava_check/check.h"
#include "llava_check/dialects.h"
#include "llava_check/error.h"
#include "llava_check/index.h"
#include "llava_check/report.h"
#include "llava_check/rules.h"
#include "llava_check/selection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct lc_query;      /* llava_check/query.h */
struct lc_thumbnails; /* llava_check/thumbnails.h */

enum lc_exit {
    LC_EXIT_CLEAN = 0,
    LC_EXIT_FINDINGS = 1,
    LC_EXIT_ERROR = 2,    /* wrong usage, or the run could not finish */
    LC_EXIT_SIGNAL = 128, /* stopped by a signal: this plus the signal's number */
};

enum lc_color { LC_COLOR_AUTO, LC_COLOR_ALWAYS, LC_COLOR_NEVER };

enum lc_progress_how { LC_PROGRESS_AUTO, LC_PROGRESS_NEVER, LC_PROGRESS_JSON };

enum lc_link { LC_LINK_SYMBOLIC, LC_LINK_HARD, LC_LINK_REFLINK };

#define LC_MAX_REPORTS 16
#define LC_MAX_CONDITIONS 32 /* maximum for --where, and for --rule */
#define LC_MANY SIZE_MAX     /* words: any number */

/** A list that owns its texts. All zero is an empty list. */
struct lc_list {
    const char **items;
    size_t count;
    size_t capacity;
};

/**
 * Where an option's value comes from, in order of increasing trust. The column origin of
 * options.def has the least trusted origin that may set an option; config.c explains how
 * the origin of a settings file is decided. Settings files are llava-check.yaml in these
 * places:
 *
 *   OUTSIDE  in a folder above the data, outside the working tree: reported, never read
 *   DATA     in the data folder: may be anybody's; may only describe the data
 *   TREE     in the working directory, or above it up to the top of its repository:
 *            where the user chose to work. Its paths stay in its folder
 *   NAMED    anywhere: the user named it with --config
 */
enum lc_origin {
    LC_ORIGIN_DEFAULT,
    LC_ORIGIN_OUTSIDE,
    LC_ORIGIN_DATA,
    LC_ORIGIN_TREE,
    LC_ORIGIN_NAMED,
    LC_ORIGIN_COMMAND,
    LC_ORIGIN_COUNT
};

/** "default", "outside", "data", "working tree", "--config" or "command line"; static. */
const char *lc_origin_name(enum lc_origin origin);

/** How far an origin is trusted: "none", "describes the data", "limited" or "full";
 * static. */
const char *lc_origin_trust(enum lc_origin origin);

/** An option as it was given. */
struct lc_given {
    enum lc_origin origin;
    size_t line; /* only for a settings file */
    struct lc_list texts;
};

/** A settings file that was found. */
struct lc_settings_file {
    char *path; /* as messages show it; NULL: there is none */
    bool is_read;
    char *note; /* why it is not read, or which of its settings are not used; NULL if all
                   are used */
};

/** The values of the command line and of settings files, merged. */
struct lc_settings {
    const char **words; /* arguments that are not options: PATH, CODE … */
    size_t word_count;
    const char *images;
    const char *videos;
    const char *trainer; /* NULL: the default of the rows' dialect */
    bool all_trainers;   /* compare all trainers; trainer is NULL */
    const char *dialect; /* NULL: detected */
    bool no_images;
    bool all;
    unsigned part; /* number of the part, out of part_count; 0: the whole data set */
    unsigned part_count;
    bool allow_missing;
    uint64_t parts_wanted; /* for slurm; 0: not given */
    const char **parts;    /* for merge, whose word is then the merged index */
    size_t parts_count;
    bool is_one_of_all;      /* this is a data set that --all found */
    struct lc_all *all_sets; /* NULL: --all was not given */
    const char *index;
    bool no_index;
    enum lc_index_mode index_mode;
    bool recheck;
    bool allow_outside;
    unsigned threads;
    unsigned io_depth;   /* 0: measured */
    const char *metrics; /* a file; NULL: none */
    uint64_t settle;     /* seconds */
    const char *reports[LC_MAX_REPORTS];
    size_t report_count;
    const char *format; /* NULL: not given */
    bool thumbnails;
    bool statistics;
    bool force;
    const char *where[LC_MAX_CONDITIONS];
    size_t where_count;
    const char *rules[LC_MAX_CONDITIONS];
    size_t rule_count;
    enum lc_severity show;
    bool show_given;
    enum lc_severity fail_on;
    bool fail_on_unknown; /* also on rows with an unknown effect */
    enum lc_color color;
    enum lc_progress_how progress;
    bool quiet;
    bool verbose;
    bool help;
    bool version;
    struct lc_level_choice *levels; /* from --severity; their texts are owned */
    size_t level_count;
    size_t level_capacity;
    struct lc_folder_choice *folders; /* per-folder-ignores; their texts are owned */
    size_t folder_count;
    size_t folder_capacity;
    enum lc_origin folders_origin;
    size_t folders_line; /* line in the settings file, from 1; 0: not given */
    bool exit_zero;
    uint64_t max_findings; /* 0: not given */
    const char *baseline;
    const char *write_baseline;
    bool prune_baseline;
    bool download;
    const char *manifest;
    const char *against;
    const char *output;
    bool merge;
    const char *to;    /* a dialect */
    const char *entry; /* name of an entry for a registry; NULL: none is written */
    bool skip;
    bool in_parts;
    bool part_paths;
    uint64_t sample; /* 0: not given */
    const char *split;
    uint64_t seed;
    bool shuffle;
    uint64_t shuffle_seed;
    const char *copy_images;
    const char *link_images;
    enum lc_link link;
    bool transcode;
    bool fix;
    bool unsafe;
    bool diff;
    bool in_place;
    const char *config; /* --config */
    bool isolated;
    struct lc_settings_file files[LC_ORIGIN_COUNT];
    struct lc_given *given; /* by enum lc_option_id */
};

/** The type of an option's value, or of a command's words. */
enum lc_kind {
    LC_KIND_FLAG, /* none */
    LC_KIND_PATH, /* a file or folder */
    LC_KIND_FILE,
    LC_KIND_DIR,
    LC_KIND_NUMBER,
    LC_KIND_TEXT,
    LC_KIND_CHOICE, /* one of the option's choices */
    LC_KIND_FORMAT, /* a report format */
    LC_KIND_CODE,   /* a rule's code */
    LC_KIND_TRAINER,
    LC_KIND_DIALECT,
    LC_KIND_TOPIC, /* a command or rule */
    LC_KIND_SHELL,
    LC_KIND_QUERY, /* a query of an index; then a file or folder */
};

/** A command: one row of the table in main.c, one function in a file of its own. */
struct lc_command {
    const char *name;
    const char *usage;   /* the arguments after the name: "PATH [options]" */
    const char *summary; /* one line for help */
    size_t min_words;
    size_t max_words;
    enum lc_exit (*run)(const struct lc_settings *settings);
    void (*help)(FILE *to); /* prints additional help; NULL: there is none */
    enum lc_kind words;     /* type of its words */
};

/** The command at an index; NULL past the end. */
const struct lc_command *lc_command_at(size_t index);

/** The command with this name; NULL if there is none. */
const struct lc_command *lc_command_named(const char *name);

/** The command that a word may be a misspelling of; NULL if none is similar. */
const char *lc_command_near(const char *word);

/** The code or name of a rule that a word may be a misspelling of; NULL if none is
 * similar. */
const char *lc_rule_near(const char *word);

enum lc_exit lc_cmd_check(const struct lc_settings *settings);
enum lc_exit lc_cmd_clean(const struct lc_settings *settings);
enum lc_exit lc_cmd_fix(const struct lc_settings *settings);
enum lc_exit lc_cmd_convert(const struct lc_settings *settings);
enum lc_exit lc_cmd_manifest(const struct lc_settings *settings);
enum lc_exit lc_cmd_import(const struct lc_settings *settings);
enum lc_exit lc_cmd_merge(const struct lc_settings *settings);
enum lc_exit lc_cmd_verify(const struct lc_settings *settings);
enum lc_exit lc_cmd_watch(const struct lc_settings *settings);
enum lc_exit lc_cmd_report(const struct lc_settings *settings);
enum lc_exit lc_cmd_index(const struct lc_settings *settings);
enum lc_exit lc_cmd_diff(const struct lc_settings *settings);
enum lc_exit lc_cmd_config(const struct lc_settings *settings);
enum lc_exit lc_cmd_rules(const struct lc_settings *settings);
enum lc_exit lc_cmd_trainers(const struct lc_settings *settings);
enum lc_exit lc_cmd_plan(const struct lc_settings *settings);
enum lc_exit lc_cmd_slurm(const struct lc_settings *settings);
enum lc_exit lc_cmd_man(const struct lc_settings *settings);
enum lc_exit lc_cmd_completions(const struct lc_settings *settings);
enum lc_exit lc_cmd_version(const struct lc_settings *settings);
enum lc_exit lc_cmd_help(const struct lc_settings *settings);

/** Print which settings files may set which options. */
void lc_config_help(FILE *to);

/** Write the rows that are kept to where --output says; is_fix for the command fix,
 * otherwise for clean. */
enum lc_exit lc_clean_into(const struct lc_settings *settings, bool is_fix);

/** Print what clean drops and what fix changes. */
void lc_clean_help(FILE *to);
void lc_fix_help(FILE *to);

/** Print what convert keeps. */
void lc_convert_help(FILE *to);

/** Replace this process by the Python package's import. Returns only if that fails. count
 * is the number of words, at least 1. */
enum lc_exit lc_import(int count, char **words);

/** Print what import needs and writes. */
void lc_import_help(FILE *to);

/** Print the queries of `llava-check index`. */
void lc_index_help(FILE *to);

/** The name of the query at an index; NULL past the end. */
const char *lc_index_query_name(const void *user, size_t index);

/** Print a text, padded with blanks to width columns. */
void lc_print_padded(const char *text, int width, FILE *to);

/**
 * Print a text, wrapped at blanks into lines of at most width columns.
 *
 * @param at     the column at which the text begins on the current line
 * @param indent  the column at which the following lines begin
 */
void lc_print_wrapped(const char *text, size_t at, size_t indent, size_t width, FILE *to);

/** Print one of our own texts in indented lines of at most 86 columns. */
void lc_print_indented(const char *text, int indent);

/**
 * Whether a trainer handles a case of a rule differently from what contains the case:
 * another case, or the whole rule.
 *
 * @param out  set to what the trainer does
 */
bool lc_case_differs(const char *code, const char *rule_case, size_t trainer,
                     struct lc_rule_effect *out);

/** Begin with the defaults. Returns false after an error was printed. */
bool lc_settings_begin(struct lc_settings *settings);
void lc_settings_clear(struct lc_settings *settings);

/** Return which findings are reported. The result points into the settings. */
struct lc_selection lc_settings_selection(const struct lc_settings *settings);

/** The run for which settings files are looked for. */
struct lc_config_request {
    const char *command;
    const char *const *paths; /* the data set */
    size_t path_count;
    const char *images; /* value of --images: part of the data; NULL: not given */
    const char *videos; /* value of --videos, likewise */
    const char *named;  /* value of --config; NULL: look for files */
};

/**
 * Read the settings file named with --config, or otherwise the ones found in the data and
 * in the working tree. Values from the working tree take precedence.
 *
 * @param out  already begun; receives the values of the files; the caller clears it, also
 *             on failure
 * @return false after an error was printed
 */
bool lc_config_read(const struct lc_config_request *request, struct lc_settings *out);

/**
 * Read options and words for a command; they replace values already in the settings.
 *
 * @param argv     the arguments after the command's name
 * @param command  its name; an option that it does not accept is an error
 * @param words    array for up to argc of them; out points into it
 * @param out      already begun
 * @return false after an error was printed
 */
bool lc_options_read(int argc, char **argv, const char *command, const char **words,
                     struct lc_settings *out);

/**
 * From now on, SIGINT, SIGTERM and SIGHUP make lc_interrupt_came return true instead of
 * ending the program. The program ends at once on a second signal, or if it is still
 * running most of a second after the first.
 */
void lc_interrupt_begin(void);
void lc_interrupt_end(void);

/** Whether a signal arrived; the library's is_stopped. */
bool lc_interrupt_came(void *user);

/** The exit code after a signal: 130 for SIGINT, 143 for SIGTERM. */
enum lc_exit lc_interrupt_exit(void);

/** Print one line on stderr: head, then the line as lc_print_text does. */
void lc_say(const char *head, const char *line);

/** Print why the index may come from another user's run, if there is a reason; prints
 * nothing with --quiet. */
void lc_say_caveat(const struct lc_index *index, const struct lc_settings *settings);

/**
 * Set the prefix of all later complaints: "file: line 3"; NULL: none.
 *
 * @param place   must live until the prefix is changed
 * @param is_own  whether complaints may quote text from this place; see lc_quotable
 */
void lc_complain_at(const char *place, bool is_own);

/** Return a text as complaints may quote it: the text itself, or "…" if it is from a
 * settings file that the user has not named, because the settings file may be a link
 * to any file. */
const char *lc_quotable(const char *text);

/** Print one line on stderr: "llava-check: " and the message. Returns LC_EXIT_ERROR. */
__attribute__((format(printf, 1, 2))) enum lc_exit lc_complain(const char *format, ...);

/** Print that a rule is unknown, and suggest a similar one. Returns LC_EXIT_ERROR. */
enum lc_exit lc_complain_of_rule(const char *word);

/** Print an error of the library about something the user named. Returns
 * LC_EXIT_ERROR. */
enum lc_exit lc_complain_about(const char *subject, const struct lc_error *error);

/** The results of a run, from which all its reports are written. */
struct lc_results {
    const struct lc_index *index;
    struct lc_view *view; /* the findings to report; NULL: all */
    struct lc_prediction *prediction;
    struct lc_thumbnails *thumbnails; /* NULL: none */
    bool is_trainer_stopped;          /* by its findings; only if the trainer was named */
    bool is_effect_unknown;           /* on some row; only with --fail-on unknown */
};

/**
 * Write a report to stdout according to the settings. Returns false after an error.
 *
 * @param path  what the user named. Unless it is an index, rows files are printed
 *              relative to it, so that a terminal can open them
 */
bool lc_print_report(const struct lc_results *results, const struct lc_settings *settings,
                     const char *format, const char *path);

/** Write the result of a query to stdout; path and return value as in lc_print_report,
 * missing as in lc_query_write. */
bool lc_print_answer(const struct lc_index *index, struct lc_query *query,
                     const char *path, uint64_t *missing);

/** The format to print, by --format or --statistics; if both are given, the one on the
 * command line. */
const char *lc_printed_format(const struct lc_settings *settings);

/** Whether colours are wanted on stdout. */
bool lc_want_color(enum lc_color color);

/** stat() a path; *there is false if nothing is there. Returns false after an error was
 * printed: the check failed. */
bool lc_look(const char *path, struct stat *st, bool *there);

/** The same for a symbolic link itself. */
bool lc_look_at_link(const char *path, struct stat *st, bool *there);

/** Get the prefix that makes the names of rows files openable from a terminal or editor:
 * the folder as the user typed it. *out is NULL if path is an index; the caller frees it.
 * Returns false after an error was printed. */
bool lc_prefix_of(const char *path, char **out);

/** Get the prefix of paths in reports for services, which need paths relative to the top
 * of the repository: the folder as the user typed it, relative to that top. NULL if the
 * folder is not below it. Lives as long as the prefix. */
const char *lc_base_of(const char *prefix);

/** Check before a run that lc_view_open will find what it needs. Returns false after an
 * error was printed. */
bool lc_view_check(const struct lc_settings *settings);

/** Apply the selection of the settings to an index, after writing the baseline if the
 * settings ask for it. NULL after an error was printed; the caller frees the view. */
struct lc_view *lc_view_open(const struct lc_index *index,
                             const struct lc_settings *settings);

/** Return the exit code for the findings, according to --fail-on and --exit-zero. */
enum lc_exit lc_exit_code(const struct lc_results *results,
                          const struct lc_settings *settings);

/** Whether results are a failure, whatever the exit code. */
bool lc_results_fail(const struct lc_results *results,
                     const struct lc_settings *settings);

/** Print the formats of reports and how to choose one. */
void lc_formats_help(FILE *to);

/** The kind of file to write. A report, a baseline or metrics only replaces a file of the
 * same kind. A result, which is a file of rows or an accompanying file, replaces nothing
 * unless forced, and is synced to the disk before it gets its name. */
enum lc_target_kind {
    LC_TARGET_REPORT,
    LC_TARGET_BASELINE,
    LC_TARGET_RESULT,
    LC_TARGET_METRICS,
};

/**
 * A file that is written at a path that the user named. Everything that the program
 * writes at such a path goes through this struct.
 *
 * The path is checked before a run, so that a bad name is reported at once, and again
 * when the new file takes its place. An existing file is only replaced if it is of the
 * same kind, or by force; a file that the run reads is never replaced. Nothing is written
 * through a symbolic link: with force the link itself is replaced.
 */
struct lc_target {
    const char *path; /* as the user gave it */
    enum lc_target_kind kind;
    bool force;
    bool existed;    /* something was at the path when it was checked */
    struct stat was; /* what it was; only if existed */
    FILE *file;      /* open between lc_target_open and lc_target_finish */
    char *part;      /* path of the temporary file that is written first and then gets its
                        name; NULL: path itself is written */
    bool is_unnamed; /* private: the temporary file has no name in its folder */
    int fd;          /* private: of the temporary file; belongs to file */
};

/** Check whether the file may be written. Returns false after an error was printed. */
bool lc_target_check(struct lc_target *target, const struct lc_settings *settings);

/** Open a new file beside the path, or the device or stream that is there. Returns false
 * after an error was printed. */
bool lc_target_open(struct lc_target *target);

/** Close the file and put it in its place. Returns false after an error was printed. */
bool lc_target_finish(struct lc_target *target, const struct lc_settings *settings);

/** Close and remove a file that was not finished. */
void lc_target_drop(struct lc_target *target);

/** A report that is written to a file. */
struct lc_report_file {
    struct lc_target target;
    const struct lc_report_format_info *format; /* as named, or according to the suffix */
};

/** Check whether the report files can be written. Returns false after an error. */
bool lc_report_files_check(const struct lc_settings *settings,
                           struct lc_report_file *files);

/** Write the report files from an index and put them in their places. Returns false after
 * an error. */
bool lc_report_files_write(const struct lc_results *results,
                           const struct lc_settings *settings,
                           struct lc_report_file *files);

/** Make thumbnails if they are wanted and a report shows them.
 *
 * @param out  set to NULL if there are none; freed with lc_thumbnails_free
 * @return false after an error was printed */
bool lc_thumbnails_make(const struct lc_index *index, const struct lc_view *view,
                        const struct lc_settings *settings,
                        const struct lc_report_file *files, struct lc_thumbnails **out);

/** Set *out to whether a path is an index or its folder, so that the rows files are
 * elsewhere. Returns false after an error was printed: the check failed. */
bool lc_is_index(const char *path, bool *out);

/** Close and remove the files that lc_report_files_write did not put in place. */
void lc_report_files_drop(struct lc_report_file *files, size_t count);

/** Progress of a run on stderr, according to the settings. All calls accept NULL. */
struct lc_bar;
struct lc_bar *lc_bar_new(const struct lc_settings *settings); /* NULL: no memory */
void lc_bar_show(struct lc_bar *bar, const struct lc_progress *progress);

/** Remove the bar from the terminal before another line is printed. Safe in a signal
 * handler. */
void lc_bar_wipe(void);

/** End the run: remove the bar, print how long the run took if requested, and free the
 * bar. */
void lc_bar_end(struct lc_bar *bar);

#endif
