/* test_archive.c - src/archive: members of archives, whole and damaged at every byte */
#include "unit.h"

#ifdef LC_BZIP2
#include <bzlib.h>
#endif
#include <fcntl.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "archive/archive.h"
#include "archive/internal.h"

/* An archive being built in memory. */
struct made {
    uint8_t bytes[64 << 10];
    size_t size;
};

static void add_number(uint8_t *to, size_t size, uint64_t number)
{
    char text[32];

    snprintf(text, sizeof(text), "%0*llo", (int)size - 1, (unsigned long long)number);
    memcpy(to, text, size);
}

static void set_checksum(uint8_t *header)
{
    unsigned sum = 0;

    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += header[i];
    add_number(header + 148, 7, sum);
}

/* Add a header. A caller that changes it must set its checksum again. */
static uint8_t *add_header(struct made *made, const char *name, char type, uint64_t size)
{
    static const char magic[8] = {'u', 's', 't', 'a', 'r', '\0', '0', '0'};
    uint8_t *header = made->bytes + made->size;

    assert_true(made->size + 512 <= sizeof(made->bytes));
    memset(header, 0, 512);
    strncpy((char *)header, name, 100);
    add_number(header + 100, 8, 0644);
    add_number(header + 108, 8, 1000);
    add_number(header + 116, 8, 1000);
    add_number(header + 124, 12, size);
    add_number(header + 136, 12, 1700000000);
    header[156] = (uint8_t)type;
    memcpy(header + 257, magic, sizeof(magic));
    set_checksum(header);
    made->size += 512;
    return header;
}

static void add_data(struct made *made, const void *data, size_t size)
{
    size_t whole = (size + 511) / 512 * 512;

    assert_true(made->size + whole <= sizeof(made->bytes));
    memset(made->bytes + made->size, 0, whole);
    memcpy(made->bytes + made->size, data, size);
    made->size += whole;
}

static void add_file(struct made *made, const char *name, const char *text)
{
    add_header(made, name, '0', strlen(text));
    add_data(made, text, strlen(text));
}

static void add_end(struct made *made)
{
    static const uint8_t zeros[1024];

    add_data(made, zeros, sizeof(zeros));
}

static void compress_to(struct made *out, const void *data, size_t size)
{
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = out->bytes + out->size;
    z.avail_out = (uInt)(sizeof(out->bytes) - out->size);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->size = (size_t)(z.next_out - out->bytes);
    deflateEnd(&z);
}

/* Describe what is read from an archive: "name=data;" for each member, with "!" after one
 * with a fault; then, after a bar, the names of its damages. */
static void read_text(const void *bytes, size_t size, const char *name, char out[4096])
{
    FILE *file = tmpfile();
    struct lc_archive *archive = NULL;
    const struct lc_member *member = NULL;
    const struct lc_archive_end *end;
    struct lc_error error = {0};
    size_t used = 0;

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(lc_archive_open(dup(fileno(file)), name, NULL, &archive, &error),
                     LC_OK);
    while (lc_archive_next(archive, &member, &error) == LC_OK && member) {
        size_t got = 1;

        assert_int_equal(member->name.text[member->name.size], 0);
        used += (size_t)snprintf(out + used, 4096 - used, "%s=", member->name.text);
        while (got) {
            assert_int_equal(lc_archive_read(archive, out + used, 7, &got, &error),
                             LC_OK);
            for (size_t i = 0; i < got; i++, used++)
                if (!out[used] || out[used] == '|')
                    out[used] = '?';
            assert_true(used < 3500);
        }
        if (lc_archive_member_fault(archive))
            out[used++] = '!';
        out[used++] = ';';
    }
    assert_int_equal(error.status, LC_OK);
    end = lc_archive_end(archive);
    assert_true(end->is_done);
    used += (size_t)snprintf(out + used, 4096 - used, "|");
    for (size_t i = 0; i < end->damage_count; i++)
        used += (size_t)snprintf(out + used, 4096 - used, "%s%s", i ? ", " : "",
                                 lc_archive_fault_name(end->damage[i].what));
    lc_archive_close(archive);
    fclose(file);
}

static void expect(const struct made *made, const char *name, const char *wanted)
{
    char text[4096];

    read_text(made->bytes, made->size, name, text);
    assert_string_equal(text, wanted);
}

