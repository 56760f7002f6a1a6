/* The records of huggingface_hub.
 *
 * A folder that it downloaded to (--local-dir) contains .cache/huggingface/. For each
 * file, download/PATH.metadata there has the commit, the etag and the time, one per line.
 * Since 1.22, a download of a whole repository also leaves trees/COMMIT.json, which lists
 * all files of that commit, including those that were not downloaded. Versions 0.23 to
 * 0.25 use .huggingface/.
 *
 * In its cache, the files are blobs/ETAG, and snapshots/COMMIT/PATH are links to them.
 *
 * An etag is the SHA-256 of a file that is kept in git-LFS or Xet; otherwise it is the
 * name of the file's git blob, a SHA-1. The name of a file that is still being downloaded
 * ends with .incomplete.
 *
 * Source: huggingface_hub 0.23.0, 0.30.2, 2.4.0: _local_folder.py, _tree_cache.py,
 *         file_download.py. */
#include "proof/formats.h"

#include "base/clock.h"
#include "base/text.h"
#include "store/plain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METADATA ".metadata"
#define INCOMPLETE ".incomplete"
#define METADATA_MAX 4096
#define COMMIT_DIGITS 40
#define LINK_MAX 4096

/* An mtime may be up to a second later than the recorded time: the client treats these as
 * equal, since file systems round. */
#define ROUNDING_NS INT64_C(1000000000)

static struct lc_span before(struct lc_span span, const char *end)
{
    return (struct lc_span){span.text, span.size - strlen(end)};
}

static bool is_commit(struct lc_span text)
{
    uint8_t bytes[LC_CHECKSUM_MAX];

    return text.size == COMMIT_DIGITS && lc_checksum_read(text, bytes);
}

/* Read an etag; false if it is not a checksum. */
static bool read_etag(struct lc_span etag, struct lc_record *record,
                      uint8_t sum[LC_CHECKSUM_MAX])
{
    record->kind = LC_RECORD_SUM;
    record->checksum = etag.size == 64 ? LC_CHECKSUM_SHA256 : LC_CHECKSUM_GIT;
    return (etag.size == 64 || etag.size == 40) && lc_checksum_read(etag, sum);
}

/* Remove the next line from a text and return it without white space around it. */
static struct lc_span read_line(struct lc_span *text)
{
    const char *end = text->size ? memchr(text->text, '\n', text->size) : NULL;
    size_t size = end ? (size_t)(end - text->text) : text->size;
    struct lc_span line = {text->text, size};

    size += end != NULL;
    text->text += size;
    text->size -= size;
    return lc_text_strip(line);
}

/* Read a number of seconds since 1970, with a fraction; false if the text is something
 * else. */
static bool read_time(struct lc_span text, int64_t *out)
{
    char copy[64], *end;
    double seconds;

    if (!text.size || text.size >= sizeof(copy))
        return false;
    memcpy(copy, text.text, text.size);
    copy[text.size] = '\0';
    seconds = strtod(copy, &end);
    if (*end || !(seconds >= 0 && seconds < 1e10))
        return false;
    *out = (int64_t)(seconds * 1e9) + ROUNDING_NS;
    return true;
}

static enum lc_status fail_path(struct lc_finder *finder, struct lc_span path,
                                bool no_memory, struct lc_error *err)
{
    return no_memory ? lc_fail_memory(err)
                     : lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                                       "it names a file outside of the folder", err);
}

/* ---- folders that were downloaded to ---- */

enum lc_status lc_hub_metadata(struct lc_finder *finder, struct lc_span path,
                               struct lc_span base, struct lc_span rest,
                               struct lc_error *err)
{
    struct lc_record record = {.size = LC_RECORD_NO_SIZE};
    struct lc_source_name source = {.kind = LC_RECORDER_HUB_FOLDER, .name = base};
    uint8_t sum[LC_CHECKSUM_MAX];
    struct lc_span text, etag;
    bool good = false, failed;
    enum lc_status status = lc_finder_read(finder, path, METADATA_MAX, &good, err);

