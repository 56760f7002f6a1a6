/* test_folder.c - src/store: reading what is at a path, and paths that lead outside */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "store/folder.h"

enum { PATH = 256, PATIENCE_S = 60 };

static char root[64];
static struct lc_folder *folder;

static const char *inside(const char *name)
{
    static char path[2][PATH];
    static unsigned turn;
    char *out = path[turn++ % 2];

    snprintf(out, PATH, "%s/%s", root, name);
    return out;
}

static void touch(const char *name)
{
    write_bytes(inside(name), "12345", 5);
}

static void make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
}

static int enter(void **state)
{
    static const char *const folders[] = {"sub", "sub/deep", "images", "UP"};
    static const char *const files[] = {
        "a.jpg",           "sub/b.jpg",        "images/Cat.jpg", "images/dog.png",
        "images/dog.webp", "images/noext",     "UP/X.JPEG",      "images/two.JPG",
        "images/two.png",  "images/b c'd.jpg", "images/.hidden",
    };

    (void)state;
    alarm(PATIENCE_S); /* a FIFO that blocks ends the test */
    make_scratch(root);
    for (size_t i = 0; i < COUNT(folders); i++)
        assert_int_equal(mkdir(inside(folders[i]), 0700), 0);
    for (size_t i = 0; i < COUNT(files); i++)
        touch(files[i]);
    write_bytes(inside("empty.jpg"), "", 0);
    assert_int_equal(mkfifo(inside("fifo.jpg"), 0600), 0);
    make_socket(inside("socket.jpg"));
    assert_int_equal(symlink("a.jpg", inside("link.jpg")), 0);
    assert_int_equal(symlink("sub", inside("linked")), 0);
    assert_int_equal(symlink("nowhere", inside("dangling.jpg")), 0);
    assert_int_equal(symlink("loop.jpg", inside("loop.jpg")), 0);
    assert_int_equal(symlink("fifo.jpg", inside("link-to-fifo.jpg")), 0);
    return lc_folder_open(root, &folder, NULL) != LC_OK;
}

static int leave(void **state)
{
    (void)state;
    lc_folder_close(folder);
    lc_folder_close(NULL);
    remove_scratch(root);
    return 0;
}

/* lc_folder_hash gets the same result as lc_folder_read, and hashes the same bytes. */
static void expect_hash(const char *path, uint64_t limit,
                        const struct lc_file_facts *facts, enum lc_read_result result)
{
    struct lc_hasher *hasher = lc_hasher_new();
    enum lc_read_result got = LC_READ_FAILED;
    struct lc_buffer buffer = {0};
    struct lc_file_facts read_facts;
    struct lc_hash hash, wanted = lc_hash_bytes("12345", (size_t)facts->size);
    int os_errno;

    assert_non_null(hasher);
    assert_int_equal(lc_folder_hash(folder, path, limit, hasher, &buffer, &read_facts,
                                    &got, &os_errno, NULL),
                     LC_OK);
    hash = lc_hasher_finish(hasher);
    assert_int_equal(got, result);
    assert_memory_equal(&read_facts, facts, sizeof(read_facts));
    assert_int_equal(buffer.size, 0);
    if (result == LC_READ_OK)
        assert_int_equal(lc_hash_compare(&hash, &wanted), 0);
    lc_hasher_free(hasher);
    lc_buffer_clear(&buffer);
}