static void members_and_their_data(void **state)
{
    struct made made = {0}, packed = {0};

    (void)state;
    add_file(&made, "a.jpg", "first");
    add_header(&made, "folder/", '5', 0);
    add_file(&made, "folder/b.jpg", "");
    add_end(&made);
    expect(&made, "x.tar", "a.jpg=first;folder=;folder/b.jpg=;|");
    expect(&made, NULL, "a.jpg=first;folder=;folder/b.jpg=;|");
    expect(&made, "x.json", "a.jpg=first;folder=;folder/b.jpg=;|");
    compress_to(&packed, made.bytes, made.size);
    expect(&packed, "x.tar.gz", "a.jpg=first;folder=;folder/b.jpg=;|");
}

static void extensions_give_names(void **state)
{
    static const char pax[] = "16 path=from pax\n";
    struct made made = {0};

    (void)state;
    add_header(&made, "././@LongLink", 'L', 10);
    add_data(&made, "from gnu!\0", 10);
    add_file(&made, "short", "1");
    add_header(&made, "PaxHeader", 'x', 17);
    add_data(&made, "17 path=from pax\n", 17);
    add_file(&made, "short", "2");
    add_header(&made, "PaxHeader", 'x', sizeof(pax) - 1);
    add_data(&made, pax, sizeof(pax) - 1);
    add_file(&made, "short", "3");
    add_file(&made, "short", "4");
    add_end(&made);
    expect(&made, "x.tar", "from gnu!=1;from pax=2;short=3;short=4;|bad extension");
}

static void broken_headers_are_skipped(void **state)
{
    struct made made = {0};

    (void)state;
    add_file(&made, "a", "1");
    add_header(&made, "lost", '0', 1)[0] ^= 1;
    add_data(&made, "2", 1);
    add_file(&made, "b", "3");
    add_end(&made);
    expect(&made, "x.tar", "a=1;b=3;|bad header");
}

/* A few bytes unpack to many headers: beyond a limit, members are not listed. */
static void headers_are_bounded_by_the_file(void **state)
{
    enum { HEADERS = 4000, FREE_BYTES = 256 << 10, RATIO = 128 };
    static uint8_t many[HEADERS * 512 + 1024];
    struct made one = {0}, packed = {0};
    struct lc_archive *archive = NULL;
    const struct lc_member *member = NULL;
    const struct lc_archive_end *end;
    size_t most;

    (void)state;
    add_header(&one, "a.jpg", '0', 0);
    for (size_t i = 0; i < HEADERS; i++)
        memcpy(many + i * 512, one.bytes, 512);
    compress_to(&packed, many, sizeof(many));
    most = (FREE_BYTES + RATIO * packed.size) / 512 + 1;
    assert_true(most < HEADERS);
    for (int round = 0; round < 2; round++) { /* compressed, then uncompressed */
        FILE *file = tmpfile();
        size_t members = 0;

        assert_non_null(file);
        if (round)
            assert_int_equal(fwrite(many, 1, sizeof(many), file), sizeof(many));
        else
            assert_int_equal(fwrite(packed.bytes, 1, packed.size, file), packed.size);
        assert_int_equal(fflush(file), 0);
        assert_int_equal(lc_archive_open(dup(fileno(file)), NULL, NULL, &archive, NULL),
                         LC_OK);
        while (lc_archive_next(archive, &member, NULL) == LC_OK && member)
            members++;
        end = lc_archive_end(archive);
        assert_int_equal(end->damage_count, !round);
        assert_true(round || end->damage[0].what == LC_ARCHIVE_LIMIT);
        assert_true(round ? members == HEADERS : members > most / 2 && members <= most);
        lc_archive_close(archive);
        fclose(file);
    }
}

