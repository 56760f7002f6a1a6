#include "index/format/key.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_VARIABLE "LLAVA_CHECK_KEY"

/* A random hexadecimal string of this length has 128 bits. */
#define MIN_VARIABLE_SIZE 32

__attribute__((format(printf, 2, 3))) static void set_reason(struct lc_key_found *out,
                                                             const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out->reason, sizeof(out->reason), format, args);
    va_end(args);
}

static enum lc_status derive_key(const char *value, struct lc_key_found *out,
                                 struct lc_error *err)
{
    struct lc_digest digest = lc_digest_bytes(value, strlen(value));

    if (strlen(value) < MIN_VARIABLE_SIZE)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       KEY_VARIABLE
                       " has fewer than %d characters: use random ones, such "
                       "as `openssl rand -hex 32` prints",
                       MIN_VARIABLE_SIZE);
    memcpy(out->key.bytes, digest.bytes, sizeof(out->key.bytes));
    out->exists = out->is_from_environment = true;
    return LC_OK;
}

/* Get the folder of the key file; *out stays NULL if no variable names one. */
static enum lc_status state_folder(char **out, struct lc_error *err)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    struct lc_buffer text = {0};
    enum lc_status status = LC_OK;

    if (state && *state == '/')
        status = lc_buffer_printf(&text, err, "%s/llava-check", state);
    else if (home && *home == '/')
        status = lc_buffer_printf(&text, err, "%s/.local/state/llava-check", home);
    *out = text.data;
    return status;
}

/* Read the key file. Returns false if it does not exist; otherwise out receives the key,
 * or the reason why the file is not used. */
static bool read_key(const char *path, struct lc_key_found *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;

    if (fd < 0 && errno == ENOENT)
        return false;
    if (fd < 0 || fstat(fd, &st) != 0)
        set_reason(out, "its file cannot be read: %s", strerror(errno));
    else if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
        set_reason(out, "its file is a link or not a regular file");
    else if (st.st_uid != geteuid())
        set_reason(out, "its file belongs to another user");
    else if (st.st_mode & (S_IRWXG | S_IRWXO))
        set_reason(out,
                   "its file is readable by others; remove it to have a new one created");
    else if (read(fd, out->key.bytes, sizeof(out->key.bytes)) != sizeof(out->key.bytes) ||
             st.st_size != sizeof(out->key.bytes))
        set_reason(out, "its file is damaged; remove it to have a new one created");
    else
        out->exists = true;
    if (fd >= 0)
        close(fd);
    return true;
}

static void make_folders(char *folder)
{
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, 0700); /* creating the file reports a failure */
        *slash = '/';
    }
    (void)mkdir(folder, 0700);
}

/* Write a new key to a temporary name, chosen by mkostemp. */
static bool write_new_file(char *path, const struct lc_key *key)
{
    int fd = mkostemp(path, O_CLOEXEC); /* mode 0600 */
    bool written;

    if (fd < 0)
        return false;
    written =
        write(fd, key->bytes, sizeof(key->bytes)) == sizeof(key->bytes) && fsync(fd) == 0;
    written = close(fd) == 0 && written;
    if (!written)
        (void)unlink(path);
    return written;
}

/* Create the key file atomically: write it under a temporary name, then link that to the
 * final name. link() fails if the name exists, so of several runs that create a key at
 * the same time the first one wins, and all of them read the same key back. */
static enum lc_status make_key(char *folder, const char *path, struct lc_key_found *out,
                               struct lc_error *err)
{
    struct lc_buffer part = {0};
    enum lc_status status = lc_buffer_printf(&part, err, "%s/key-XXXXXX", folder);
    struct lc_key key;

    if (status != LC_OK)
        return status;
    make_folders(folder);
    if (getrandom(key.bytes, sizeof(key.bytes), 0) != sizeof(key.bytes) ||
        !write_new_file(part.data, &key)) {
        set_reason(out, "%s cannot be written: %s", path, strerror(errno));
    } else {
        int failed = link(part.data, path) == 0 || errno == EEXIST ? 0 : errno;

        /* the file system may not support hard links */
        if (failed &&
            renameat2(AT_FDCWD, part.data, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
            failed = 0;
        (void)unlink(part.data);
        if (failed || !read_key(path, out))
            set_reason(out, "%s cannot be written: %s", path, strerror(failed));
    }
    lc_buffer_clear(&part);
    return LC_OK;
}

enum lc_status lc_key_find(bool create, struct lc_key_found *out, struct lc_error *err)
{
    const char *variable = getenv(KEY_VARIABLE);
    struct lc_buffer path = {0};
    char *folder = NULL;
    enum lc_status status;

    *out = (struct lc_key_found){.exists = false};
    if (variable && *variable)
        return derive_key(variable, out, err);
    status = state_folder(&folder, err);
    if (status == LC_OK && folder)
        status = lc_buffer_printf(&path, err, "%s/key", folder);
    if (status == LC_OK && !folder)
        set_reason(out, "HOME and XDG_STATE_HOME are not set");
    else if (status == LC_OK && !read_key(path.data, out) && create)
        status = make_key(folder, path.data, out, err);
    lc_buffer_clear(&path);
    free(folder);
    return status;
}

enum lc_status lc_trust_decide(bool is_named, struct lc_trust *out, struct lc_error *err)
{
    enum lc_status status = lc_key_find(true, &out->found, err);

    out->needs_key = !is_named || out->found.is_from_environment;
    return status;
}