static void reads(void **state)
{
    char long_name[400];
    const struct {
        const char *path;
        uint64_t limit;
        enum lc_read_result result;
        int os_errno;
        uint64_t size;
    } cases[] = {
        {"a.jpg", 100, LC_READ_OK, 0, 5},
        {"a.jpg", 5, LC_READ_OK, 0, 5},
        {"a.jpg", 4, LC_READ_TOO_LARGE, 0, 5},
        {"a.jpg", 0, LC_READ_TOO_LARGE, 0, 5},
        {"a.jpg", UINT64_MAX, LC_READ_OK, 0, 5},
        {"sub/b.jpg", 100, LC_READ_OK, 0, 5},
        {"./sub/../a.jpg", 100, LC_READ_OK, 0, 5},
        {"empty.jpg", 100, LC_READ_OK, 0, 0},
        {"empty.jpg", 0, LC_READ_OK, 0, 0},
        {"link.jpg", 100, LC_READ_OK, 0, 5},
        {"linked/b.jpg", 100, LC_READ_OK, 0, 5},
        {"none.jpg", 100, LC_READ_MISSING, ENOENT, 0},
        {"none/a.jpg", 100, LC_READ_MISSING, ENOENT, 0},
        {"a.jpg/b.jpg", 100, LC_READ_MISSING, ENOTDIR, 0},
        {"A.JPG", 100, LC_READ_MISSING, ENOENT, 0},
        {"", 100, LC_READ_MISSING, ENOENT, 0},
        {"dangling.jpg", 100, LC_READ_MISSING, ENOENT, 0},
        {long_name, 100, LC_READ_MISSING, ENAMETOOLONG, 0},
        {"sub", 1 << 20, LC_READ_NOT_REGULAR, 0, 0},
        {".", 1 << 20, LC_READ_NOT_REGULAR, 0, 0},
        {"fifo.jpg", 100, LC_READ_NOT_REGULAR, 0, 0},
        {"link-to-fifo.jpg", 100, LC_READ_NOT_REGULAR, 0, 0},
        {"socket.jpg", 100, LC_READ_NOT_REGULAR, 0, 0},
        {"/dev/null", 100, LC_READ_NOT_REGULAR, 0, 0},
        {"/dev/zero", 100, LC_READ_NOT_REGULAR, 0, 0},
        {"loop.jpg", 100, LC_READ_FAILED, ELOOP, 0},
    };
    struct lc_buffer buffer = {0};
    EXPECT_CASES(cases, 26);

    (void)state;
    memset(long_name, 'x', sizeof(long_name));
    long_name[sizeof(long_name) - 1] = '\0';
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum lc_read_result result = LC_READ_CHANGED;
        struct lc_file_facts facts;
        struct lc_error error = {0};
        int os_errno = -1;

        memset(&facts, 0xAA, sizeof(facts));
        assert_int_equal(lc_folder_read(folder, cases[i].path, cases[i].limit, &buffer,
                                        &facts, &result, &os_errno, &error),
                         LC_OK);
        if (result != cases[i].result || os_errno != cases[i].os_errno)
            fail_msg("%s: result %d, errno %d", cases[i].path, result, os_errno);
        if (result == LC_READ_OK || result == LC_READ_TOO_LARGE) {
            assert_int_equal(facts.size, cases[i].size);
            assert_true(facts.inode && facts.mtime_ns > 0 && facts.ctime_ns > 0);
        }
        if (result == LC_READ_MISSING)
            assert_true(!facts.size && !facts.inode && !facts.mtime_ns);
        assert_int_equal(buffer.size, result == LC_READ_OK ? cases[i].size : 0);
        if (buffer.size)
            assert_memory_equal(buffer.data, "12345", 5);
        assert_int_equal(error.status, LC_OK);
        expect_hash(cases[i].path, cases[i].limit, &facts, result);
    }
    lc_buffer_clear(&buffer);
}

static void facts_of_a_file(void **state)
{
    struct timespec times[2] = {{.tv_sec = 1},
                                {.tv_sec = 1700000000, .tv_nsec = 123456789}};
    struct lc_buffer buffer = {0};
    struct lc_file_facts facts;
    enum lc_read_result result;
    struct stat st;
    int os_errno;

    (void)state;
    assert_int_equal(utimensat(AT_FDCWD, inside("a.jpg"), times, 0), 0);
    assert_int_equal(stat(inside("a.jpg"), &st), 0);
    assert_int_equal(
        lc_folder_read(folder, "a.jpg", 100, &buffer, &facts, &result, &os_errno, NULL),
        LC_OK);
    assert_int_equal(facts.mtime_ns, INT64_C(1700000000123456789));
    assert_int_equal(facts.inode, st.st_ino);
    assert_int_equal(facts.device, st.st_dev);
    lc_buffer_clear(&buffer);
}

