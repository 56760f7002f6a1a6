/* driver.c - run every command that opens an index on mutants of one
 *
 *     hostile_index [-psv] [-e EVERY] [-t SECONDS] WORK SEED COUNT
 *     hostile_index [-v] [-e EVERY] -f WORK FILE...
 *     hostile_index -w WORK SEED COUNT
 *
 * WORK/data is a data set; the rest of WORK belongs to the driver. Each seed from SEED on
 * makes a mutant of the index of that data set; nine of ten are sealed again. A child
 * process runs the commands of commands.c on one mutant after the other. It is killed if
 * a run takes more than 10 seconds of processor time or 1 GiB. A crash, a kill, or a run
 * that prints what it must not is a failure: its seed and command are printed, the mutant
 * is kept as WORK/found/SEED.mdb, and a new child continues with the next seed.
 *
 * Prints a table, tab-separated:
 *
 *     command  RUNS  CLEAN  FINDINGS  REFUSED  FAILED  COMMAND
 *     change   MUTANTS  OPENED  KIND
 *     failure  SEED  COMMAND  WHAT
 *     mutants  COUNT  OPENED  SEALED  SOUND  REUSED
 *     longest  MILLISECONDS  SEED  COMMAND
 *     largest  KIBIBYTES  SEED  COMMAND
 *
 * With -w, the mutants are written to WORK/found, and nothing is run. With -f, the
 * mutants are files of pages, to which a seal is added; seeds are their numbers.
 *
 * OPENED: passed the checks on opening. SOUND: `index check` found nothing. REUSED: a
 * check with the signed or named mutant reports something else than one without it, so it
 * reused a lie. With -v, each run is printed. With -e, the checks that may have to read
 * all images run on one mutant in EVERY; SECONDS of processor time end the campaign
 * early. With -s, each mutant is opened, read and audited, and then used for one answer
 * and one command, which take turns; a command that reads the data set runs one time in
 * SPARING. With -p, the index is that of part 1 of 1 of the data set, and each mutant is
 * merged. Exit 1: a failure.
 */
#include "commands.h"
#include "mutate.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "index/index.h"
#include "index/format/key.h"
#include "index/read/pages_layout.h"
#include "index/format/seal.h"
#include "scan/images/image_cache.h"

enum {
    MOST_SECONDS = 10, /* of processor time */
    MOST_WAIT = 120,   /* in seconds, for a machine that is busy, or a run that hangs */
    MOST_MIB = 1024,
    MOST_COMMANDS = 128,
    MOST_CHANGES = 64,
    MOST_IDS = sizeof(((struct hostile_ids *)0)->items) / sizeof(char *),
    BATCH = 500, /* number of mutants for a child */
    SEAL_SIZE = 104,
    POLL_NS = 5000000,
    UNSEALED_OF = 10, /* one in this number is not sealed again */
    SPARING = 8,
};

#define NS INT64_C(1000000000)

/* Only with a sanitizer: prints leaks, and returns whether there are any. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* Only in a coverage build: adds the counts to the files. */
void __gcov_dump(void) __attribute__((weak));

/* Assertions print to a stream in memory, so a stack is printed to the descriptor. Freed
 * memory is not kept for long, because it would count as the program's. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "handle_abort=1:quarantine_size_mb=8:max_allocation_size_mb=1024:"
           "allocator_may_return_null=1:malloc_context_size=8";
}

/* Counts of the children, shared with the parent. */
struct counts {
    uint64_t exits[MOST_COMMANDS][3];
    uint64_t failed[MOST_COMMANDS];
    uint64_t made[MOST_CHANGES];
    uint64_t opened[MOST_CHANGES];
    uint64_t mutants, all_opened, sealed, sound, reused;
    int64_t longest_ns;
    uint64_t longest_seed;
    size_t longest_command;
    long largest_kib;
    uint64_t largest_seed;
    size_t largest_command;
    /* where the child is */
    uint64_t seed;
    size_t command;
    int64_t began_ns; /* when the run began; 0: between runs */
    int64_t cpu_ns;   /* processor time of the child when the run began */
    char wrong[256];  /* what a run did that it must not */
};