/* An archive closes its file, even if it cannot be opened. */
static void the_file_is_closed(void **state)
{
    struct lc_archive *archive = NULL;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int folder = open("/", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_true(fd >= 0 && folder >= 0);
    assert_int_equal(lc_archive_open(fd, NULL, NULL, &archive, NULL), LC_OK);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    lc_archive_close(archive);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(lc_archive_open(folder, NULL, NULL, &archive, NULL), LC_ERR_IO);
    assert_int_equal(fcntl(folder, F_GETFD), -1);
}

static void ends_are_distinguished(void **state)
{
    struct made made = {0}, twice = {0};
    size_t size;

    (void)state;
    add_file(&made, "a", "1");
    expect(&made, "x.tar", "a=1;|no end");
    add_end(&made);
    size = made.size;
    made.size -= 512;
    expect(&made, "x.tar", "a=1;|half an end");
    made.size = size;
    expect(&made, "x.tar", "a=1;|");
    add_end(&made);
    expect(&made, "x.tar", "a=1;|");
    add_data(&made, "more", 4);
    expect(&made, "x.tar", "a=1;|trailing bytes");
    twice.size = size;
    memcpy(twice.bytes, made.bytes, size);
    add_file(&twice, "b", "2");
    add_end(&twice);
    expect(&twice, "x.tar", "a=1;|continues");
}

static void no_archives(void **state)
{
    struct made empty = {0}, text = {0};

    (void)state;
    expect(&empty, "x.tar", "|not an archive");
    expect(&empty, "x.jpg", "|");
    add_data(&text, "nothing", 7);
    expect(&text, "x.tgz", "|not an archive");
    expect(&text, "x.json", "|");
    empty.size = 10240;
    expect(&empty, "x.tar", "|");
}

/* Cut at every byte: what was read is a part of the whole, and the damage is reported. */
static void cut_anywhere(void **state)
{
    struct made made = {0}, packed = {0};
    char whole[4096], text[4096];
    size_t cases = 0;

    (void)state;
    add_file(&made, "a.jpg", "first");
    add_file(&made, "b.jpg", "second");
    add_end(&made);
    compress_to(&packed, made.bytes, made.size);
    read_text(made.bytes, made.size, "x.tar", whole);
    for (size_t i = 0; i < made.size; i++, cases++) {
        read_text(made.bytes, i, "x.tar", text);
        assert_true(strrchr(text, '|')[1] != '\0');
        if (i >= 1024 && i < 2048)
            assert_non_null(strstr(text, "a.jpg=first;"));
    }
    for (size_t i = 1; i < packed.size; i++, cases++) {
        read_text(packed.bytes, i, "x.tar.gz", text);
        assert_true(i < 2 || strcmp(strrchr(text, '|'), "|truncated") == 0);
    }
    assert_int_equal(cases, made.size + packed.size - 1);
}

/* A flipped bit in a gzip file is found, at the latest by the checksum, or changes
 * nothing. */
static void flipped_bits_are_found(void **state)
{
    struct made made = {0}, packed = {0};
    char whole[4096], text[4096];
    size_t cases = 0, harmless = 0;

    (void)state;
    add_file(&made, "a.jpg", "first");
    add_file(&made, "b.jpg", "second");
    add_end(&made);
    compress_to(&packed, made.bytes, made.size);
    read_text(packed.bytes, packed.size, "x.tar.gz", whole);
    for (size_t bit = 0; bit < packed.size * 8; bit++, cases++) {
        packed.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        read_text(packed.bytes, packed.size, "x.tar.gz", text);
        packed.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (strcmp(text, whole) == 0)
            harmless++;
        else
            assert_true(strrchr(text, '|')[1] != '\0');
    }
    assert_true(cases > 900);
    /* "is text", its time, extra flags and system; distances within zeros */
    assert_in_range(harmless, 49, 80);
}

static void gzip_members_and_what_follows(void **state)
{
    struct made made = {0}, packed = {0};

    (void)state;
    add_file(&made, "a", "1");
    add_end(&made);
    compress_to(&packed, made.bytes, 700);
    compress_to(&packed, made.bytes + 700, made.size - 700);
    expect(&packed, "x.tar.gz", "a=1;|");
    add_end(&packed); /* padding */
    expect(&packed, "x.tar.gz", "a=1;|");
    add_data(&packed, "garbage", 7);
    expect(&packed, "x.tar.gz", "a=1;|trailing bytes");
}

/* Files of the other compressions, cut and flipped anywhere. */
static void every_coding(void **state)
{
    static struct made made, packed[3];
    static const char *const names[] = {"x.tar.zst", "x.tar.xz", "x.tar.bz2"};
    char whole[4096], text[4096];
    unsigned size = sizeof(packed[2].bytes);
    size_t cases = 0, count = COUNT(names);

    (void)state;
    made.size = 0;
    add_file(&made, "a.jpg", "first");
    add_file(&made, "b.jpg", "second");
    add_end(&made);
    read_text(made.bytes, made.size, "x.tar", whole);
    packed[0].size =
        ZSTD_compress(packed[0].bytes, sizeof(packed[0].bytes), made.bytes, made.size, 3);
    assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, made.bytes,
                                             made.size, packed[1].bytes, &packed[1].size,
                                             sizeof(packed[1].bytes)),
                     LZMA_OK);
