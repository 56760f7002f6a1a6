/* archive_facts.c - print the facts of src/archive about archives, for the diff tests */

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "archive/archive.h"

#define PIECE ((size_t)100000)

/* Print bytes; all but printable ASCII as \xNN. */
static void print_bytes(struct lc_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.text[i];

        if (c > ' ' && c < 0x7F && c != '\\')
            putchar(c);
        else
            printf("\\x%02x", c);
    }
}

/* Read a member in odd pieces, which do not end where blocks end. */
static uint64_t digest_data(struct lc_archive *archive, char hex[65])
{
    static uint8_t bytes[PIECE];
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct lc_error error = {0};
    struct sha256_ctx sha;
    uint64_t all = 0;
    size_t got;

    sha256_init(&sha);
    do {
        size_t size = PIECE - all % 77;
        enum lc_status status = lc_archive_read(archive, bytes, size, &got, &error);

        assert(status == LC_OK && got <= size);
        sha256_update(&sha, got, bytes);
        all += got;
    } while (got);
    sha256_digest(&sha, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
    return all;
}

/* Print, separated by tabs: "member", type, size, header, data, after damage, name, link,
 * bytes read, their SHA-256, fault. */
static void print_member(struct lc_archive *archive, const struct lc_member *member,
                         bool reads)
{
    char hex[65] = "-";
    uint64_t all = 0;

    printf("member\t%c\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%d\t",
           "fhsdcpo"[member->type], member -> number, member -> size, member -> header,
           member -> data, member -> is_after_damage);
    print_bytes(member->name);
    putchar('\t');
    print_bytes(member->link);
    if (reads)
        all = digest_data(archive, hex);
    printf("\t%" PRIu64 "\t%s\t%s\n", all, hex,
           lc_archive_fault_name(lc_archive_member_fault(archive)));
}

static void print_end(const struct lc_archive_end *end)
{
    for (size_t i = 0; i < end->damage_count; i++) {
        const struct lc_archive_damage *one = &end->damage[i];

        printf("damage\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\n",
               lc_archive_fault_name(one->what), one->offset, one->member, one->from,
               one->to, one->detail);
    }
    printf("end\t%s\t%d\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%u\t%" PRIu64 "\t%" PRIu64
           "\n",
           lc_archive_suffix(end->kind, end->coding), end->is_done, end->members,
           end->packed_size, end->size, end->end_blocks, end->trailing,
           end->damage_total);
}

static int print_archive(const char *path, bool reads)
{
    struct lc_error error = {0};
    struct lc_archive *archive = NULL;
    const struct lc_member *member = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum lc_status status = LC_ERR_IO;

    printf("archive\t%s\n", path);
    if (fd >= 0)
        status = lc_archive_open(fd, path, NULL, &archive, &error);
    while (status == LC_OK) {
        status = lc_archive_next(archive, &member, &error);
        if (status != LC_OK || !member)
            break;
        print_member(archive, member, reads);
    }
    if (status == LC_OK)
        print_end(lc_archive_end(archive));
    else
        printf("error\t%s\n", error.message);
    lc_archive_close(archive);
    return status != LC_OK;
}

int main(int argc, char **argv)
{
    bool reads = argc < 2 || strcmp(argv[1], "--list") != 0;
    int failures = 0;

    for (int i = 1 + !reads; i < argc; i++)
        failures += print_archive(argv[i], reads);
    return failures ? 1 : fclose(stdout) != 0;
}