    if (status != LC_OK || !good)
        return status;
    text = (struct lc_span){finder->bytes.data, finder->bytes.size};
    source.commit = read_line(&text);
    etag = read_line(&text);
    if (!is_commit(source.commit) || !read_time(read_line(&text), &record.time_ns))
        return lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                               "it is not a commit, an etag and a time", err);
    if (!read_etag(etag, &record, sum))
        return lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                               "its etag is neither a SHA-256 nor a git SHA-1", err);
    if (!lc_record_resolve(base, before(rest, METADATA), &finder->path, &failed))
        return fail_path(finder, path, failed, err);
    status = lc_records_source(finder->records, &source, &record.source, err);
    if (status != LC_OK)
        return status;
    return lc_records_add(finder->records, &record,
                          (struct lc_span){finder->path.data, finder->path.size},
                          (struct lc_span){0}, sum, err);
}

/* Append two texts to the finder's own text, joined by a slash if neither is empty. */
static enum lc_status store_joined(struct lc_finder *finder, struct lc_span a,
                                   struct lc_span b, size_t *at, struct lc_error *err)
{
    *at = finder->text.size;
    return lc_buffer_printf(&finder->text, err, "%.*s%s%.*s", (int)a.size, a.text,
                            a.size && b.size ? "/" : "", (int)b.size, b.text) == LC_OK
               ? lc_buffer_add(&finder->text, "", 1, err)
               : LC_ERR_MEMORY;
}

static enum lc_status add_unfinished(struct lc_finder *finder, struct lc_span path,
                                     struct lc_span folder, struct lc_span below,
                                     struct lc_span key, struct lc_error *err)
{
    const struct lc_span none = {0};
    struct lc_unfinished one = {0}, *items;
    enum lc_status status;

    if (finder->unfinished_count == LC_UNFINISHED_NAMED)
        return lc_finder_issue(finder, LC_FAULT_UNFINISHED, path,
                               "huggingface_hub's partial file", err);
    items = lc_array_grow(finder->unfinished, finder->unfinished_count,
                          &finder->unfinished_capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    finder->unfinished = items;
    if (!finder->text.size) { /* so that no offset is 0 */
        status = lc_buffer_add(&finder->text, "", 1, err);
        if (status != LC_OK)
            return status;
    }
    status = store_joined(finder, path, none, &one.path, err);
    if (status == LC_OK)
        status = store_joined(finder, folder, below, &one.folder, err);
    if (status == LC_OK)
        status = store_joined(finder, key, none, &one.key, err);
    if (status == LC_OK)
        items[finder->unfinished_count++] = one;
    return status;
}

enum lc_status lc_hub_incomplete(struct lc_finder *finder, struct lc_span path,
                                 struct lc_span base, struct lc_span rest,
                                 struct lc_error *err)
{
    const char *slash = memrchr(rest.text, '/', rest.size);
    struct lc_span below = {rest.text, slash ? (size_t)(slash - rest.text) : 0};
    struct lc_span key = before(rest, INCOMPLETE);