#ifdef LC_BZIP2
    assert_int_equal(BZ2_bzBuffToBuffCompress((char *)packed[2].bytes, &size,
                                              (char *)made.bytes, (unsigned)made.size, 1,
                                              0, 0),
                     BZ_OK);
    packed[2].size = size;
#else
    memcpy(packed[2].bytes, "BZh1", 4);
    packed[2].size = size = 4;
    expect(&packed[2], names[2], "|unsupported");
    count--;
#endif
    for (size_t k = 0; k < count; k++) {
        size_t one = packed[k].size;

        expect(&packed[k], names[k], whole);
        for (size_t i = 8; i < one; i += 3, cases++) {
            read_text(packed[k].bytes, i, names[k], text);
            assert_string_equal(strrchr(text, '|'), "|truncated");
        }
        memcpy(packed[k].bytes + one, packed[k].bytes, one); /* a second frame */
        packed[k].size = 2 * one;
        read_text(packed[k].bytes, packed[k].size, names[k], text);
        assert_non_null(strstr(text, "|continues"));
        packed[k].size = one;
        add_data(&packed[k], "garbage", 7);
        packed[k].size = one + 7;
        read_text(packed[k].bytes, packed[k].size, names[k], text);
        assert_non_null(strstr(text, "|trailing bytes"));
    }
    assert_true(cases > 50);
}

static void put(struct made *made, uint64_t value, unsigned bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        made->bytes[made->size++] = (uint8_t)value;
}

static void put_text(struct made *made, const char *text)
{
    memcpy(made->bytes + made->size, text, strlen(text));
    made->size += strlen(text);
}

/* Write the fields of a member that a zip has twice, in its header and in the directory.
 */
static void put_fields(struct made *made, unsigned flags, const char *name,
                       const char *text)
{
    put(made, flags, 2);
    put(made, 0, 2); /* stored */
    put(made, 0, 4);
    put(made, crc32(0, (const Bytef *)text, (uInt)strlen(text)), 4);
    put(made, strlen(text), 4);
    put(made, strlen(text), 4);
    put(made, strlen(name), 2);
    put(made, 0, 2);
}

struct zipped {
    const char *name, *text;
    size_t at;
};

/* A zip of stored members; the directory is in another order than the members. */
static void make_zip(struct made *made, struct zipped *members, size_t count)
{
    size_t directory;

    made->size = 0;
    for (size_t i = 0; i < count; i++) {
        members[i].at = made->size;
        put(made, 0x04034B50, 4);
        put(made, 20, 2);
        put_fields(made, 0, members[i].name, members[i].text);
        put_text(made, members[i].name);
        put_text(made, members[i].text);
    }
    directory = made->size;
    for (size_t i = count; i-- > 0;) {
        put(made, 0x02014B50, 4);
        put(made, 0x0314, 2);
        put(made, 20, 2);
        put_fields(made, 0, members[i].name, members[i].text);
        put(made, 0, 2 + 2 + 2 + 4);
        put(made, members[i].at, 4);
        put_text(made, members[i].name);
    }
    put(made, 0x06054B50, 4);
    put(made, 0, 4);
    put(made, count, 2);
    put(made, count, 2);
    put(made, made->size - directory - 12, 4);
    put(made, directory, 4);
    put(made, 0, 2);
}

