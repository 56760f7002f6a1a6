/* The records of git and git-LFS.
 *
 * .git/index contains the path of every file of a checkout and the name of its blob: the
 * SHA-1 of "blob", the size and the bytes. If git-LFS keeps a file, its blob is a
 * pointer: a text that follows from the file's SHA-256 and size. So the bytes of the file
 * determine the name of that blob, too. .git/lfs/objects contains the files of git-LFS
 * under their SHA-256.
 *
 * Source: git Documentation/gitformat-index.txt, versions 2 to 4; git-lfs docs/spec.md.
 */
#include "proof/formats.h"

#include "base/bytes.h"
#include "base/text.h"
#include "store/plain.h"

#include <string.h>

#define SHA1_SIZE 20
#define ENTRY_SIZE 62 /* not counting the name */
#define MODE_AT 24
#define SUM_AT 40
#define FLAGS_AT 60
#define FLAG_EXTENDED 0x4000
#define FLAG_STAGE 0x3000
#define EXTENDED_SKIP 0x4000 /* left out of a sparse checkout: not in the folder */
#define EXTENDED_NEW 0x2000  /* only announced, with git add -N */
#define TYPE_MASK 0170000
#define TYPE_FILE 0100000

/* ---- what the repository is ---- */

static struct lc_span first_line(const struct lc_buffer *bytes)
{
    const char *end = memchr(bytes->data, '\n', bytes->size);

    return lc_text_strip(
        (struct lc_span){bytes->data, end ? (size_t)(end - bytes->data) : bytes->size});
}

/* Read a small file below .git; *good is set to whether it exists. */
static enum lc_status read_below(struct lc_finder *finder, struct lc_span base,
                                 const char *name, bool *good, struct lc_error *err)
{
    enum lc_read_result result = LC_READ_MISSING;
    struct lc_buffer path = {0};
    int os_errno = 0;
    enum lc_status status = lc_buffer_printf(&path, err, "%.*s%s.git/%s", (int)base.size,
                                             base.text, base.size ? "/" : "", name);

    if (status == LC_OK)
        status = lc_plain_read(finder->folder, path.data, (uint64_t)1 << 20,
                               &finder->bytes, &result, &os_errno, err);
    *good = status == LC_OK && result == LC_READ_OK;
    lc_buffer_clear(&path);
    return status;
}

static bool copy_commit(struct lc_span text, char out[65])
{
    if (text.size != 40 || strspn(text.text, "0123456789abcdef") < 40)
        return false;
    memcpy(out, text.text, 40);
    out[40] = '\0';
    return true;
}

/* Read the commit of a branch from the branch's own file, or from a line in
 * packed-refs. */
static enum lc_status read_branch(struct lc_finder *finder, struct lc_span base,
                                  const char *name, char out[65], struct lc_error *err)
{
    bool good = false;
    const char *at;
    enum lc_status status = read_below(finder, base, name, &good, err);

    if (status != LC_OK || (good && copy_commit(first_line(&finder->bytes), out)))
        return status;
    status = read_below(finder, base, "packed-refs", &good, err);
    if (status != LC_OK || !good)
        return status;
    at = memmem(finder->bytes.data, finder->bytes.size, name, strlen(name));
    if (at && at >= finder->bytes.data + 41 && at[-1] == ' ')
        (void)copy_commit((struct lc_span){at - 41, 40}, out);
    return LC_OK;
}

/* Read the commit that is checked out, from HEAD or from the branch that HEAD names;
 * empty if it is not found. */
static enum lc_status read_commit(struct lc_finder *finder, struct lc_span base,
                                  char out[65], struct lc_error *err)
{
    char name[256];
    struct lc_span line;
    bool good = false;
    enum lc_status status = read_below(finder, base, "HEAD", &good, err);

    *out = '\0';
    if (status != LC_OK || !good)
        return status;
    line = first_line(&finder->bytes);
    if (!lc_span_starts(line, "ref: refs/") || line.size >= sizeof(name) ||
        memmem(line.text, line.size, "..", 2)) {
        (void)copy_commit(line, out);
        return LC_OK;
    }
    memcpy(name, line.text + 5, line.size - 5);
    name[line.size - 5] = '\0';
    return read_branch(finder, base, name, out, err);
}

