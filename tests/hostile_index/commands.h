/* commands.h - every command that opens an index, run within this process
 *
 * Most formats take turns: each mutant is given to each command once, with one of its
 * formats, and then to the library, which opens the index once, writes every report,
 * answers every question in every format, and compares. Opening it 60 times would take
 * most of the time.
 *
 * In a campaign, most of the time would be spent on reports that are the same as for the
 * mutant before. Reading is what goes wrong first: so each mutant is opened, read by all
 * iterators and audited, and then used for one answer and one command, which take turns.
 * Commands that read the data set run only on some mutants. */
#ifndef LC_TESTS_HOSTILE_COMMANDS_H
#define LC_TESTS_HOSTILE_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Which file has to be put in place before a command is run. */
enum hostile_place {
    HOSTILE_NOTHING,
    HOSTILE_NAMED,   /* cache/: named with --index */
    HOSTILE_FOREIGN, /* data/.llava-check/, as if it came with the data */
    HOSTILE_SIGNED,  /* the same, but with the user's MAC */
    HOSTILE_PLACES
};

enum { HOSTILE_MOST_WORDS = 16 };

struct hostile_command {
    const char *words[HOSTILE_MOST_WORDS]; /* after the program's name; ends with NULL */
    enum hostile_place place;
    unsigned every; /* on one mutant in this number, 0: on all. Commands that differ in */
    unsigned phase; /* format take turns: where a seed leaves this rest */
    unsigned more_complaints; /* number of complaints allowed beyond one */
    bool is_library; /* no words: every answer in every format, from an index opened once
                      */
    bool reads_data; /* may be refused because of what the index claims about the data */
    bool is_json;
    bool is_audit; /* exit code 0 means that the index is consistent */
    bool is_check; /* reads the data set, whatever the state of the index */
    bool is_full;  /* and reports the same as the reference, unless it reuses a lie */
};

/** Ids of rows, for `index get`. */
struct hostile_ids {
    const char *items[4];
    size_t count;
};

/**
 * List the commands, from the program's own tables: each report format, each question to
 * an index in each format of its answers, each format of differences.
 *
 * @param ids    must live as long as the list
 * @param count  set to the number of commands
 *
 * Owner: the caller, free().
 */
struct hostile_command *hostile_commands(const struct hostile_ids *ids, size_t *count);

/** Return the words of a command, separated by blanks; valid until the next call. */
const char *hostile_command_name(const struct hostile_command *command);

/** Whether output in a format is a single JSON text. */
bool hostile_is_json(const char *format);

/** What a run printed. */
struct hostile_output {
    int code;
    char *out;
    size_t out_size;
    char *err;
    size_t err_size;
    bool opened;       /* by the library */
    const char *wrong; /* what went wrong during the run; NULL: nothing */
    size_t answers;    /* of the library, so far */
};

/** Return the number of answers that the library gives. */
size_t hostile_answer_count(void);

/** All of them. */
#define HOSTILE_ALL_ANSWERS SIZE_MAX

/**
 * Run the program in this process. Its standard streams are kept in memory.
 *
 * @param answer  of the library: the one that is written, or HOSTILE_ALL_ANSWERS
 */
void hostile_run(const struct hostile_command *command, const struct hostile_ids *ids,
                 size_t answer, struct hostile_output *out);
void hostile_output_clear(struct hostile_output *output);

/** Return what is wrong with a run, whatever its input, or NULL. */
const char *hostile_judge(const struct hostile_command *command,
                          const struct hostile_output *output);

#endif