    if (slash)
        key = (struct lc_span){slash + 1, key.size - below.size - 1};
    return add_unfinished(finder, path, base, below, key, err);
}

/* ---- listings of a commit ---- */

/* Find the value of a key in an object; 0 if there is none. If the key occurs twice, the
 * last value counts, as in Python. */
static uint32_t member_of(const struct lc_json_doc *doc, uint32_t object, const char *key)
{
    uint32_t found = 0;

    if (lc_json_type(doc, object) != LC_JSON_OBJECT)
        return 0;
    for (uint32_t at = object + 1; at < lc_json_close(doc, object);) {
        uint32_t value = lc_json_next(doc, at);

        if (lc_span_is(lc_json_string(doc, at), key))
            found = value;
        at = lc_json_next(doc, value);
    }
    return found;
}

static struct lc_span text_of(const struct lc_json_doc *doc, uint32_t at)
{
    return at && lc_json_type(doc, at) == LC_JSON_STRING ? lc_json_string(doc, at)
                                                         : (struct lc_span){0};
}

/* Where the files of a listing are. */
struct listed_folder {
    struct lc_span path;   /* path of the listing itself */
    struct lc_span base;   /* the folder to which its paths are relative */
    struct lc_span commit; /* in a cache, the commit of the snapshot below base; else
                              empty */
    uint32_t source;
};

/* Resolve a link in a snapshot to a path in the blobs of its repository, in finder->path;
 * false if it leads anywhere else. */
static bool resolve_blob(struct lc_finder *finder, struct lc_span base, const char *path,
                         bool *is_link, bool *failed)
{
    char target[LINK_MAX];
    const char *slash = strrchr(path, '/');
    struct lc_span folder = {path, slash ? (size_t)(slash - path) : 0}, rest;

    *failed = false;
    *is_link = lc_plain_link(finder->folder, path, target, sizeof(target));
    if (!*is_link || !lc_record_resolve(folder, (struct lc_span){target, strlen(target)},
                                        &finder->path, failed))
        return false;
    rest = (struct lc_span){finder->path.data, finder->path.size};
    if (base.size) {
        if (rest.size <= base.size || memcmp(rest.text, base.text, base.size) != 0 ||
            rest.text[base.size] != '/')
            return false;
        rest.text += base.size + 1;
        rest.size -= base.size + 1;
    }
    return lc_span_starts(rest, "blobs/") && !memchr(rest.text + 6, '/', rest.size - 6);
}

/* Read the size and checksum of a listed file; false if it has no checksum. For a file in
 * LFS, blob_id is that of its pointer. */
static bool read_listed(const struct lc_json_doc *doc, uint32_t info,
                        struct lc_record *out, uint8_t sum[LC_CHECKSUM_MAX])
{
    struct lc_span etag = text_of(doc, member_of(doc, info, "lfs_sha256"));
    uint32_t size = member_of(doc, info, etag.size ? "lfs_size" : "size");

    if (!etag.size)
        etag = text_of(doc, member_of(doc, info, "blob_id"));
    out->size = size && lc_json_type(doc, size) == LC_JSON_INTEGER &&
                        lc_json_integer(doc, size) >= 0
                    ? (uint64_t)lc_json_integer(doc, size)
                    : LC_RECORD_NO_SIZE;
    return read_etag(etag, out, sum);
}

/* Put the path of a listed file into finder->path: in a cache, below the snapshot of its
 * commit. *refused is set if the path is not used, which is then reported. */
static enum lc_status resolve_listed(struct lc_finder *finder,
                                     const struct listed_folder *folder,
                                     struct lc_span name, bool *refused,
                                     struct lc_error *err)
{
    struct lc_span base = folder->base;
    struct lc_buffer snapshot = {0};
    enum lc_status status = LC_OK;
    bool failed;

    *refused = false;
    if (folder->commit.size) {
        status = lc_buffer_printf(&snapshot, err, "%.*s%ssnapshots/%.*s", (int)base.size,
                                  base.text, base.size ? "/" : "",
                                  (int)folder->commit.size, folder->commit.text);
        base = (struct lc_span){snapshot.data, snapshot.size};
    }
    if (status == LC_OK && !lc_record_resolve(base, name, &finder->path, &failed)) {
        *refused = true;
        status = fail_path(finder, folder->path, failed, err);
    }
    lc_buffer_clear(&snapshot);
    return status;
}

/* Add the record of a file that a listing names. In a cache, the file is a link to a
 * blob: then the record is about the blob, and names the link. */
static enum lc_status add_listed(struct lc_finder *finder,
                                 const struct listed_folder *folder, struct lc_span name,
                                 const struct lc_json_doc *doc, uint32_t info,
                                 struct lc_error *err)
{
    struct lc_record record = {
        .time_ns = LC_RECORD_NO_TIME, .source = folder->source, .is_listing = true};
    struct lc_buffer shown = {0}; /* the path of the file itself */
    uint8_t sum[LC_CHECKSUM_MAX];
    bool failed, refused, is_link = false;
    enum lc_status status;