static void zips(void **state)
{
    struct zipped members[] = {
        {"a.jpg", "first", 0}, {"d/", "", 0}, {"b.jpg", "second", 0}};
    static struct made made, moved;
    char whole[4096], text[4096];
    size_t harmless = 0;

    (void)state;
    make_zip(&made, members, COUNT(members));
    expect(&made, "x.zip", "a.jpg=first;d=;b.jpg=second;|");
    expect(&made, NULL, "a.jpg=first;d=;b.jpg=second;|");
    read_text(made.bytes, made.size, "x.zip", whole);
    for (size_t i = 4; i < made.size; i++) {
        read_text(made.bytes, i, "x.zip", text);
        assert_string_equal(text, "|truncated"); /* without its end it is no zip */
    }
    moved.size = 0;
    put_text(&moved, "before");
    memcpy(moved.bytes + moved.size, made.bytes, made.size);
    moved.size += made.size;
    expect(&moved, "x.zip", "a.jpg=first;d=;b.jpg=second;|trailing bytes");
    put_text(&moved, "after");
    expect(&moved, "x.zip",
           "a.jpg=first;d=;b.jpg=second;|trailing bytes, trailing bytes");
    for (size_t bit = 0; bit < made.size * 8; bit++) {
        made.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        read_text(made.bytes, made.size, "x.zip", text);
        made.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        harmless += strcmp(text, whole) == 0;
    }
    /* times, versions, systems, attributes and disk numbers are free */
    assert_in_range(harmless, 300, 1100);
    made.bytes[30 + 5] ^= 1; /* the first byte of the first member */
    expect(&made, "x.zip", "a.jpg=girst!;d=;b.jpg=second;|bad checksum");
}

static void members_of_a_zip_have_the_numbers_of_its_directory(void **state)
{
    struct zipped members[] = {{"a", "1", 0}, {"a", "2", 0}};
    static struct made made;
    struct lc_archive *archive = NULL;
    const struct lc_member *member = NULL;
    FILE *file = tmpfile();

    (void)state;
    assert_non_null(file);
    make_zip(&made, members, COUNT(members));
    assert_int_equal(fwrite(made.bytes, 1, made.size, file), made.size);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(lc_archive_open(dup(fileno(file)), NULL, NULL, &archive, NULL),
                     LC_OK);
    assert_int_equal(lc_archive_next(archive, &member, NULL), LC_OK);
    assert_int_equal(member->number, 1); /* unpacked last */
    assert_int_equal(lc_archive_next(archive, &member, NULL), LC_OK);
    assert_int_equal(member->number, 0);
    lc_archive_close(archive);
    fclose(file);
}

/* The points of a tar.gz, and the offsets of its members. */
struct seen {
    struct lc_archive_point *points;
    size_t count;
    uint64_t headers[200];
    uint64_t data[200];
    uint32_t sums[200];
    size_t members;
};

static enum lc_status add_point(void *user, const struct lc_archive_point *point,
                                struct lc_error *err)
{
    struct seen *seen = user;

    (void)err;
    assert_true(seen->count < 64);
    seen->points[seen->count++] = *point;
    return LC_OK;
}

static uint32_t sum_of(struct lc_archive *archive)
{
    static uint8_t bytes[100000];
    uint32_t sum = 0;
    size_t got = 1;

    while (got) {
        assert_int_equal(lc_archive_read(archive, bytes, sizeof(bytes), &got, NULL),
                         LC_OK);
        sum = (uint32_t)crc32(sum, bytes, (uInt)got);
    }
    assert_int_equal(lc_archive_member_fault(archive), LC_ARCHIVE_SOUND);
    return sum;
}

/* Make a tar of different members, compressed into gzip members at other boundaries. */
static FILE *make_large(const char *mode)
{
    static uint8_t text[40000];
    FILE *file = tmpfile();
    uint64_t random = 7;
    gzFile packed;

    assert_non_null(file);
    packed = gzdopen(dup(fileno(file)), mode);
    assert_non_null(packed);
    for (int i = 0; i < 120; i++) {
        struct made made = {0};
        char name[20];

        snprintf(name, sizeof(name), "%d.jpg", i);
        for (size_t k = 0; k < sizeof(text); k++)
            text[k] = (uint8_t)(next_random(&random) >> 60 << (i % 5));
        add_header(&made, name, '0', sizeof(text));
        add_data(&made, text, sizeof(text));
        assert_int_equal(gzwrite(packed, made.bytes, (unsigned)made.size), made.size);
        if (i == 70) {
            assert_int_equal(gzclose(packed), Z_OK);
            packed = gzdopen(dup(fileno(file)), mode);
            assert_non_null(packed);
        }
    }
    assert_int_equal(gzwrite(packed, (uint8_t[1024]){0}, 1024), 1024);
    assert_int_equal(gzclose(packed), Z_OK);
    return file;
}