struct driver {
    bool verbose;
    bool is_sparing;
    bool is_part;
    unsigned
        turns[MOST_COMMANDS]; /* sparing: each command's turn among those of its kind */
    unsigned kinds[2];        /* the number of each kind: without and with the data */
    size_t answers;           /* of the library */
    unsigned every; /* checks that may read all images: on one mutant in this number */
    uint64_t seed, end;
    char **files; /* -f: by seed */
    struct counts *counts;
    struct hostile_ids ids;
    struct hostile_command *commands;
    size_t command_count;
    struct hostile_mutant mutant;
    uint8_t sound_seal[SEAL_SIZE];
    uint8_t seals[HOSTILE_PLACES][SEAL_SIZE]; /* of the mutant in each place */
    bool has_seal[HOSTILE_PLACES];
    /* the fingerprint of decoders depends on the place of the index, unless it is named:
     * its offset in the file, and its value there */
    size_t decoders_at;
    struct lc_hash decoders, decoders_named;
    struct lc_key key;
    char *reference; /* what a check of the data set reports */
    size_t reference_size;
    bool is_sealed, is_changed, is_open;
    uint64_t failures;
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return now.tv_sec * NS + now.tv_nsec;
}

/* ---- files ---- */

static void write_file(const char *path, const uint8_t *bytes, size_t size,
                       const uint8_t *seal)
{
    FILE *file = fopen(path, "wbe");

    if (!file || fwrite(bytes, 1, size, file) != size ||
        fwrite(seal, 1, SEAL_SIZE, file) != SEAL_SIZE || fclose(file) != 0)
        err(2, "%s", path);
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rbe");
    uint8_t *bytes;
    struct stat st;

    if (!file || fstat(fileno(file), &st) != 0)
        err(2, "%s", path);
    *size = (size_t)st.st_size;
    bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size)
        err(2, "%s", path);
    fclose(file);
    return bytes;
}

