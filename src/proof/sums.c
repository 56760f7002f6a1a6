/* Files of checksums: the output of md5sum, sha256sum … including the --tag format of BSD
 * and GNU, BagIt's manifests, and our own.
 *
 * Our own manifest is a file for sha256sum, with a comment before each line that contains
 * the file's size and XXH3-128:
 *
 *     # llava-check manifest 1
 *     # 110 4bb2c1…
 *     9f86d0…  images/a.jpg
 *     # end: 1 file, 110 bytes
 *
 * Source: GNU coreutils, sha2 utilities, "cksum output modes"; RFC 8493 2.1.3 (BagIt);
 *         OpenBSD md5(1). */
#include "proof/formats.h"

#include "proof/manifest.h"
#include "store/plain.h"

#include <stdlib.h>
#include <string.h>

/* Number of names for which all folders above a file of checksums are searched. */
#define MOST_CLIMBS 64

/* The state of reading a file of checksums. */
struct sums {
    struct lc_finder *finder;
    struct lc_span path;   /* path of the file */
    struct lc_span folder; /* folder to which its paths are relative */
    struct lc_span own;    /* name of the file without its suffix, to which a checksum
                              without a name applies */
    struct lc_span rest;   /* unread text */
    bool is_bag;           /* names are encoded as in BagIt */
    bool is_manifest;      /* a manifest of our own */
    bool is_whole;         /* manifest: its valid end has been read */
    bool has_next;         /* manifest: the comment about the next file has been read */
    uint32_t source;
    uint64_t count; /* number of files with records */
    uint64_t bytes; /* manifest: sum of the sizes of all files so far */
    uint64_t odd;   /* number of lines that are something else */
    uint64_t outside;
    uint64_t next_size; /* manifest: size of the file on the next line */
    uint8_t next_xxh3[16];
    struct lc_buffer name;
    size_t base;      /* size of the path of the parent folder in which the last such name
                         was found; SIZE_MAX: none */
    unsigned climbed; /* number of times that all parent folders were searched */
};

static bool has_word(struct lc_span name, const char *word)
{
    size_t size = strlen(word);

    for (size_t i = 0; i + size <= name.size; i++)
        if (strncasecmp(name.text + i, word, size) == 0)
            return true;
    return false;
}

static struct lc_span name_of(struct lc_span path)
{
    const char *slash = memrchr(path.text, '/', path.size);

    if (slash)
        path = (struct lc_span){slash + 1, (size_t)(path.text + path.size - slash) - 1};
    return path;
}

static bool ends_with(struct lc_span name, const char *suffix)
{
    size_t size = strlen(suffix);

    return name.size > size &&
           strncasecmp(name.text + name.size - size, suffix, size) == 0;
}

static const char *const suffixes[] = {".md5",    ".md5sum",    ".sha1",   ".sha1sum",
                                       ".sha256", ".sha256sum", ".sha512", ".sha512sum",
                                       ".b3",     ".b3sum"};

bool lc_sums_are_named(struct lc_span name)
{
    static const char *const words[] = {"md5sum",    "sha1sum",   "sha256sum",
                                        "sha512sum", "sha224sum", "sha384sum",
                                        "b2sum",     "b3sum"};

    if (ends_with(name, ".txt") &&
        (has_word(name, "manifest-md5") || has_word(name, "manifest-sha") ||
         has_word(name, "checksum")))
        return true;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (ends_with(name, suffixes[i]))
            return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (has_word(name, words[i]))
            return true;
    return lc_manifest_is_named(name);
}

/* ---- lines ---- */

/* Return the kind of checksum with this number of digits; LC_CHECKSUM_COUNT if there is
 * none. */
static enum lc_checksum kind_of(size_t digits)
{
    switch (digits) {
    case 32:
        return LC_CHECKSUM_MD5;
    case 40:
        return LC_CHECKSUM_SHA1;
    case 64:
        return LC_CHECKSUM_SHA256;
    case 128:
        return LC_CHECKSUM_SHA512;
    default:
        return LC_CHECKSUM_COUNT;
    }
}