static void large_file(void **state)
{
    enum { SIZE = 3000001 };
    struct lc_buffer buffer = {0};
    char *bytes = grab(SIZE);
    struct lc_hasher *hasher = lc_hasher_new();
    struct lc_hash hash, wanted;
    struct lc_file_facts facts;
    enum lc_read_result result;
    uint64_t seed = 1;
    int os_errno;

    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)next_random(&seed);
    write_bytes(inside("large"), bytes, SIZE);
    assert_int_equal(lc_folder_read(folder, "large", UINT64_MAX, &buffer, &facts, &result,
                                    &os_errno, NULL),
                     LC_OK);
    assert_int_equal(buffer.size, SIZE);
    assert_memory_equal(buffer.data, bytes, SIZE);
    lc_buffer_clear(&buffer);
    assert_int_equal(lc_folder_hash(folder, "large", SIZE, hasher, &buffer, &facts,
                                    &result, &os_errno, NULL),
                     LC_OK);
    assert_int_equal(result, LC_READ_OK);
    hash = lc_hasher_finish(hasher);
    wanted = lc_hash_bytes(bytes, SIZE);
    assert_int_equal(lc_hash_compare(&hash, &wanted), 0);
    assert_true(buffer.capacity < SIZE / 2); /* piece by piece */
    lc_hasher_free(hasher);
    lc_buffer_clear(&buffer);
    free(bytes);
}

/* Root can read everything; for others, missing permission is a fact about the file. */
static void permission(void **state)
{
    struct lc_buffer buffer = {0};
    struct lc_file_facts facts;
    enum lc_read_result result;
    int os_errno;

    (void)state;
    assert_int_equal(chmod(inside("a.jpg"), 0), 0);
    assert_int_equal(
        lc_folder_read(folder, "a.jpg", 100, &buffer, &facts, &result, &os_errno, NULL),
        LC_OK);
    assert_int_equal(result, geteuid() ? LC_READ_NOT_ALLOWED : LC_READ_OK);
    assert_int_equal(os_errno, geteuid() ? EACCES : 0);
    lc_buffer_clear(&buffer);
}

/* Running out of file handles is an error, not a verdict on the file. */
static void out_of_handles(void **state)
{
    enum { MOST = 65536 };
    static int handles[MOST];
    struct lc_buffer buffer = {0};
    struct lc_error error = {0};
    struct lc_file_facts facts;
    enum lc_read_result result;
    int count = 0, os_errno, limit = getdtablesize();
    enum lc_status status;

    (void)state;
    while (count < MOST && count < limit && (handles[count] = dup(0)) >= 0)
        count++;
    if (count < MOST) {
        status = lc_folder_read(folder, "a.jpg", 100, &buffer, &facts, &result, &os_errno,
                                &error);
    } else { /* a machine with practically no limit */
        status = lc_fail(&error, LC_ERR_IO, EMFILE, "not tried");
    }
    while (count--)
        close(handles[count]);
    assert_int_equal(status, LC_ERR_IO);
    assert_int_equal(error.os_errno, EMFILE);
    lc_buffer_clear(&buffer);
}

/* Looking does not open anything: a FIFO cannot block it. */
static void looks(void **state)
{
    char long_name[400];
    const struct {
        const char *path, *fault; /* NULL: it can be used */
    } cases[] = {
        {"a.jpg", NULL},
        {"sub/b.jpg", NULL},
        {"link.jpg", NULL},
        {"linked/b.jpg", NULL},
        {"linked", NULL},
        {"sub", NULL},
        {"sub/", NULL},
        {".", NULL},
        {"/", NULL},
        {"empty.jpg", "the file is empty"},
        {"none.jpg", "no such file"},
        {"none/a.jpg", "no such file"},
        {"a.jpg/b.jpg", "no such file"},
        {"a.jpg/", "no such file"},
        {"A.JPG", "no such file"},
        {"", "no such file"},
        {"dangling.jpg", "no such file"},
        {long_name, "no such file"},
        {"fifo.jpg", "not a regular file"},
        {"link-to-fifo.jpg", "not a regular file"},
        {"socket.jpg", "not a regular file"},
        {"/dev/null", "not a regular file"},
        {"loop.jpg", "it cannot be inspected"},
    };
    EXPECT_CASES(cases, 23);

    (void)state;
    memset(long_name, 'x', sizeof(long_name));
    long_name[sizeof(long_name) - 1] = '\0';
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *fault = "untouched";

        assert_int_equal(lc_folder_probe(folder, cases[i].path, &fault, NULL), LC_OK);
        if ((fault == NULL) != (cases[i].fault == NULL) ||
            (fault && strcmp(fault, cases[i].fault) != 0))
            fail_msg("%s: %s", cases[i].path, fault ? fault : "no fault");
    }
}

/* Without search permission for a folder, nothing in it can be looked at, except by root.
 */