/* Seal the mutant, with a key or without. */
static void seal(struct driver *d, const struct lc_key *key, uint8_t out[SEAL_SIZE])
{
    int fd = open("scratch.mdb", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t size = d->mutant.size;

    if (fd < 0 || write(fd, d->mutant.bytes, size) != (ssize_t)size ||
        lc_seal_add(fd, key, NULL) != LC_OK ||
        pread(fd, out, SEAL_SIZE, (off_t)size) != SEAL_SIZE)
        err(2, "scratch.mdb");
    close(fd);
}

/* Replace a fingerprint by another; unused pages may contain it, too. */
static void set_decoders(struct driver *d, const struct lc_hash *from,
                         const struct lc_hash *to)
{
    uint8_t *at = d->mutant.bytes, *end = at + d->mutant.size;

    while ((at = memmem(at, (size_t)(end - at), from->bytes, sizeof(*from)))) {
        memcpy(at, to->bytes, sizeof(*to));
        at += sizeof(*to);
    }
}

/* Return the mutant's seal for a place, after setting the right fingerprint for it. */
static const uint8_t *seal_of(struct driver *d, enum hostile_place place)
{
    uint8_t *out = d->seals[place];

    if (!d->has_seal[place] && !d->is_sealed)
        memcpy(out, d->sound_seal, SEAL_SIZE);
    else if (!d->has_seal[place])
        seal(d, place == HOSTILE_SIGNED ? &d->key : NULL, out);
    d->has_seal[place] = true;
    return out;
}

static void put_in_place(struct driver *d, enum hostile_place place)
{
    static const char *const paths[] = {
        [HOSTILE_NAMED] = "cache/" LC_INDEX_FILE,
        [HOSTILE_FOREIGN] = "data/.llava-check/" LC_INDEX_FILE,
        [HOSTILE_SIGNED] = "data/.llava-check/" LC_INDEX_FILE,
    };

    if (place == HOSTILE_NOTHING)
        return;
    if (place == HOSTILE_NAMED)
        set_decoders(d, &d->decoders, &d->decoders_named);
    write_file(paths[place], d->mutant.bytes, d->mutant.size, seal_of(d, place));
    if (place == HOSTILE_NAMED)
        set_decoders(d, &d->decoders_named, &d->decoders);
}

/* ---- a child ---- */

/* End the child because a run did what it must not. */
_Noreturn static void fail(struct driver *d, const char *what)
{
    snprintf(d->counts->wrong, sizeof(d->counts->wrong), "%s", what);
    fflush(stdout);
    _exit(1);
}

_Noreturn static void fail_at(struct driver *d, size_t command, const char *what)
{
    d->counts->command = command;
    fail(d, what);
}

static int count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void note_costs(struct driver *d, int64_t ns)
{
    struct counts *counts = d->counts;
    struct rusage usage;

    if (ns > counts->longest_ns) {
        counts->longest_ns = ns;
        counts->longest_seed = counts->seed;
        counts->longest_command = counts->command;
    }
    (void)getrusage(RUSAGE_SELF, &usage);
    if (usage.ru_maxrss > counts->largest_kib) {
        counts->largest_kib = usage.ru_maxrss;
        counts->largest_seed = counts->seed;
        counts->largest_command = counts->command;
    }
    if (usage.ru_maxrss > MOST_MIB * 1024L)
        fail(d, "more memory than is allowed");
}

static bool is_reference(const struct driver *d, const struct hostile_output *output)
{
    return output->out_size == d->reference_size &&
           memcmp(output->out, d->reference, output->out_size) == 0;
}

/* Check what must be true of a run, given what others reported on the same mutant. */
static void judge(struct driver *d, const struct hostile_command *command,
                  const struct hostile_output *output, bool *sound)
{
    const char *wrong = hostile_judge(command, output);

    if (wrong)
        fail(d, wrong);
    d->is_open |= output->opened;
    if (d->is_open && d->is_changed && !d->is_sealed)
        fail(d, "an index that is not sealed was opened");
    if (command->is_audit)
        *sound = output->code == 0;
    if (command->is_check && output->code == 2)
        fail(d, "a check of sound data did not finish");
    if (command->place == HOSTILE_FOREIGN && command->is_full && !is_reference(d, output))
        fail(d, "a check believes an index that came with the data");
}

/* Return a number for the current seed, independent of how its mutant is made. */
static uint64_t draw(const struct driver *d)
{
    struct hostile_random random = {~d->counts->seed};

    return hostile_next(&random);
}

static bool is_in_turn(const struct driver *d, size_t command)
{
    const struct hostile_command *which = &d->commands[command];
    uint64_t drawn = draw(d);

    if (which->is_library || which->is_audit ||
        (d->is_part && strcmp(which->words[0], "merge") == 0))
        return true;
    if (which->reads_data && drawn % SPARING)
        return false;
    return drawn / SPARING % d->kinds[which->reads_data] == d->turns[command];
}

static bool is_due(const struct driver *d, const struct hostile_command *command)
{
    unsigned every = command->is_full && d->every ? d->every : command->every;

    return d->verbose || !every || d->counts->seed % every == command->phase % every;
}

static void run_all(struct driver *d)
{
    struct counts *counts = d->counts;
    bool sound = false, reused = false;
    size_t refused = SIZE_MAX, answer = HOSTILE_ALL_ANSWERS;

    if (d->is_sparing)
        answer = (size_t)(draw(d) / SPARING % d->answers);
    d->is_open = false;
    for (size_t i = 0; i < d->command_count; i++) {
        const struct hostile_command *command = &d->commands[i];
        struct hostile_output output;
        int64_t cpu_ns;

        if (d->is_sparing && !d->verbose ? !is_in_turn(d, i) : !is_due(d, command))
            continue;
        put_in_place(d, command->place);
        counts->command = i;
        cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
        counts->cpu_ns = cpu_ns;
        counts->began_ns = clock_ns(CLOCK_MONOTONIC);
        hostile_run(command, &d->ids, answer, &output);
        counts->began_ns = 0;
        cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns;
        if (d->verbose)
            printf("%d\t%" PRId64 " us\t%s\t%s", output.code, cpu_ns / 1000,
                   hostile_command_name(command), *output.err ? output.err : "\n");
        judge(d, command, &output, &sound);
        note_costs(d, cpu_ns);
        counts->exits[i][output.code]++;
        if (output.code == 2 && !command->reads_data)
            refused = i;
        reused |= command->is_full && !is_reference(d, &output);
        hostile_output_clear(&output);
    }
    if (sound && refused != SIZE_MAX)
        fail_at(d, refused, "an index that 'index check' calls sound was refused");
    counts->all_opened += d->is_open;
    counts->sound += sound;
    counts->reused += reused;
}

static void load_forgery(struct driver *d, const char *path)
{
    free(d->mutant.bytes);
    d->mutant.bytes = read_file(path, &d->mutant.size);
}

static void try_seed(struct driver *d, uint64_t seed)
{
    struct counts *counts = d->counts;
    uint64_t applied = d->files ? 0 : hostile_mutate(&d->mutant, seed);

    if (d->files)
        load_forgery(d, d->files[seed]);
    d->is_sealed = d->files || seed % UNSEALED_OF != 0;
    d->is_changed = d->mutant.size != d->mutant.sound_size ||
                    memcmp(d->mutant.bytes, d->mutant.sound, d->mutant.size) != 0;
    memset(d->has_seal, 0, sizeof(d->has_seal));
    write_file("index/" LC_INDEX_FILE, d->mutant.bytes, d->mutant.size,
               seal_of(d, HOSTILE_NOTHING));
    run_all(d);
    counts->mutants++;
    counts->sealed += d->is_sealed;
    for (size_t i = 0; hostile_change_at(i); i++) {
        counts->made[i] += applied >> i & 1;
        counts->opened[i] += applied >> i & d->is_open;
    }
}

_Noreturn static void be_child(struct driver *d)
{
    int before = 0;

    for (uint64_t i = 0; i < BATCH && d->seed < d->end; i++) {
        d->counts->seed = d->seed;
        try_seed(d, d->seed++);
        if (i == 0) /* the first run may allocate something for all later ones */
            before = count_descriptors();
        else if (count_descriptors() != before)
            fail(d, "a descriptor is left open");
    }
    if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check() != 0)
        fail(d, "memory is lost, by this mutant or one before it");
    if (__gcov_dump)
        __gcov_dump();
    fflush(stdout);
    _exit(0);
}