    if (!read_listed(doc, info, &record, sum))
        return lc_finder_issue(finder, LC_FAULT_UNUSABLE, folder->path,
                               "it lists a file without a checksum", err);
    status = resolve_listed(finder, folder, name, &refused, err);
    if (status != LC_OK || refused)
        return status;
    status = lc_buffer_add(&shown, finder->path.data, finder->path.size + 1, err);
    if (status != LC_OK)
        goto out;
    shown.size--;
    if (folder->commit.size)
        (void)resolve_blob(finder, folder->base, shown.data, &is_link, &failed);
    if (!is_link) { /* a file or nothing; finder->path may have been overwritten */
        finder->path.size = 0;
        status = lc_buffer_add(&finder->path, shown.data, shown.size, err);
    }
    if (status == LC_OK)
        status = lc_records_add(finder->records, &record,
                                (struct lc_span){finder->path.data, finder->path.size},
                                is_link ? (struct lc_span){shown.data, shown.size}
                                        : (struct lc_span){0},
                                sum, err);
out:
    lc_buffer_clear(&shown);
    return status;
}

static enum lc_status read_listing(struct lc_finder *finder,
                                   const struct listed_folder *folder,
                                   const struct lc_json_doc *doc, struct lc_error *err)
{
    uint32_t version = member_of(doc, LC_JSON_ROOT, "format_version");
    uint32_t files = member_of(doc, LC_JSON_ROOT, "files");
    enum lc_status status = LC_OK;

    if (!version || lc_json_type(doc, version) != LC_JSON_INTEGER ||
        lc_json_integer(doc, version) != 1 || !files ||
        lc_json_type(doc, files) != LC_JSON_OBJECT)
        return lc_finder_issue(finder, LC_FAULT_UNUSABLE, folder->path,
                               "a listing of a format that this version does not read",
                               err);
    for (uint32_t at = files + 1; at < lc_json_close(doc, files) && status == LC_OK;) {
        uint32_t info = lc_json_next(doc, at);

        status = add_listed(finder, folder, lc_json_string(doc, at), doc, info, err);
        at = lc_json_next(doc, info);
    }
    return status;
}

static enum lc_status read_tree(struct lc_finder *finder, struct listed_folder *folder,
                                const struct lc_source_name *source, struct lc_error *err)
{
    struct lc_json_doc doc;
    struct lc_json_problem problem;
    bool good = false;
    enum lc_status status =
        lc_finder_read(finder, folder->path, LC_RECORD_FILE_MAX, &good, err);

    if (status != LC_OK || !good)
        return status;
    if (!finder->parser)
        status = lc_json_parser_new(&finder->parser, err);
    if (status == LC_OK)
        status = lc_json_parse(finder->parser, finder->bytes.data, finder->bytes.size,
                               &doc, &problem, err);
    if (status != LC_OK)
        return status;
    if (problem.fault != LC_JSON_FINE)
        return lc_finder_issue(finder, LC_FAULT_UNUSABLE, folder->path,
                               "it is not valid JSON", err);
    status = lc_records_source(finder->records, source, &folder->source, err);
    return status == LC_OK ? read_listing(finder, folder, &doc, err) : status;
}

enum lc_status lc_hub_tree(struct lc_finder *finder, struct lc_span path,
                           struct lc_span base, struct lc_span rest, struct lc_error *err)
{
    struct lc_source_name source = {
        .kind = LC_RECORDER_HUB_FOLDER, .name = base, .commit = before(rest, ".json")};
    struct listed_folder folder = {.path = path, .base = base};

    if (!is_commit(source.commit))
        return lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                               "its name is not a commit", err);
    return read_tree(finder, &folder, &source, err);
}

/* ---- the cache ---- */