static void stat_without_permission(void **state)
{
    const char *fault = "untouched";

    (void)state;
    assert_int_equal(chmod(inside("sub"), 0), 0);
    assert_int_equal(lc_folder_probe(folder, "sub/b.jpg", &fault, NULL), LC_OK);
    assert_int_equal(chmod(inside("sub"), 0700), 0);
    if (geteuid())
        assert_string_equal(fault, "permission denied");
    else
        assert_null(fault);
}

static void no_folder(void **state)
{
    struct lc_folder *other = NULL;
    struct lc_error error = {0};

    (void)state;
    assert_int_equal(lc_folder_open(inside("none"), &other, &error), LC_ERR_IO);
    assert_int_equal(error.os_errno, ENOENT);
    assert_int_equal(lc_folder_open(inside("a.jpg"), &other, NULL), LC_ERR_IO);
    assert_int_equal(lc_folder_open(inside("fifo.jpg"), &other, NULL), LC_ERR_IO);
    assert_null(other);
}

/* ---- paths */

static void outside(void **state)
{
    static const struct {
        const char *path;
        size_t size;
        const char *why; /* NULL: it stays inside */
        bool openable;
    } cases[] = {
        {BYTES("a.jpg"), NULL, true},
        {BYTES("a/b/c.jpg"), NULL, true},
        {BYTES("./a.jpg"), NULL, true},
        {BYTES("a..b.jpg"), NULL, true},
        {BYTES("..a/b"), NULL, true},
        {BYTES("a../b"), NULL, true},
        {BYTES(".../b"), NULL, true},
        {BYTES("a/.../b"), NULL, true},
        {BYTES("http"), NULL, true},
        {BYTES("http:/a"), NULL, true},
        {BYTES("a:b.jpg"), "a path with a drive", false},
        {BYTES("ab:c.jpg"), NULL, true},
        {BYTES("1:b.jpg"), NULL, true},
        {BYTES("data/a.jpg"), NULL, true},
        {BYTES("://a"), NULL, true},
        {BYTES("a b://c"), NULL, true},
        {BYTES("/a.jpg"), "an absolute path", true},
        {BYTES("/"), "an absolute path", true},
        {BYTES("//a/b"), "an absolute path", true},
        {BYTES(".."), "a path that climbs with \"..\"", true},
        {BYTES("../a.jpg"), "a path that climbs with \"..\"", true},
        {BYTES("a/../b"), "a path that climbs with \"..\"", true},
        {BYTES("a/.."), "a path that climbs with \"..\"", true},
        {BYTES("a//../b"), "a path that climbs with \"..\"", true},
        {BYTES("http://x/a.jpg"), "a URL", false},
        {BYTES("HTTPS://x/a.jpg"), "a URL", false},
        {BYTES("s3://bucket/a.jpg"), "a URL", false},
        {BYTES("file:///a.jpg"), "a URL", false},
        {BYTES("git+ssh://x"), "a URL", false},
        {BYTES("data:image/png;base64,AAAA"), "a data URI", false},
        {BYTES("DATA:,x"), "a data URI", false},
        {BYTES("C:\\a.jpg"), "a path with a drive", false},
        {BYTES("c:/a.jpg"), "a path with a drive", false},
        {BYTES("a\\b.jpg"), "a path with a backslash", false},
        {BYTES("..\\a.jpg"), "a path with a backslash", false},
        {BYTES("a\0.jpg"), "a path with a NUL byte", false},
        {BYTES("/a\0"), "a path with a NUL byte", false},
    };
    EXPECT_CASES(cases, 37);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *copy = grab(cases[i].size); /* of the exact size, for the sanitizer */
        struct lc_span path = {copy, cases[i].size};
        const char *why;

        memcpy(copy, cases[i].path, cases[i].size);
        why = lc_path_outside(path);
        if ((why == NULL) != (cases[i].why == NULL) ||
            (why && strcmp(why, cases[i].why) != 0))
            fail_msg("%s: %s", cases[i].path, why ? why : "inside");
        assert_int_equal(lc_path_openable(path), cases[i].openable);
        free(copy);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {
        TEST(reads),      TEST(facts_of_a_file),         TEST(large_file),
        TEST(permission), TEST(out_of_handles),          TEST(no_folder),
        TEST(looks),      TEST(stat_without_permission), TEST(outside),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