/* ---- the parent ---- */

static long resident_kib(pid_t pid)
{
    char path[64];
    long pages = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    file = fopen(path, "re");
    if (file && fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Wait for a child; kill it if a run takes too much time or memory. */
static int supervise(struct driver *d, pid_t pid, const char **why)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};
    clockid_t clock;
    int status = 0;

    if (clock_getcpuclockid(pid, &clock) != 0)
        errx(2, "the clock of a child");

    *why = NULL;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        int64_t began_ns = __atomic_load_n(&d->counts->began_ns, __ATOMIC_RELAXED);

        if (began_ns && (clock_ns(clock) - d->counts->cpu_ns > MOST_SECONDS * NS ||
                         clock_ns(CLOCK_MONOTONIC) - began_ns > MOST_WAIT * NS))
            *why = "more time than is allowed";
        else if (resident_kib(pid) > MOST_MIB * 1024L)
            *why = "more memory than is allowed";
        if (*why) {
            kill(pid, SIGKILL);
            (void)waitpid(pid, &status, 0);
            break;
        }
        nanosleep(&pause, NULL);
    }
    return status;
}

/* Write the mutant of a seed, as it would come with data from strangers. */
static void keep_mutant(struct driver *d, uint64_t seed)
{
    char path[64];

    (void)hostile_mutate(&d->mutant, seed);
    memcpy(d->seals[HOSTILE_FOREIGN], d->sound_seal, SEAL_SIZE);
    if (seed % UNSEALED_OF != 0)
        seal(d, NULL, d->seals[HOSTILE_FOREIGN]);
    snprintf(path, sizeof(path), "found/%" PRIu64 ".mdb", seed);
    write_file(path, d->mutant.bytes, d->mutant.size, d->seals[HOSTILE_FOREIGN]);
}