bool lc_hub_is_repository(struct lc_span name)
{
    static const char *const kinds[] = {"models--", "datasets--", "spaces--"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (lc_span_starts(name, kinds[i]) && name.size > strlen(kinds[i]))
            return true;
    return false;
}

/* Convert "datasets--org--name" to "datasets/org/name"; *size is set to its length. */
static void repository_of(struct lc_span name, char *out, size_t capacity, size_t *size)
{
    *size = 0;
    for (size_t i = 0; i < name.size && *size + 1 < capacity; i++) {
        bool is_slash =
            i + 1 < name.size && name.text[i] == '-' && name.text[i + 1] == '-';

        out[(*size)++] = (char)(is_slash ? '/' : name.text[i]);
        i += is_slash;
    }
}

/* Add a file blobs/ETAG, whose name is its record. */
static enum lc_status add_blob(struct lc_finder *finder, struct lc_span path,
                               struct lc_source_name *source, struct lc_span name,
                               struct lc_error *err)
{
    struct lc_record record = {.size = LC_RECORD_NO_SIZE, .time_ns = LC_RECORD_NO_TIME};
    uint8_t sum[LC_CHECKSUM_MAX];
    enum lc_status status;

    if (!read_etag(name, &record, sum))
        return lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                               "its name is neither a SHA-256 nor a git SHA-1", err);
    status = lc_records_source(finder->records, source, &record.source, err);
    return status == LC_OK ? lc_records_add(finder->records, &record, path,
                                            (struct lc_span){0}, sum, err)
                           : status;
}

/* Add a file of a snapshot: a link to a blob, whose content must match the name in the
 * link. */
static enum lc_status add_snapshot(struct lc_finder *finder, struct lc_span path,
                                   struct lc_span base, struct lc_source_name *source,
                                   struct lc_error *err)
{
    struct lc_record record = {.size = LC_RECORD_NO_SIZE, .time_ns = LC_RECORD_NO_TIME};
    uint8_t sum[LC_CHECKSUM_MAX];
    const char *slash;
    bool is_link, failed;
    enum lc_status status;

    if (!resolve_blob(finder, base, path.text, &is_link, &failed)) {
        if (failed)
            return lc_fail_memory(err);
        return is_link ? lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                                         "a link that leads out of the blobs of its "
                                         "repository: not followed",
                                         err)
                       : LC_OK;
    }
    slash = strrchr(finder->path.data, '/');
    if (!read_etag((struct lc_span){slash + 1, strlen(slash + 1)}, &record, sum))
        return LC_OK; /* the blob itself is reported */
    status = lc_records_source(finder->records, source, &record.source, err);
    return status == LC_OK
               ? lc_records_add(finder->records, &record,
                                (struct lc_span){finder->path.data, finder->path.size},
                                path, sum, err)
               : status;
}

enum lc_status lc_hub_cached(struct lc_finder *finder, struct lc_span path,
                             struct lc_span base, struct lc_span name,
                             struct lc_span rest, struct lc_error *err)
{
    char repository[512];
    struct lc_source_name source = {.kind = LC_RECORDER_HUB_CACHE, .name = base};
    const char *slash = memchr(rest.text, '/', rest.size);
    struct lc_span below = {slash ? slash + 1 : rest.text, 0};

    if (!slash)
        return LC_OK;
    below.size = (size_t)(rest.text + rest.size - below.text);
    repository_of(name, repository, sizeof(repository), &source.repository.size);
    source.repository.text = repository;
    if (lc_span_starts(rest, "blobs/")) {
        if (lc_span_ends(rest, INCOMPLETE))
            return add_unfinished(finder, path, base, (struct lc_span){0},
                                  before(below, INCOMPLETE), err);
        return lc_span_ends(rest, ".lock") ? LC_OK
                                           : add_blob(finder, path, &source, below, err);
    }
    if (lc_span_starts(rest, "trees/") && lc_span_ends(rest, ".json")) {
        struct listed_folder folder = {
            .path = path, .base = base, .commit = before(below, ".json")};

        source.commit = folder.commit;
        return is_commit(source.commit)
                   ? read_tree(finder, &folder, &source, err)
                   : lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                                     "its name is not a commit", err);
    }
    slash = memchr(below.text, '/', below.size);
    if (!lc_span_starts(rest, "snapshots/") || !slash)
        return LC_OK;
    source.commit = (struct lc_span){below.text, (size_t)(slash - below.text)};
    return add_snapshot(finder, path, base, &source, err);
}

/* ---- unfinished downloads ---- */

/* Compute how the names of a file's partial files begin since 0.24: with the SHA-1 of the
 * name of its metadata, in URL-safe base64. */
