/* cli.h - the command line: commands, options, and what they share */
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
    LC_EXIT_ERROR = 2,    /* wrong use, or could not finish */
    LC_EXIT_SIGNAL = 128, /* and the signal's number: stopped by it */
};

enum lc_color { LC_COLOR_AUTO, LC_COLOR_ALWAYS, LC_COLOR_NEVER };

enum lc_progress_how { LC_PROGRESS_AUTO, LC_PROGRESS_NEVER, LC_PROGRESS_JSON };

enum lc_link { LC_LINK_SYMBOLIC, LC_LINK_HARD, LC_LINK_REFLINK };

#define LC_MAX_REPORTS 16
#define LC_MAX_CONDITIONS 32 /* each of --where and --rule */
#define LC_MANY SIZE_MAX     /* words: as many as there are */

/** A list that owns its texts. All zero is an empty list. */
struct lc_list {
    const char **items;
    size_t count;
    size_t capacity;
};

/**
 * Where the value of an option is from, by rising trust. The column origin of options.def
 * has the least trusted one that may set an option; config.c explains how the origin of a
 * settings file is decided. Settings files are llava-check.yaml in these places:
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
    size_t line; /* in a settings file */
    struct lc_list texts;
};

/** A settings file that was found. */
struct lc_settings_file {
    char *path; /* as messages show it; NULL: there is none */
    bool is_read;
    char *note; /* why it is not read, or which of its settings are not used; NULL: all
                   are */
};

/** The values of the command line and of settings files, merged. */
struct lc_settings {
    const char **words; /* arguments that are not options: PATH, CODE … */
    size_t word_count;
    const char *images;
    const char *videos;
    const char *trainer; /* NULL: the default of the rows' dialect */
    bool all_trainers;   /* compared; trainer is NULL */
    const char *dialect; /* NULL: detected */
    bool no_images;
    bool all;
    unsigned part; /* of part_count; 0: the whole data set */
    unsigned part_count;
    bool allow_missing;
    uint64_t parts_wanted; /* of slurm; 0: not given */
    const char **parts;    /* of merge, whose word is the merged index then */
    size_t parts_count;
    bool is_one_of_all;      /* a data set that --all found */
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
    struct lc_level_choice *levels; /* of --severity; their texts are owned */
    size_t level_count;
    size_t level_capacity;
    struct lc_folder_choice *folders; /* per-folder-ignores; their texts are owned */
    size_t folder_count;
    size_t folder_capacity;
    enum lc_origin folders_origin;
    size_t folders_line; /* in its file, from 1; 0: not given */
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
    const char *entry; /* name of one in a registry; NULL: none is written */
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
    LC_KIND_FORMAT, /* of a report */
    LC_KIND_CODE,   /* of a rule */
    LC_KIND_TRAINER,
    LC_KIND_DIALECT,
    LC_KIND_TOPIC, /* a command or rule */
    LC_KIND_SHELL,
    LC_KIND_QUERY, /* of an index; then a file or folder */
};

/** A command: one row of the table in main.c, one function in a file of its own. */
struct lc_command {
    const char *name;
    const char *usage;   /* what follows the name: "PATH [options]" */
    const char *summary; /* one line for help */
    size_t min_words;
    size_t max_words;
    enum lc_exit (*run)(const struct lc_settings *settings);
    void (*help)(FILE *to); /* prints more help; NULL: there is none */
    enum lc_kind words;     /* what they are */
};

/** The command at an index; NULL past the end. */
const struct lc_command *lc_command_at(size_t index);

/** The command of a name; NULL when there is none. */
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

/** Print which settings files may set what. */
void lc_config_help(FILE *to);

/** Write the rows that are kept to where --output says; to fix them alone, or to clean.
 */
enum lc_exit lc_clean_into(const struct lc_settings *settings, bool is_fix);

/** Print what clean drops, and what fix does. */
void lc_clean_help(FILE *to);
void lc_fix_help(FILE *to);

/** Print what convert keeps. */
void lc_convert_help(FILE *to);

/** Become the Python package's import. Returns only if that fails. count is that of
 * words, at least 1. */
enum lc_exit lc_import(int count, char **words);

/** Print what import needs and writes. */
void lc_import_help(FILE *to);

/** Print the queries of `llava-check index`. */
void lc_index_help(FILE *to);

/** The name of the query at an index; NULL past the end. */
const char *lc_index_query_name(const void *user, size_t index);

/** Print a text and blanks, to width columns. */
void lc_print_padded(const char *text, int width, FILE *to);