static void print_failure(struct driver *d, int status, const char *why)
{
    struct counts *counts = d->counts;
    char what[64];

    if (WIFSIGNALED(status))
        snprintf(what, sizeof(what), "signal %d", WTERMSIG(status));
    else
        snprintf(what, sizeof(what), "exit code %d", WEXITSTATUS(status));
    printf("failure\t%" PRIu64 "\t%s\t%s\n", counts->seed,
           hostile_command_name(&d->commands[counts->command]),
           why              ? why
           : *counts->wrong ? counts->wrong
                            : what);
    fflush(stdout);
    d->failures++;
    counts->failed[counts->command]++;
    counts->mutants++;
    if (!d->files)
        keep_mutant(d, counts->seed);
}

/* Try all seeds in children, unless the time runs out. */
static void try_all(struct driver *d, int64_t budget_ns)
{
    struct rusage usage = {0};

    while (d->seed < d->end) {
        const char *why;
        int status;
        pid_t pid;

        if (budget_ns &&
            (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS +
                    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000 >
                budget_ns)
            break;
        fflush(stdout);
        d->counts->seed = d->seed;
        d->counts->began_ns = 0;
        d->counts->wrong[0] = '\0';
        pid = fork();
        if (pid < 0)
            err(2, "fork");
        if (pid == 0)
            be_child(d);
        status = supervise(d, pid, &why);
        if (status != 0)
            print_failure(d, status, why);
        d->seed = d->counts->seed + 1;
        (void)getrusage(RUSAGE_CHILDREN, &usage);
    }
}

static void print_totals(const struct driver *d)
{
    const struct counts *c = d->counts;

    for (size_t i = 0; i < d->command_count; i++)
        printf("command\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
               "\t%s\n",
               c->exits[i][0] + c->exits[i][1] + c->exits[i][2] + c->failed[i],
               c->exits[i][0], c->exits[i][1], c->exits[i][2], c->failed[i],
               hostile_command_name(&d->commands[i]));
    for (size_t i = 0; hostile_change_at(i); i++)
        printf("change\t%" PRIu64 "\t%" PRIu64 "\t%s%s\n", c->made[i], c->opened[i],
               hostile_change_at(i)->is_lie ? "lie: " : "", hostile_change_at(i)->name);
    printf("mutants\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
           c->mutants, c->all_opened, c->sealed, c->sound, c->reused);
    printf("longest\t%" PRId64 "\t%" PRIu64 "\t%s\n", c->longest_ns / 1000000,
           c->longest_seed, hostile_command_name(&d->commands[c->longest_command]));
    printf("largest\t%ld\t%" PRIu64 "\t%s\n", c->largest_kib, c->largest_seed,
           hostile_command_name(&d->commands[c->largest_command]));
}

/* ---- the sound index ---- */

static time_t newest;

static int see_time(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)path;
    (void)kind;
    (void)walk;
    newest = st->st_ctim.tv_sec > newest ? st->st_ctim.tv_sec : newest;
    return 0;
}