/* Read every fourth member, in order, by the offset of its data. */
static void read_by_offset(FILE *file, const struct seen *seen)
{
    static struct lc_archive_point unpacked;
    struct lc_archive *archive = NULL;
    bool found = false;

    assert_int_equal(lc_archive_open(dup(fileno(file)), NULL, NULL, &archive, NULL),
                     LC_OK);
    for (size_t i = 0; i < seen->members; i += 4) {
        const struct lc_archive_point *point = NULL;
        struct lc_buffer window = {0};

        for (size_t k = 0; k < seen->count; k++)
            if (seen->points[k].offset <= seen->data[i])
                point = &seen->points[k];
        if (point) { /* as an index keeps it */
            unpacked = *point;
            memset(unpacked.window, 0, sizeof(unpacked.window));
            assert_int_equal(lc_archive_window_pack(point, &window, NULL), LC_OK);
            assert_true(window.size <= point->window_size);
            assert_true(lc_archive_window_unpack(
                (struct lc_span){window.data, window.size}, &unpacked));
            assert_memory_equal(unpacked.window, point->window, point->window_size);
            point = &unpacked;
        }
        assert_int_equal(
            lc_archive_seek_data(archive, point, seen->data[i], 40000, &found, NULL),
            LC_OK);
        assert_true(found);
        assert_int_equal(sum_of(archive), seen->sums[i]);
        lc_buffer_clear(&window);
    }
    /* offsets that were passed already, and those past the end */
    assert_int_equal(lc_archive_seek_data(archive, NULL, 512, 40000, &found, NULL),
                     LC_OK);
    assert_false(found);
    assert_int_equal(
        lc_archive_seek_data(archive, NULL, UINT64_MAX - 5, 40000, &found, NULL), LC_OK);
    assert_false(found);
    lc_archive_close(archive);
}

static void members_are_found_again(void **state)
{
    static const char *const modes[] = {"wb1", "wb6", "wb9", "wb0", "wbT"};
    static struct lc_archive_point points[64];
    size_t cases = 0, with_points = 0;

    (void)state;
    for (size_t m = 0; m < COUNT(modes); m++) {
        struct seen seen = {.points = points};
        FILE *file = make_large(modes[m]);
        struct lc_archive *archive = NULL;
        const struct lc_member *member;

        assert_int_equal(lc_archive_open(dup(fileno(file)), NULL, NULL, &archive, NULL),
                         LC_OK);
        lc_archive_collect(archive, 300000, add_point, &seen);
        while (lc_archive_next(archive, &member, NULL) == LC_OK && member) {
            seen.headers[seen.members] = member->header;
            seen.data[seen.members] = member->data;
            seen.sums[seen.members++] = sum_of(archive);
        }
        assert_int_equal(lc_archive_end(archive)->damage_count, 0);
        assert_int_equal(seen.members, 120);
        lc_archive_close(archive);
        for (size_t i = 0; i < seen.members; i += 3, cases++) {
            const struct lc_archive_point *point = NULL;

            for (size_t k = 0; k < seen.count; k++)
                if (points[k].offset <= seen.headers[i])
                    point = &points[k];
            with_points += point != NULL;
            assert_int_equal(
                lc_archive_open(dup(fileno(file)), NULL, NULL, &archive, NULL), LC_OK);
            assert_int_equal(lc_archive_seek(archive, point, seen.headers[i], i, NULL),
                             LC_OK);
            assert_int_equal(lc_archive_next(archive, &member, NULL), LC_OK);
            assert_non_null(member);
            assert_int_equal(member->number, i);
            assert_int_equal(member->header, seen.headers[i]);
            assert_int_equal(sum_of(archive), seen.sums[i]);
            for (size_t k = i + 1; i % 30 == 0 && k < seen.members; k++)
                assert_int_equal(lc_archive_next(archive, &member, NULL), LC_OK);
            if (i % 30 ==
                0) { /* to the end, where the checksum of the whole must be right */
                assert_int_equal(lc_archive_next(archive, &member, NULL), LC_OK);
                assert_null(member);
                assert_int_equal(lc_archive_end(archive)->damage_count, 0);
            }
            lc_archive_close(archive);
        }
        read_by_offset(file, &seen);
        fclose(file);
    }
    assert_int_equal(cases, COUNT(modes) * 40);
    assert_true(with_points > 90);
}