static bool read_line(struct sums *sums, struct lc_span *line)
{
    const char *end;

    if (!sums->rest.size)
        return false;
    end = memchr(sums->rest.text, '\n', sums->rest.size);
    *line = (struct lc_span){sums->rest.text,
                             end ? (size_t)(end - sums->rest.text) : sums->rest.size};
    sums->rest.text += line->size + (end != NULL);
    sums->rest.size -= line->size + (end != NULL);
    if (line->size && line->text[line->size - 1] == '\r')
        line->size--;
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decode a name: GNU's escapes \\, \n and \r if the line begins with a backslash, or
 * BagIt's %0A, %0D and %25. */
static enum lc_status decode_name(struct sums *sums, struct lc_span name, bool is_escaped,
                                  struct lc_error *err)
{
    enum lc_status status = LC_OK;

    sums->name.size = 0;
    for (size_t i = 0; i < name.size && status == LC_OK; i++) {
        char c = name.text[i];

        if (is_escaped && c == '\\' && i + 1 < name.size) {
            c = name.text[++i];
            c = (char)(c == 'n' ? '\n' : c == 'r' ? '\r' : c);
        } else if (sums->is_bag && c == '%' && i + 2 < name.size &&
                   hex_digit(name.text[i + 1]) >= 0 && hex_digit(name.text[i + 2]) >= 0) {
            int byte = hex_digit(name.text[i + 1]) * 16 + hex_digit(name.text[i + 2]);

            if (byte == '\n' || byte == '\r' || byte == '%') {
                c = (char)byte;
                i += 2;
            }
        }
        status = lc_buffer_add(&sums->name, &c, 1, err);
    }
    return status;
}

/* The parts of a line. */
struct sum_line {
    struct lc_span digits, name;
    bool is_escaped;
};

/* Split "DIGITS  NAME", "DIGITS *NAME" or "DIGITS NAME". */
static bool split_gnu(struct lc_span line, struct sum_line *out)
{
    size_t size = 0, skip = 1;

    while (size < line.size && hex_digit(line.text[size]) >= 0)
        size++;
    out->digits = (struct lc_span){line.text, size};
    if (size == line.size) {
        out->name = (struct lc_span){0};
        return size > 0;
    }
    if (line.text[size] != ' ' && line.text[size] != '\t')
        return false;
    if (size + 1 < line.size &&
        (line.text[size + 1] == ' ' || line.text[size + 1] == '*'))
        skip = 2;
    out->name = (struct lc_span){line.text + size + skip, line.size - size - skip};
    return out->name.size > 0;
}

/* Split "SHA256 (NAME) = DIGITS". */
static bool split_tagged(struct lc_span line, struct sum_line *out)
{
    static const char middle[] = ") = ";
    static const struct {
        const char *name;
        size_t digits;
    } tags[] = {{"MD5", 32}, {"SHA1", 40}, {"SHA256", 64}, {"SHA512", 128}};
    size_t size = sizeof(middle) - 1;
    const char *open = memchr(line.text, '(', line.size), *at = NULL;

    if (!open || open < line.text + 2 || open[-1] != ' ')
        return false;
    for (const char *p = line.text + line.size - size; p > open; p--) {
        if (memcmp(p, middle, size) == 0) {
            at = p;
            break;
        }
    }
    if (!at)
        return false;
    out->name = (struct lc_span){open + 1, (size_t)(at - open) - 1};
    out->digits =
        (struct lc_span){at + size, (size_t)(line.text + line.size - at) - size};
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        if (lc_span_is((struct lc_span){line.text, (size_t)(open - line.text) - 1},
                       tags[i].name))
            return out->digits.size == tags[i].digits;
    return false;
}

static bool split_line(struct lc_span line, struct sum_line *out)
{
    out->is_escaped = line.size && line.text[0] == '\\';
    if (out->is_escaped) {
        line.text++;
        line.size--;
    }
    return split_gnu(line, out) || (line.size > 8 && split_tagged(line, out));
}

static bool exists(const struct lc_finder *finder)
{
    struct lc_file_facts facts;
    enum lc_read_result result;
    int os_errno;

    lc_plain_stat(finder->folder, finder->path.data, &facts, &result, &os_errno);
    return result != LC_READ_MISSING;
}

/* Resolve a name in finder->path. It is relative to the folder of the file of checksums,
 * or if nothing exists there, to the nearest parent folder where something does: people
 * write "sha256sum images/a.jpg >images/SHA256SUMS". Usually all names in a file have the
 * same folder, so try the last one first. All parent folders are searched only a few
 * times, so that many names in a deep folder do not take hours. */
static bool resolve_name(struct sums *sums, bool *failed)
{
    struct lc_span name = {sums->name.data, sums->name.size}, folder = sums->folder;
    struct lc_finder *finder = sums->finder;
    const char *slash;

    if (!lc_record_resolve(folder, name, &finder->path, failed))
        return false;
    if (sums->is_manifest || sums->is_bag || exists(finder))
        return true;
    if (sums->base < folder.size &&
        lc_record_resolve((struct lc_span){folder.text, sums->base}, name, &finder->path,
                          failed) &&
        exists(finder))
        return true;
    if (*failed)
        return false;
    if (sums->climbed == MOST_CLIMBS)
        folder.size = 0;
    sums->climbed += folder.size > 0;
    while (folder.size) {
        slash = memrchr(folder.text, '/', folder.size - 1);
        folder.size = slash ? (size_t)(slash + 1 - folder.text) : 0;
        if (!lc_record_resolve(folder, name, &finder->path, failed))
            break;
        if (exists(finder)) {
            sums->base = folder.size;
            return true;
        }
    }
    return !*failed && lc_record_resolve(sums->folder, name, &finder->path, failed);
}

static enum lc_status add_record(struct sums *sums, enum lc_checksum kind,
                                 const uint8_t *sum, struct lc_error *err)
{
    const struct lc_record record = {
        .kind = LC_RECORD_SUM,
        .checksum = (uint8_t)kind,
        .size = sums->has_next ? sums->next_size : LC_RECORD_NO_SIZE,
        .time_ns = LC_RECORD_NO_TIME,
        .source = sums->source,
    };
    struct lc_finder *finder = sums->finder;
    bool failed;

    if (!resolve_name(sums, &failed)) {
        sums->outside += !failed;
        return failed ? lc_fail_memory(err) : LC_OK;
    }
    sums->count += kind != LC_CHECKSUM_XXH3;
    return lc_records_add(finder->records, &record,
                          (struct lc_span){finder->path.data, finder->path.size},
                          (struct lc_span){0}, sum, err);
}

static enum lc_status read_sum(struct sums *sums, struct lc_span line,
                               struct lc_error *err)
{
    struct sum_line parts = {0};
    uint8_t sum[LC_CHECKSUM_MAX];
    enum lc_checksum kind;
    enum lc_status status;

    if (!split_line(line, &parts) ||
        (kind = kind_of(parts.digits.size)) == LC_CHECKSUM_COUNT ||
        !lc_checksum_read(parts.digits, sum) || (!parts.name.size && !sums->own.size)) {
        sums->odd++;
        return LC_OK;
    }
    status = decode_name(sums, parts.name.size ? parts.name : sums->own, parts.is_escaped,
                         err);
    if (status == LC_OK)
        status = add_record(sums, kind, sum, err);
    if (status == LC_OK && sums->has_next)
        status = add_record(sums, LC_CHECKSUM_XXH3, sums->next_xxh3, err);
    sums->bytes += sums->has_next ? sums->next_size : 0;
    sums->has_next = false;
    return status;
}

/* Read a comment: "# 110 4bb2c1…" or "# end: 1 file, 110 bytes". */
static void read_comment(struct sums *sums, struct lc_span line)
{
    uint64_t files, bytes;

    if (!sums->is_manifest)
        return;
    if (lc_manifest_read_end(line, &files, &bytes))
        sums->is_whole = files == sums->count && bytes == sums->bytes;
    else
        sums->has_next = lc_manifest_read_file(line, &sums->next_size, sums->next_xxh3);
}

static enum lc_status read_lines(struct sums *sums, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    struct lc_span line;

    while (status == LC_OK && read_line(sums, &line)) {
        if (sums->is_whole) { /* nothing may follow the end */
            sums->is_whole = false;
            break;
        }
        if (!line.size)
            continue;
        if (line.text[0] == '#')
            read_comment(sums, line);
        else if (sums->is_manifest && !sums->has_next)
            sums->odd++;
        else
            status = read_sum(sums, line, err);
        if (!sums->count && sums->odd > 8)
            break; /* not a file of checksums */
    }
    return status;
}

/* ---- files ---- */

/* Whether a file's name says that its checksums are of a kind that we cannot compute. */
static bool is_other_kind(struct lc_span name)
{
    static const char *const words[] = {"b3",  "blake",  "b2sum",  "sha3-",
                                        "sm3", "sha224", "sha384", "sha512-256"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (has_word(name, words[i]))
            return true;
    return false;
}

/* Return the name without a suffix such as ".sha256"; empty if it has none. */
static struct lc_span without_suffix(struct lc_span name)
{
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (ends_with(name, suffixes[i]))
            return (struct lc_span){name.text, name.size - strlen(suffixes[i])};
    return (struct lc_span){0};
}

static enum lc_status end_file(struct sums *sums, struct lc_error *err)
{
    struct lc_finder *finder = sums->finder;
    enum lc_status status = LC_OK;

    if (!sums->count && !sums->outside)
        return LC_OK;
    if (sums->outside)
        status = lc_finder_issue(finder, LC_FAULT_UNUSABLE, sums->path,
                                 "it names files outside of the folder", err);
    if (status == LC_OK && sums->odd)
        status = lc_finder_issue(finder, LC_FAULT_UNUSABLE, sums->path,
                                 "it has lines that are not checksums", err);
    if (status == LC_OK && sums->is_manifest && !sums->is_whole)
        status = lc_finder_issue(finder, LC_FAULT_UNUSABLE, sums->path,
                                 "the manifest is incomplete", err);
    return status;
}

/* Whether a folder contains the file that makes it a bag. */
static bool is_bag(struct lc_finder *finder, struct lc_span folder)
{
    struct lc_file_facts facts;
    enum lc_read_result result = LC_READ_MISSING;
    int os_errno;
    bool failed;

    if (lc_record_resolve(folder, (struct lc_span){"bagit.txt", 9}, &finder->path,
                          &failed))
        lc_plain_stat(finder->folder, finder->path.data, &facts, &result, &os_errno);
    return result == LC_READ_OK;
}

enum lc_status lc_sums_file(struct lc_finder *finder, struct lc_span path, bool *is_one,
                            struct lc_error *err)
{
    struct lc_span name = name_of(path);
    struct sums sums = {
        .finder = finder,
        .path = path,
        .folder = {path.text, path.size - name.size},
        .own = without_suffix(name),
        .base = SIZE_MAX,
    };
    struct lc_source_name source = {.kind = LC_RECORDER_SUMS, .name = path};
    bool good = false;
    enum lc_status status = lc_finder_read(finder, path, LC_RECORD_FILE_MAX, &good, err);

    *is_one = false;
    if (status != LC_OK || !good)
        return status;
    *is_one = true;
    sums.rest = (struct lc_span){finder->bytes.data, finder->bytes.size};
    sums.is_manifest = lc_manifest_is_one(sums.rest);
    if (!sums.is_manifest && is_other_kind(name))
        return lc_finder_issue(finder, LC_FAULT_UNUSABLE, path,
                               "checksums of a kind that this version does not compute",
                               err);
    sums.is_bag = has_word(name, "manifest-") && is_bag(finder, sums.folder);
    if (sums.is_manifest)
        source.kind = LC_RECORDER_MANIFEST;
    else if (sums.is_bag)
        source.kind = LC_RECORDER_BAG;
    status = lc_records_source(finder->records, &source, &sums.source, err);
    if (status == LC_OK)
        status = read_lines(&sums, err);
    if (status == LC_OK)
        status = end_file(&sums, err);
    *is_one = sums.count > 0;
    lc_buffer_clear(&sums.name);
    return status;
}

enum lc_status lc_sums_manifest(struct lc_finder *finder, struct lc_span text,
                                const char *name, struct lc_error *err)
{
    struct sums sums = {.finder = finder, .is_manifest = true, .rest = text};
    const struct lc_source_name source = {.kind = LC_RECORDER_MANIFEST,
                                          .name = {name, strlen(name)}};
    enum lc_status status;

    if (!lc_manifest_is_one(text))
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "not a manifest that this version of llava-check reads");
    status = lc_records_source(finder->records, &source, &sums.source, err);
    if (status == LC_OK)
        status = read_lines(&sums, err);
    if (status == LC_OK && (!sums.is_whole || sums.odd || sums.outside))
        status =
            lc_fail(err, LC_ERR_USAGE, 0,
                    sums.outside     ? "the manifest names files outside of the folder"
                    : !sums.is_whole ? "the manifest is incomplete: its last line is "
                                       "missing or wrong"
                                     : "the manifest has lines that name no file");
    lc_buffer_clear(&sums.name);
    return status;
}