/* Wait, because results are only reused for files that were old when they were read. */
static void wait_until_settled(void)
{
    const struct timespec pause = {.tv_nsec = 100000000};

    if (nftw("data", see_time, 16, FTW_PHYS) != 0)
        err(2, "data");
    while (time(NULL) <= newest + 3)
        nanosleep(&pause, NULL);
}

/* Run a command in a child process, because the driver itself must have no threads and no
 * closed streams. Its output is kept in a file, if path is given. */
static void run_apart(const struct hostile_command *command, const char *path)
{
    struct hostile_output output;
    int status = 0;
    FILE *file;
    pid_t pid = fork();

    if (pid == 0) {
        hostile_run(command, NULL, HOSTILE_ALL_ANSWERS, &output);
        file = fopen(path, "wbe");
        if (!file || fwrite(output.out, 1, output.out_size, file) != output.out_size ||
            fclose(file) != 0)
            _exit(3);
        if (output.code == 2)
            fputs(output.err, stderr);
        _exit(output.code);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
        WEXITSTATUS(status) > 1)
        errx(2, "the sound data set could not be checked");
}

static void make_sound(struct driver *d)
{
    static const struct hostile_command check = {.words = {"check", "data", "-j", "1",
                                                           "-f", "json"}},
                                        baseline = {.words = {"report", "data", "-q",
                                                              "--write-baseline",
                                                              "sound.json"}};
    static const struct hostile_command part = {
        .words = {"check", "data", "-j", "1", "-q", "--part", "1/1", "--index", "part"}};
    const char *made =
        d->is_part ? "part/" LC_INDEX_FILE : "data/.llava-check/" LC_INDEX_FILE;
    static const char *const folders[] = {"index", "sound", "cache", "found", "state"};
    uint8_t *bytes;

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (mkdir(folders[i], 0700) != 0 && errno != EEXIST)
            err(2, "%s", folders[i]);
    if (access("sound/" LC_INDEX_FILE, F_OK) != 0) {
        wait_until_settled();
        run_apart(&check, "reference.json");
        run_apart(&baseline, "scratch.txt");
        if (d->is_part)
            run_apart(&part, "scratch.txt");
        bytes = read_file(made, &d->mutant.sound_size);
        write_file("sound/" LC_INDEX_FILE, bytes, d->mutant.sound_size - SEAL_SIZE,
                   bytes + d->mutant.sound_size - SEAL_SIZE);
        free(bytes);
    }
    d->reference = (char *)read_file("reference.json", &d->reference_size);
    bytes = read_file("sound/" LC_INDEX_FILE, &d->mutant.sound_size);
    d->mutant.sound_size -= SEAL_SIZE;
    memcpy(d->sound_seal, bytes + d->mutant.sound_size, SEAL_SIZE);
    d->mutant.sound = bytes;
    d->mutant.bytes = malloc(d->mutant.sound_size + HOSTILE_MOST_GROWTH);
    d->mutant.scratch = "scratch.mdb";
    if (!d->mutant.bytes)
        err(2, "memory");
}

static void find_key(struct driver *d)
{
    struct lc_key_found found;

    if (lc_key_find(false, &found, NULL) != LC_OK || !found.exists)
        errx(2, "there is no key: %s", found.reason);
    d->key = found.key;
}

/* Collect some ids of rows: the first ones, and one that several rows have. */
static enum lc_status see_row(void *user, uint64_t number,
                              const struct lc_row_record *row, struct lc_span images,
                              struct lc_error *error)
{
    struct hostile_ids *ids = user;

    (void)number;
    (void)images;
    (void)error;
    if (ids->count < MOST_IDS - 1 && row->id.size && row->id.text[0] != '-' &&
        !memchr(row->id.text, '\0', row->id.size))
        ids->items[ids->count++] = strndup(row->id.text, row->id.size);
    return LC_OK;
}