static void numbers(void **state)
{
    static const struct {
        const char *field;
        size_t size;
        bool gnu, python, differs;
        int64_t value;
    } cases[] = {
        {"0000644\0", 8, true, true, false, 0644},
        {"   644 \0", 8, true, true, false, 0644},
        {"00000644", 8, true, true, false, 0644},
        {"\0\0\0\0\0\0\0\0", 8, true, true, false, 0},
        {"\0001234567", 8, true, true, true, 01234567},
        {"        ", 8, false, true, false, 0},
        {"12 34\0\0\0", 8, true, false, false, 012},
        {"12x\0\0\0\0\0", 8, false, false, false, 012},
        {"999\0\0\0\0\0", 8, false, false, false, 0},
        {"\x80\0\0\0\0\0\0\x10", 8, true, true, false, 16},
        {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", 8, true, true, false, -2},
        {"\x80\0\0\0\0\0\0\1\0\0\0\0", 12, true, true, false, INT64_C(1) << 32},
        {"\x80\0\0\0\x80\0\0\0\0\0\0\0", 12, false, true, false, 0},
        {"\x80\0\0\1\0\0\0\0\0\0\0\0", 12, false, true, false, 0},
    };
    EXPECT_CASES(cases, 14);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_tar_number got =
            lc_tar_number((const uint8_t *)cases[i].field, cases[i].size);

        assert_int_equal(got.gnu_reads, cases[i].gnu);
        assert_int_equal(got.python_reads, cases[i].python);
        assert_int_equal(got.differs, cases[i].differs);
        if (got.gnu_reads)
            assert_int_equal(got.value, cases[i].value);
    }
}

static void paths(void **state)
{
    static const struct {
        const char *name, *path;
        enum lc_path_fault fault;
    } cases[] = {
        {"a/b.jpg", "a/b.jpg", LC_PATH_GOOD},
        {"./a//b/./c/", "a/b/c", LC_PATH_GOOD},
        {"..a/b..", "..a/b..", LC_PATH_GOOD},
        {"//a", "a", LC_PATH_ABSOLUTE},
        {"/", "", LC_PATH_EMPTY},
        {"", "", LC_PATH_EMPTY},
        {"././", "", LC_PATH_EMPTY},
        {"a/..", NULL, LC_PATH_PARENT},
        {"../a", NULL, LC_PATH_PARENT},
        {"/../a", NULL, LC_PATH_PARENT},
    };
    EXPECT_CASES(cases, 10);
    char longest[300], out[300];
    size_t size;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(lc_member_path(span(cases[i].name), out, &size), cases[i].fault);
        if (cases[i].path) {
            assert_string_equal(out, cases[i].path);
            assert_int_equal(size, strlen(out));
        }
    }
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(lc_member_path((struct lc_span){longest, 255}, out, &size),
                     LC_PATH_GOOD);
    assert_int_equal(lc_member_path((struct lc_span){longest, 256}, out, &size),
                     LC_PATH_LONG);
    longest[3] = '\0';
    assert_int_equal(lc_member_path((struct lc_span){longest, 255}, out, &size),
                     LC_PATH_NUL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_their_data),
        cmocka_unit_test(extensions_give_names),
        cmocka_unit_test(broken_headers_are_skipped),
        cmocka_unit_test(headers_are_bounded_by_the_file),
        cmocka_unit_test(the_file_is_closed),
        cmocka_unit_test(ends_are_distinguished),
        cmocka_unit_test(no_archives),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(flipped_bits_are_found),
        cmocka_unit_test(gzip_members_and_what_follows),
        cmocka_unit_test(every_coding),
        cmocka_unit_test(zips),
        cmocka_unit_test(members_of_a_zip_have_the_numbers_of_its_directory),
        cmocka_unit_test(members_are_found_again),
        cmocka_unit_test(numbers),
        cmocka_unit_test(paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