/**
 * Print a text in lines of at most width columns; breaks are at blanks.
 *
 * @param at     the column of the first line: what is before it was printed
 * @param indent  of the lines after the first
 */
void lc_print_wrapped(const char *text, size_t at, size_t indent, size_t width, FILE *to);

/** Print a text of ours in indented lines of at most 86 columns. */
void lc_print_indented(const char *text, int indent);

/**
 * Whether a trainer treats a case of a rule differently from the case's whole, which is
 * another case or the rule.
 *
 * @param out  set to what it does
 */
bool lc_case_differs(const char *code, const char *rule_case, size_t trainer,
                     struct lc_rule_effect *out);

/** Begin with the defaults. Returns false after an error was printed. */
bool lc_settings_begin(struct lc_settings *settings);
void lc_settings_clear(struct lc_settings *settings);

/** Which findings are reported. It points into the settings. */
struct lc_selection lc_settings_selection(const struct lc_settings *settings);

/** The run that settings files are looked for. */
struct lc_config_request {
    const char *command;
    const char *const *paths; /* the data set */
    size_t path_count;
    const char *images; /* of --images; NULL: not given. It is part of the data */
    const char *videos; /* the same of --videos */
    const char *named;  /* of --config; NULL: files are looked for */
};

/**
 * Read the settings file that is named, or else those that are found: in the data, and in
 * the working tree, whose values come first.
 *
 * @param out  begun, with what the files say; the caller clears it, also on failure
 * @return false after an error was printed
 */
bool lc_config_read(const struct lc_config_request *request, struct lc_settings *out);

/**
 * Read options and words for a command, over what the settings hold.
 *
 * @param argv     the arguments after the command's name
 * @param command  its name: an option that it does not accept is an error
 * @param words    array for up to argc of them; out points into it
 * @param out      begun
 * @return false after an error was printed
 */
bool lc_options_read(int argc, char **argv, const char *command, const char **words,
                     struct lc_settings *out);

/**
 * From now on SIGINT, SIGTERM and SIGHUP make lc_interrupt_came true instead of ending
 * the program. A program still running after most of a second, or a second signal, ends
 * it.
 */
void lc_interrupt_begin(void);
void lc_interrupt_end(void);

/** Whether a signal came; the library's is_stopped. */
bool lc_interrupt_came(void *user);

/** The exit code after a signal: 130 for SIGINT, 143 for SIGTERM. */
enum lc_exit lc_interrupt_exit(void);

/** Print one line on stderr: head, then the line as lc_print_text does. */
void lc_say(const char *head, const char *line);

/** Print why an index may not be of a run by this user, if there is a reason; not with
 * --quiet. */
void lc_say_caveat(const struct lc_index *index, const struct lc_settings *settings);

/**
 * Set the prefix of all complaints from now on: "file: line 3"; NULL: none.
 *
 * @param place   must live until it is changed
 * @param is_own  whether complaints may quote what is there: see lc_quotable
 */
void lc_complain_at(const char *place, bool is_own);

/** A text as complaints may quote it: itself, or "…" when it is from a settings file that
 * the user has not named. A link may have led there from anywhere. */
const char *lc_quotable(const char *text);

/** Print one line on stderr: "llava-check: " and the message. Returns LC_EXIT_ERROR. */
__attribute__((format(printf, 1, 2))) enum lc_exit lc_complain(const char *format, ...);

/** Print that a rule is unknown, and a similar one. Returns LC_EXIT_ERROR. */
enum lc_exit lc_complain_of_rule(const char *word);

/** Print an error of the library about something the user named. Returns LC_EXIT_ERROR.
 */
enum lc_exit lc_complain_about(const char *subject, const struct lc_error *error);

/** The results of a run, and what all its reports are written from. */
struct lc_results {
    const struct lc_index *index;
    struct lc_view *view; /* the findings to report; NULL: all */
    struct lc_prediction *prediction;
    struct lc_thumbnails *thumbnails; /* NULL: none */
    bool is_trainer_stopped;          /* by its findings; the trainer was named */
    bool is_effect_unknown;           /* on a row, and --fail-on unknown was given */
};

/**
 * Write a report to stdout, as settings say. Returns false after an error.
 *
 * @param path  what the user named: rows files are printed relative to it, so that a
 * terminal can open them, unless it is an index
 */
bool lc_print_report(const struct lc_results *results, const struct lc_settings *settings,
                     const char *format, const char *path);

/** Write the result of a query to stdout; path and result as in lc_print_report, missing
 * as in lc_query_write. */
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

/** The same, of a symbolic link itself. */
bool lc_look_at_link(const char *path, struct stat *st, bool *there);