/* Read the address of the remote "origin", without any user name and password. */
static enum lc_status read_remote(struct lc_finder *finder, struct lc_span base,
                                  char out[512], struct lc_error *err)
{
    static const char section[] = "[remote \"origin\"]", key[] = "url = ";
    const char *at, *end, *host, *user;
    bool good = false;
    size_t size;
    enum lc_status status = read_below(finder, base, "config", &good, err);

    *out = '\0';
    if (status != LC_OK || !good)
        return status;
    at = memmem(finder->bytes.data, finder->bytes.size, section, sizeof(section) - 1);
    end = finder->bytes.data + finder->bytes.size;
    at = at ? memmem(at, (size_t)(end - at), key, sizeof(key) - 1) : NULL;
    if (!at)
        return LC_OK;
    at += sizeof(key) - 1;
    size = strcspn(at, "\r\n"); /* zeros follow the text */
    host = memmem(at, size, "://", 3);
    if (host) {
        host += 3;
        user = memrchr(host, '@', (size_t)(at + size - host));
        size -= user ? (size_t)(user + 1 - at) : (size_t)(host - at);
        at = user ? user + 1 : host;
    }
    if (size < 512) {
        memcpy(out, at, size);
        out[size] = '\0';
    }
    return LC_OK;
}

/* ---- the index ---- */

/* The state of reading an index. */
struct index {
    const uint8_t *at, *end; /* entries, not including the checksum after them */
    uint32_t version;
    struct lc_buffer name; /* name of the last entry; in version 4, the next name builds
                              on it */
};

/* Read how many bytes of the last name to drop before the new rest is appended: 7 bits a
 * byte, the high bit says that more follow, and 1 is added for each that does. Returns
 * false if it is damaged. */
static bool read_drop(const struct index *index, const uint8_t **at, size_t *out)
{
    uint8_t byte;

    *out = 0;
    do {
        if (*at == index->end || *out >> 24)
            return false;
        byte = *(*at)++;
        *out = (*out << 7) | (byte & 127U);
        *out += byte & 128U ? 1 : 0;
    } while (byte & 128U);
    return *out <= index->name.size;
}

/* Read the name of an entry, which follows its fixed part. Returns false if it is
 * damaged. */
static bool read_name(struct index *index, const uint8_t *entry, size_t fixed,
                      bool *failed)
{
    const uint8_t *at = entry + fixed, *end;
    size_t keep = 0, drop, padded;

    if (index->version == 4) {
        if (!read_drop(index, &at, &drop))
            return false;
        keep = index->name.size - drop;
    }
    end = memchr(at, '\0', (size_t)(index->end - at));
    if (!end)
        return false;
    index->name.size = keep;
    *failed = lc_buffer_add(&index->name, at, (size_t)(end - at), NULL) != LC_OK;
    if (*failed)
        return false;
    padded = ((size_t)(end - entry) + 8) & ~(size_t)7;
    if (index->version == 4)
        index->at = end + 1;
    else if (padded > (size_t)(index->end - entry))
        return false;
    else
        index->at = entry + padded;
    return true;
}

static enum lc_status add_entry(struct lc_finder *finder, const struct index *index,
                                struct lc_span path, struct lc_span base, uint32_t source,
                                const uint8_t *sum, struct lc_error *err)
{
    const struct lc_record record = {.kind = LC_RECORD_INDEX,
                                     .size = LC_RECORD_NO_SIZE,
                                     .time_ns = LC_RECORD_NO_TIME,
                                     .source = source};
    bool failed;

    if (!lc_record_resolve(base, (struct lc_span){index->name.data, index->name.size},
                           &finder->path, &failed))
        return failed ? lc_fail_memory(err)
                      : lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                                        "it names a file outside of the folder", err);
    return lc_records_add(finder->records, &record,
                          (struct lc_span){finder->path.data, finder->path.size},
                          (struct lc_span){0}, sum, err);
}

/* Read one entry; *good is set to false if it is damaged. */
static enum lc_status read_entry(struct lc_finder *finder, struct index *index,
                                 struct lc_span path, struct lc_span base,
                                 uint32_t source, bool *good, struct lc_error *err)
{
    const uint8_t *entry = index->at;
    uint32_t flags, extended = 0;
    size_t fixed = ENTRY_SIZE;
    bool failed = false;

    *good = false;
    if ((size_t)(index->end - entry) < ENTRY_SIZE + 2)
        return LC_OK;
    flags = lc_be16(entry + FLAGS_AT);
    if (flags & FLAG_EXTENDED) {
        extended = lc_be16(entry + ENTRY_SIZE);
        fixed += 2;
    }
    *good = read_name(index, entry, fixed, &failed);
    if (failed)
        return lc_fail_memory(err);
    if (!*good || (lc_be32(entry + MODE_AT) & TYPE_MASK) != TYPE_FILE ||
        flags & FLAG_STAGE || extended & (EXTENDED_SKIP | EXTENDED_NEW))
        return LC_OK;
    return add_entry(finder, index, path, base, source, entry + SUM_AT, err);
}