static enum lc_status see_finding(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *error)
{
    struct hostile_ids *ids = user;

    (void)error;
    if (finding->kind == LC_FINDING_SET && finding->id.size && ids->count < MOST_IDS)
        ids->items[ids->count++] = strndup(finding->id.text, finding->id.size);
    return LC_OK;
}

static void look_at_sound(struct driver *d)
{
    struct lc_index *index = NULL;

    if (lc_index_open_file("sound/" LC_INDEX_FILE, NULL, &index, NULL) != LC_OK ||
        lc_index_each_row(index, see_row, &d->ids, NULL) != LC_OK ||
        lc_index_each_finding(index, see_finding, &d->ids, NULL) != LC_OK ||
        !d->ids.count)
        errx(2, "sound/" LC_INDEX_FILE " has no ids");
    d->decoders = lc_index_info(index)->decoders;
    d->decoders_named = lc_image_cache_fingerprint(NULL);
    lc_index_close(index);
    d->commands = hostile_commands(&d->ids, &d->command_count);
    if (d->command_count > MOST_COMMANDS)
        errx(2, "more commands than MOST_COMMANDS");
    d->answers = hostile_answer_count();
    for (size_t i = 0; i < d->command_count; i++) {
        const struct hostile_command *command = &d->commands[i];

        if (!command->is_library && !command->is_audit)
            d->turns[i] = d->kinds[command->reads_data]++;
    }
}

static void prepare(struct driver *d, const char *work)
{
    char folder[PATH_MAX], state[PATH_MAX + 8];

    if (chdir(work) != 0 || !realpath(".", folder))
        err(2, "%s", work);
    snprintf(state, sizeof(state), "%s/state", folder);
    if (setenv("XDG_STATE_HOME", state, 1) != 0 || setenv("HOME", state, 1) != 0 ||
        setenv("XDG_CACHE_HOME", state, 1) != 0 || setenv("LC_ALL", "C", 1) != 0 ||
        setenv("TZ", "UTC", 1) != 0 || unsetenv("LLAVA_CHECK_KEY") != 0 ||
        unsetenv("TERM") != 0 || unsetenv("COLUMNS") != 0)
        err(2, "environment");
    make_sound(d);
    find_key(d);
    look_at_sound(d);
    d->counts = mmap(NULL, sizeof(*d->counts), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (d->counts == MAP_FAILED)
        err(2, "memory");
}

int main(int argc, char **argv)
{
    static struct driver driver; /* static: its contents are in use until the end */
    int64_t budget_ns = 0;
    bool writes = false;
    int option;

    while ((option = getopt(argc, argv, "psve:t:fw")) != -1)
        if (option == 'v')
            driver.verbose = true;
        else if (option == 's')
            driver.is_sparing = true;
        else if (option == 'p')
            driver.is_part = true;
        else if (option == 'e')
            driver.every = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 't')
            budget_ns = strtoll(optarg, NULL, 10) * NS;
        else if (option == 'f')
            driver.files = argv;
        else if (option == 'w')
            writes = true;
        else
            return 2;
    argv += optind;
    argc -= optind;
    if (driver.files ? argc < 2 : argc != 3)
        errx(2, "usage: hostile_index [-psv] [-e EVERY] [-t SECONDS] WORK SEED COUNT | "
                "-f WORK FILE...");
    driver.seed = driver.files ? 0 : strtoull(argv[1], NULL, 10);
    driver.end =
        driver.seed + (driver.files ? (uint64_t)argc - 1 : strtoull(argv[2], NULL, 10));
    driver.files = driver.files ? argv + 1 : NULL;
    prepare(&driver, argv[0]);
    for (; writes && driver.seed < driver.end; driver.seed++)
        keep_mutant(&driver, driver.seed);
    try_all(&driver, budget_ns);
    print_totals(&driver);
    return driver.failures != 0;
}
