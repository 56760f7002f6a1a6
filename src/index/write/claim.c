/* Prepares the file names in an index folder, so that a run overwrites only files of
 * llava-check.
 *
 * A folder with the default name contains nothing else, but it may have come with the
 * data, and an archive can contain anything under any name: a link whose target would be
 * overwritten, a FIFO that would block. Such entries are removed, without touching what
 * they lead to. A folder that the user named may contain the user's own files with the
 * same names: there a file must be recognised by its content, and nothing is removed. */
#include "base/path.h"
#include "base/text.h"
#include "index/format/seal.h"
#include "index/write/folder.h"
#include "index/index.h"
#include "index/write/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADVICE "remove it, or name another folder with --index"

/* A file of an index folder, and how to recognise it. */
struct own_file {
    const char *name;
    const char *mark; /* a text that the file contains, */
    size_t from;      /* between this offset … */
    size_t to;        /* … and this one; */
    bool at_end;      /* both are counted from the end of the file if set */
    bool in_place;    /* it is modified in place, so a file hard-linked to it would be
                         modified too */
};

/* The index is recognised by its seal, the unfinished one by LMDB's magic, the others by
 * their start. */
static const struct own_file own_files[] = {
    {LC_LOCK_FILE, LC_LOCK_MARK, 0, sizeof(LC_LOCK_MARK) - 1, false, true},
    {LC_JOURNAL_FILE, "LCJ", 0, 3, false, true},
    {LC_INDEX_FILE, "LCSEAL", 0, LC_SEAL_SIZE, true, false},
    {LC_PART_FILE, "\xDE\xC0\xEF\xBE", 16, 20, false, false},
};

#define OWN_FILE_COUNT (sizeof(own_files) / sizeof(own_files[0]))
#define HEAD_SIZE 128 /* at least the largest `to` */

/* Read up to HEAD_SIZE bytes from the start or the end of a file. Returns their number; 0
 * if it cannot be read. */
static size_t read_bytes(const char *path, bool at_end, char *out, off_t *size)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    ssize_t got = -1;

    if (fd >= 0 && fstat(fd, &st) == 0) {
        *size = st.st_size;
        got = pread(fd, out, HEAD_SIZE,
                    at_end && st.st_size > HEAD_SIZE ? st.st_size - HEAD_SIZE : 0);
    }
    if (fd >= 0)
        close(fd);
    return got > 0 ? (size_t)got : 0;
}

static bool contains(const char *bytes, size_t size, const char *mark)
{
    return memmem(bytes, size, mark, strlen(mark)) != NULL;
}

/* Whether a file is all zeros, as a crash of the machine may leave it. */
static bool is_blank(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

/* Whether the content of a regular file shows that llava-check wrote it. */
static bool is_our_file(const char *path, const struct own_file *file)
{
    char bytes[HEAD_SIZE];
    off_t all = -1;
    size_t size = read_bytes(path, file->at_end, bytes, &all);
    size_t end = size < file->to ? size : file->to;

    if (all == 0 || (!file->at_end && size && is_blank(bytes, size)))
        return true;
    if (file->at_end)
        return contains(bytes + size - end, end, file->mark);
    return end > file->from && contains(bytes + file->from, end - file->from, file->mark);
}

/* Whether llava-check created the folder. It then owns all files in it, even damaged
 * ones. */
static enum lc_status is_our_folder(const char *folder, bool *out, struct lc_error *err)
{
    char *path = NULL, bytes[HEAD_SIZE];
    enum lc_status status = lc_path_join(folder, LC_TAG_FILE, &path, err);
    struct stat st;
    off_t all;

    if (status == LC_OK)
        *out = lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
               contains(bytes, read_bytes(path, false, bytes, &all), LC_TAG_MARK);
    free(path);
    return status;
}

/* Describe what a name refers to if that must not be written to; NULL if it may be. */
static const char *describe_wrong_kind(const struct stat *st, const struct own_file *file)
{
    if (S_ISLNK(st->st_mode))
        return "a symbolic link";
    if (S_ISDIR(st->st_mode))
        return "a folder";
    if (!S_ISREG(st->st_mode))
        return "not a regular file";
    if (file->in_place && st->st_nlink > 1)
        return "a hard link to another file";
    return NULL;
}

static enum lc_status remove_name(const char *path, const struct own_file *file,
                                  const struct stat *st, const struct lc_claimer *claimer,
                                  struct lc_error *err)
{
    const char *kind = describe_wrong_kind(st, file);
    char line[256];

    if ((S_ISDIR(st->st_mode) ? rmdir(path) : unlink(path)) != 0 && errno != ENOENT)
        return lc_fail(err, LC_ERR_INDEX, errno,
                       "its file '%s' is %s, and cannot be removed: %s", file->name, kind,
                       strerror(errno));
    snprintf(line, sizeof(line), "removed '%s' from the index folder: it was %s",
             file->name, kind);
    if (claimer->on_notice)
        claimer->on_notice(claimer->user, line);
    return LC_OK;
}

static enum lc_status claim_file(const char *path, const struct own_file *file,
                                 bool any_content, const struct lc_claimer *claimer,
                                 struct lc_error *err)
{
    struct stat st;
    const char *kind;

    if (lstat(path, &st) != 0)
        return errno == ENOENT ? LC_OK : lc_fail_errno(err, "read the index folder");
    kind = describe_wrong_kind(&st, file);
    if (kind && !claimer->is_named)
        return remove_name(path, file, &st, claimer, err);
    if (kind)
        return lc_fail(err, LC_ERR_INDEX, 0, "its file '%s' is %s; " ADVICE, file->name,
                       kind);
    if (!any_content && !is_our_file(path, file))
        return lc_fail(err, LC_ERR_INDEX, 0,
                       "its file '%s' was not written by llava-check; " ADVICE,
                       file->name);
    return LC_OK;
}

enum lc_status lc_index_claim(const char *folder, const struct lc_claimer *claimer,
                              struct lc_error *err)
{
    bool any_content = !claimer->is_named;
    enum lc_status status = lc_index_make_folder(folder, err);

    if (status == LC_OK && claimer->is_named)
        status = is_our_folder(folder, &any_content, err);
    for (size_t i = 0; i < OWN_FILE_COUNT && status == LC_OK; i++) {
        char *path = NULL;

        status = lc_path_join(folder, own_files[i].name, &path, err);
        if (status == LC_OK)
            status = claim_file(path, &own_files[i], any_content, claimer, err);
        free(path);
    }
    return status;
}