/* Whether the checksum at the end of an index is correct or was left out. */
static bool is_intact(const uint8_t *data, size_t size)
{
    static const uint8_t none[SHA1_SIZE];
    struct lc_checksums *sums;
    bool good;

    if (memcmp(data + size - SHA1_SIZE, none, SHA1_SIZE) == 0)
        return true;
    sums = lc_checksums_new();
    if (!sums)
        return false;
    lc_checksums_begin(sums, 1U << LC_CHECKSUM_SHA1, 0);
    lc_checksums_update(sums, data, size - SHA1_SIZE);
    lc_checksums_end(sums);
    good = memcmp(lc_checksums_get(sums, LC_CHECKSUM_SHA1), data + size - SHA1_SIZE,
                  SHA1_SIZE) == 0;
    lc_checksums_free(sums);
    return good;
}

/* Whether the extensions after the entries say that most entries are in another file: a
 * split index. */
static bool is_split(const struct index *index)
{
    const uint8_t *at = index->at;

    while ((size_t)(index->end - at) >= 8) {
        uint32_t size = lc_be32(at + 4);

        if (memcmp(at, "link", 4) == 0)
            return true;
        if (size > (size_t)(index->end - at) - 8)
            break;
        at += 8 + size;
    }
    return false;
}

static enum lc_status read_index(struct lc_finder *finder, struct lc_span path,
                                 struct lc_span base, uint32_t source,
                                 struct lc_error *err)
{
    const uint8_t *data = (const uint8_t *)finder->bytes.data;
    size_t size = finder->bytes.size;
    struct index index = {0};
    bool good = size > 12 + SHA1_SIZE && memcmp(data, "DIRC", 4) == 0 &&
                lc_be32(data + 4) >= 2 && lc_be32(data + 4) <= 4 && is_intact(data, size);
    uint32_t count = good ? lc_be32(data + 8) : 0;
    enum lc_status status = LC_OK;

    if (good)
        index = (struct index){.at = data + 12,
                               .end = data + size - SHA1_SIZE,
                               .version = lc_be32(data + 4)};
    for (uint32_t i = 0; i < count && good && status == LC_OK; i++)
        status = read_entry(finder, &index, path, base, source, &good, err);
    if (status == LC_OK && (!good || is_split(&index)))
        status = lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                                 "it is damaged, or of a kind that is not read", err);
    lc_buffer_clear(&index.name);
    return status;
}

/* ---- files below .git ---- */

/* Add an object of git-LFS, whose name is its SHA-256. */
static enum lc_status add_object(struct lc_finder *finder, struct lc_span path,
                                 struct lc_span base, struct lc_error *err)
{
    struct lc_record record = {.kind = LC_RECORD_SUM,
                               .checksum = LC_CHECKSUM_SHA256,
                               .size = LC_RECORD_NO_SIZE,
                               .time_ns = LC_RECORD_NO_TIME};
    const struct lc_source_name source = {.kind = LC_RECORDER_LFS, .name = base};
    const char *name = (const char *)memrchr(path.text, '/', path.size) + 1;
    struct lc_span digits = {name, (size_t)(path.text + path.size - name)};
    uint8_t sum[LC_CHECKSUM_MAX];
    enum lc_status status;

    if (digits.size != 64 || !lc_checksum_read(digits, sum))
        return LC_OK;
    status = lc_records_source(finder->records, &source, &record.source, err);
    return status == LC_OK ? lc_records_add(finder->records, &record, path,
                                            (struct lc_span){0}, sum, err)
                           : status;
}

enum lc_status lc_git_file(struct lc_finder *finder, struct lc_span path,
                           struct lc_span base, struct lc_span rest, struct lc_error *err)
{
    struct lc_source_name source = {.kind = LC_RECORDER_GIT, .name = base};
    char commit[65], remote[512];
    bool good = false;
    uint32_t number;
    enum lc_status status;

    if (lc_span_starts(rest, "lfs/objects/"))
        return add_object(finder, path, base, err);
    if (lc_span_starts(rest, "lfs/incomplete/"))
        return lc_finder_issue(finder, LC_FAULT_UNFINISHED, path,
                               "git-LFS's partial file", err);
    if (!lc_span_is(rest, "index"))
        return LC_OK;
    status = read_commit(finder, base, commit, err);
    if (status == LC_OK)
        status = read_remote(finder, base, remote, err);
    if (status != LC_OK)
        return status;
    source.commit = (struct lc_span){commit, strlen(commit)};
    source.repository = (struct lc_span){remote, strlen(remote)};
    status = lc_records_source(finder->records, &source, &number, err);
    if (status == LC_OK)
        status = lc_finder_read(finder, path, LC_RECORD_FILE_MAX, &good, err);
    return status == LC_OK && good ? read_index(finder, path, base, number, err) : status;
}
