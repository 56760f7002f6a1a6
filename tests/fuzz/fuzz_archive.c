/* fuzz_archive.c - what must be true for any bytes of an archive
 *
 * It is read to its end; members are in order, have no more data than their size, and
 * NUL-terminated names. Reading their data and skipping them gives the same members and
 * damages. A good path stays within its folder.
 */
#include "target.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "archive/archive.h"
#include "archive/inflate.h"
#include "archive/internal.h"

#define BLOCK 512

static const struct lc_archive_limits limits = {
    .members = 300,
    .name = 4096,
    .bytes = 1 << 22,
    .ratio = 1100,
    .headers = 128,
    .window = 1 << 20,
    .directory = 1 << 16,
};

static void check_path(struct lc_span name)
{
    char *path = malloc(name.size + 1);
    size_t size;
    enum lc_path_fault fault;

    must(path);
    fault = lc_member_path(name, path, &size);
    if (fault == LC_PATH_GOOD || fault == LC_PATH_ABSOLUTE) {
        must(size && size <= name.size && path[0] != '/' && path[size] == '\0');
        must(!strstr(path, "//") && strcmp(path, "..") != 0 &&
             strncmp(path, "../", 3) != 0 && !strstr(path, "/../"));
    }
    free(path);
}

static void check_damage(const struct lc_archive_end *end, uint64_t size)
{
    must(end->is_done && end->damage_count <= end->damage_total);
    must(end->packed_size <= size && end->trailing <= end->size + size);
    for (size_t i = 0; i < end->damage_count; i++) {
        const struct lc_archive_damage *one = &end->damage[i];

        must(one->what > LC_ARCHIVE_SOUND && one->what < LC_ARCHIVE_FAULTS);
        must(one->detail && one->from <= one->to && one->member <= end->members);
    }
}

static uint64_t read_data(struct lc_archive *archive, const struct lc_member *member)
{
    char bytes[1000];
    size_t got = 1;
    uint64_t all = 0;

    while (got) {
        must(lc_archive_read(archive, bytes, sizeof(bytes) - all % 7, &got, NULL) ==
             LC_OK);
        all += got;
    }
    must(all <= member->size);
    must(all == member->size || lc_archive_member_fault(archive));
    return all;
}

/* Read an archive; return a checksum of its contents. */
static uint32_t read_it(const char *path, const char *name, bool reads, uint64_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct lc_archive *archive = NULL;
    const struct lc_member *member = NULL;
    const struct lc_archive_end *end;
    uint64_t last = 0, count = 0;
    uint32_t sum = 0;

    must(fd >= 0);
    must(lc_archive_open(fd, name, &limits, &archive, NULL) == LC_OK);
    for (;;) {
        must(lc_archive_next(archive, &member, NULL) == LC_OK);
        if (!member)
            break;
        must(member->header >= last && member->data >= member->header);
        must(member->name.text[member->name.size] == '\0');
        must(!member->link.text || member->link.text[member->link.size] == '\0');
        last = member->header;
        count++;
        check_path(member->name);
        sum = (uint32_t)crc32(sum, (const Bytef *)member->name.text,
                              (uInt)member->name.size);
        sum ^= (uint32_t)member->size + (uint32_t)member->type;
        if (reads)
            read_data(archive, member);
    }
    end = lc_archive_end(archive);
    must(count == end->members);
    check_damage(end, size);
    if (end->kind != LC_ARCHIVE_ZIP) /* in a zip, only data that are read are checked */
        for (size_t i = 0; i < end->damage_count; i++)
            sum = sum * 31 + (uint32_t)end->damage[i].what;
    lc_archive_close(archive);
    return sum;
}

static void check_both(const void *data, size_t size, const char *name)
{
    const char *path = lc_fuzz_file("archive", data, size);

    must(read_it(path, name, true, size) == read_it(path, name, false, size));
}

/* Any file, by its content. */
void lc_fuzz_archive(const uint8_t *data, size_t size)
{
    check_both(data, size, size % 2 ? "x.tar.gz" : NULL);
}

void lc_fuzz_zip(const uint8_t *data, size_t size)
{
    check_both(data, size, "x.zip");
}

/* A tar, whose headers get the right checksums. */
void lc_fuzz_tar(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    must(copy);
    memcpy(copy, data, size);
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
        uint8_t *block = copy + at;
        unsigned sum = 0;

        if (memcmp(block + 257, "ustar", 5) != 0)
            continue;
        memset(block + 148, ' ', 8);
        for (size_t i = 0; i < BLOCK; i++)
            sum += block[i];
        for (size_t i = 6; i-- > 0; sum /= 8)
            block[148 + i] = (uint8_t)('0' + sum % 8);
        block[154] = '\0';
    }
    check_both(copy, size, "x.tar");
    free(copy);
}

/* Deflated data: accepted exactly if zlib accepts them, with the same bytes, however they
 * are split. */
void lc_fuzz_deflated(const uint8_t *data, size_t size)
{
    static uint8_t wanted[1 << 18], bytes[1 << 18];
    struct lc_inflater *inflater;
    z_stream z = {0};
    int code = Z_OK;
    size_t used = 0, got = 0, step = size ? 1 + data[0] % 61U * 20U : 1;
    enum lc_piece_result result = LC_PIECE_CONTINUES;

    must(inflateInit2(&z, -MAX_WBITS) == Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = wanted;
    z.avail_out = sizeof(wanted);
    code = inflate(&z, Z_SYNC_FLUSH);
    must(lc_inflater_new(&inflater, NULL) == LC_OK);
    while (result == LC_PIECE_CONTINUES) {
        struct lc_piece piece = {
            .from = data + used,
            .from_size = size - used < step ? size - used : step,
            .to = bytes + got,
            .to_size = sizeof(bytes) - got < 3 * step ? sizeof(bytes) - got : 3 * step,
        };

        result = lc_inflater_run(inflater, &piece);
        must(piece.used <= piece.from_size && piece.got <= piece.to_size);
        used += piece.used - piece.back;
        got += piece.got;
        if (!piece.got && !piece.used)
            break;
    }
    if (code == Z_STREAM_END) {
        must(result == LC_PIECE_ENDS && used == z.total_in && got == z.total_out);
        must(memcmp(bytes, wanted, got) == 0);
    }
    if (result == LC_PIECE_BAD_DATA && z.avail_out)
        must(code == Z_DATA_ERROR || code == Z_BUF_ERROR || code == Z_OK);
    inflateEnd(&z);
    lc_inflater_free(inflater);
}