/** What is put before rows files' names so that a terminal or editor can open them: the
 * folder as the user typed it. *out is NULL when path is an index, and freed by the
 * caller. Returns false after an error was printed. */
bool lc_prefix_of(const char *path, char **out);

/** What paths begin with in reports for services, which know a repository from its top:
 * the folder as the user typed it, from there. NULL: it is not below. Lives as long as
 * the prefix. */
const char *lc_base_of(const char *prefix);

/** Check before a run that lc_view_open will find what it needs. Returns false after an
 * error was printed. */
bool lc_view_check(const struct lc_settings *settings);

/** Apply the selection of the settings to an index, after writing the baseline if they
 * say so. NULL after an error was printed; freed by the caller. */
struct lc_view *lc_view_open(const struct lc_index *index,
                             const struct lc_settings *settings);

/** The exit code for the findings, by --fail-on and --exit-zero. */
enum lc_exit lc_exit_code(const struct lc_results *results,
                          const struct lc_settings *settings);

/** Whether results are a failure, whatever the exit code. */
bool lc_results_fail(const struct lc_results *results,
                     const struct lc_settings *settings);

/** Print the formats of reports and how to choose one. */
void lc_formats_help(FILE *to);

/** What is written to a path. A report, a baseline or metrics only replaces a file of
 * their kind; a result, a file of rows or what belongs to it, replaces nothing unless by
 * force, and is on the disk when it gets its name. */
enum lc_target_kind {
    LC_TARGET_REPORT,
    LC_TARGET_BASELINE,
    LC_TARGET_RESULT,
    LC_TARGET_METRICS,
};

/**
 * A file that is written at a path that the user named. Everything that the program
 * writes at such a path goes through this.
 *
 * It is checked before a run, so that a bad name is reported at once, and again when the
 * new file takes its place. An existing file is only replaced when it is of the same
 * kind, or by force; one that the run reads never is. Nothing is written through a
 * symbolic link: with force the link itself is replaced.
 */
struct lc_target {
    const char *path; /* as the user gave it */
    enum lc_target_kind kind;
    bool force;
    bool existed;    /* when it was checked */
    struct stat was; /* if so: what was there then */
    FILE *file;      /* open between lc_target_open and lc_target_finish */
    char *part;      /* written first, to read it; then it gets its name; NULL: path is
                        written */
    bool is_unnamed; /* private: part has no name in its folder */
    int fd;          /* private: of part; belongs to file */
};

/** Check whether it may be written. Returns false after an error was printed. */
bool lc_target_check(struct lc_target *target, const struct lc_settings *settings);

/** Open it: a new file beside the path, or the device or stream that is there. Returns
 * false after an error was printed. */
bool lc_target_open(struct lc_target *target);

/** Close it and put it in its place. Returns false after an error was printed. */
bool lc_target_finish(struct lc_target *target, const struct lc_settings *settings);

/** Close and remove what was not finished. */
void lc_target_drop(struct lc_target *target);

/** A report that goes into a file. */
struct lc_report_file {
    struct lc_target target;
    const struct lc_report_format_info *format; /* as named, or from its suffix */
};

/** Check whether the report files can be written. Returns false after an error. */
bool lc_report_files_check(const struct lc_settings *settings,
                           struct lc_report_file *files);

/** Write them from an index and put them in their place. Returns false after an error. */
bool lc_report_files_write(const struct lc_results *results,
                           const struct lc_settings *settings,
                           struct lc_report_file *files);

/** Make thumbnails when they are wanted and a report shows them.
 *
 * @param out  set to NULL when there are none; lc_thumbnails_free
 * @return false after an error was printed
 */
bool lc_thumbnails_make(const struct lc_index *index, const struct lc_view *view,
                        const struct lc_settings *settings,
                        const struct lc_report_file *files, struct lc_thumbnails **out);

/** Whether a path is an index or its folder: the rows files are somewhere else. Returns
 * false after an error was printed: the check failed. */
bool lc_is_index(const char *path, bool *out);

/** Close and remove what lc_report_files_write did not put in place. */
void lc_report_files_drop(struct lc_report_file *files, size_t count);

/** Progress of a run on stderr, as the settings say. All calls accept NULL. */
struct lc_bar;
struct lc_bar *lc_bar_new(const struct lc_settings *settings); /* NULL: no memory */
void lc_bar_show(struct lc_bar *bar, const struct lc_progress *progress);

/** Take the bar off the terminal, before another line. Safe in a signal handler. */
void lc_bar_wipe(void);

/** End the run: wipe the bar, print how long it took if asked to, and free it. */
void lc_bar_end(struct lc_bar *bar);

#endif