static void short_name(const char *name, char out[29])
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct lc_checksums *sums = lc_checksums_new();
    uint8_t bytes[21] = {0};

    *out = '\0';
    if (!sums)
        return;
    lc_checksums_begin(sums, 1U << LC_CHECKSUM_SHA1, 0);
    lc_checksums_update(sums, name, strlen(name));
    lc_checksums_update(sums, METADATA, strlen(METADATA));
    lc_checksums_end(sums);
    memcpy(bytes, lc_checksums_get(sums, LC_CHECKSUM_SHA1), 20);
    lc_checksums_free(sums);
    for (size_t i = 0; i < 7; i++) {
        uint32_t three = (uint32_t)bytes[3 * i] << 16 | (uint32_t)bytes[3 * i + 1] << 8 |
                         bytes[3 * i + 2];

        for (size_t j = 0; j < 4; j++)
            out[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
    }
    out[27] = '=';
    out[28] = '\0';
}

/* Whether a partial file in a folder belongs to a record's file. */
static bool is_partial_of(const struct lc_finder *finder, const struct lc_unfinished *one,
                          const char *path, char brief[29])
{
    const char *folder = finder->text.data + one->folder;
    const char *key = finder->text.data + one->key;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t folder_size = slash ? (size_t)(slash - path) : 0, name_size = strlen(name);

    if (strlen(folder) != folder_size || memcmp(folder, path, folder_size) != 0)
        return false;
    if (strncmp(key, name, name_size) == 0 && key[name_size] == '.' &&
        strspn(key + name_size + 1, "0123456789abcdef") >= COMMIT_DIGITS)
        return true; /* 0.23: NAME.ETAG.incomplete */
    if (!*brief)
        short_name(name, brief);
    return strncmp(key, brief, 28) == 0 && key[28] == '.';
}

/* Whether a partial file is named by the checksum of a record. */
static bool has_key(const struct lc_finder *finder, const struct lc_unfinished *one,
                    const struct lc_record *record)
{
    const char *key = finder->text.data + one->key;
    size_t size = lc_checksum_size((enum lc_checksum)record->checksum);
    char digits[2 * LC_CHECKSUM_MAX + 1];

    lc_checksum_hex((const uint8_t *)lc_records_at(finder->records, record->sum), size,
                    digits);
    return strncmp(key, digits, 2 * size) == 0 &&
           (!key[2 * size] || key[2 * size] == '.');
}

/* Find the partial files that belong to a record's file. */
static void match_record(struct lc_finder *finder, const struct lc_record *record)
{
    enum lc_recorder recorder = finder->records->sources[record->source].kind;
    const char *path = lc_records_at(finder->records, record->path);
    char brief[29] = "";

    for (size_t i = 0; i < finder->unfinished_count; i++) {
        struct lc_unfinished *one = &finder->unfinished[i];

        if (recorder == LC_RECORDER_HUB_FOLDER  ? is_partial_of(finder, one, path, brief)
            : recorder == LC_RECORDER_HUB_CACHE ? has_key(finder, one, record)
                                                : false) {
            one->found = record->shown;
            /* in a cache, only the record of a blob shows that the file is there */
            one->is_over |= !record->is_listing && (recorder == LC_RECORDER_HUB_FOLDER ||
                                                    record->path == record->shown);
        }
    }
}

enum lc_status lc_hub_end(struct lc_finder *finder, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!finder->unfinished_count)
        return LC_OK;
    for (size_t i = 0; i < finder->records->count; i++)
        match_record(finder, &finder->records->items[i]);
    for (size_t i = 0; i < finder->unfinished_count && status == LC_OK; i++) {
        const struct lc_unfinished *one = &finder->unfinished[i];
        struct lc_buffer copy = {0}; /* text must not be added to a buffer from that same
                                        buffer */
        const char *path = one->found ? lc_records_at(finder->records, one->found)
                                      : finder->text.data + one->path;

        if (one->is_over)
            continue;
        status = lc_buffer_add(&copy, path, strlen(path), err);
        if (status == LC_OK)
            status = lc_finder_issue(finder, LC_FAULT_UNFINISHED,
                                     (struct lc_span){copy.data, copy.size},
                                     one->found ? "huggingface_hub has a part of it"
                                                : "huggingface_hub's partial file",
                                     err);
        lc_buffer_clear(&copy);
    }
    return status;
}
