/* test_changing.c - src/store: files that others change while they are read */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "store/folder.h"

enum { PATH = 256, PATIENCE_S = 60, TICK_US = 30000 };

static char root[64];
static struct lc_folder *folder;

/* Called before the n-th read of the file, from 0, to change it as another process would.
 */
static void (*meddle)(unsigned n);
static unsigned reads;

/* Replaces the C library's read, and calls meddle before it. */
ssize_t read(int fd, void *to, size_t size)
{
    struct stat st;

    if (meddle && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        void (*act)(unsigned) = meddle;

        usleep(TICK_US); /* file times have the resolution of a clock tick */
        meddle = NULL;
        act(reads++);
        meddle = act;
    }
    return syscall(SYS_read, fd, to, size);
}

static const char *inside(const char *name)
{
    static char path[2][PATH];
    static unsigned turn;
    char *out = path[turn++ % 2];

    snprintf(out, PATH, "%s/%s", root, name);
    return out;
}

static void rewrite(const char *bytes)
{
    int fd = open(inside("a.jpg"), O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
    close(fd);
}

/* Write other bytes, and restore the modification time. */
static void rewrite_in_secret(const char *bytes)
{
    struct stat st;
    struct timespec times[2];

    assert_int_equal(stat(inside("a.jpg"), &st), 0);
    times[0] = st.st_atim;
    times[1] = st.st_mtim;
    rewrite(bytes);
    assert_int_equal(utimensat(AT_FDCWD, inside("a.jpg"), times, 0), 0);
}

static void do_nothing(unsigned n)
{
    (void)n;
}

static void grow(unsigned n)
{
    if (n == 0)
        rewrite("1234567");
}

static void shrink(unsigned n)
{
    if (n == 0)
        assert_int_equal(truncate(inside("a.jpg"), 3), 0);
}

static void overwrite(unsigned n)
{
    if (n == 0)
        rewrite("abcde");
}

static void touch(unsigned n)
{
    if (n == 0)
        assert_int_equal(utimensat(AT_FDCWD, inside("a.jpg"), NULL, 0), 0);
}

static void replace(unsigned n)
{
    if (n)
        return;
    write_bytes(inside("b.jpg"), "abcde", 5);
    assert_int_equal(rename(inside("b.jpg"), inside("a.jpg")), 0);
}

static void delete_it(unsigned n)
{
    if (n == 0)
        assert_int_equal(unlink(inside("a.jpg")), 0);
}

static void change_mode(unsigned n)
{
    if (n == 0)
        assert_int_equal(chmod(inside("a.jpg"), 0640), 0);
}

static void add_link(unsigned n)
{
    if (n == 0)
        assert_int_equal(link(inside("a.jpg"), inside("c.jpg")), 0);
}

static void overwrite_once(unsigned n)
{
    if (n == 0)
        rewrite_in_secret("abcde");
}

static void overwrite_for_ever(unsigned n)
{
    rewrite_in_secret(n % 2 ? "abcde" : "fghij");
}

static int enter(void **state)
{
    (void)state;
    alarm(PATIENCE_S);
    make_scratch(root);
    return lc_folder_open(root, &folder, NULL) != LC_OK;
}

static int leave(void **state)
{
    (void)state;
    lc_folder_close(folder);
    remove_scratch(root);
    return 0;
}

static void changes(void **state)
{
    static const struct {
        const char *name;
        void (*meddle)(unsigned);
        enum lc_read_result result;
        const char *bytes;
    } cases[] = {
        {"nothing", do_nothing, LC_READ_OK, "12345"},
        {"grow", grow, LC_READ_CHANGED, ""},
        {"shrink", shrink, LC_READ_CHANGED, ""},
        {"overwrite", overwrite, LC_READ_CHANGED, ""},
        {"touch", touch, LC_READ_CHANGED, ""},
        {"replace", replace, LC_READ_CHANGED, ""},
        {"delete", delete_it, LC_READ_CHANGED, ""},
        /* only the inode changes: read again, completely */
        {"change mode", change_mode, LC_READ_OK, "12345"},
        {"add link", add_link, LC_READ_OK, "12345"},
        {"overwrite once", overwrite_once, LC_READ_OK, "abcde"},
        {"overwrite for ever", overwrite_for_ever, LC_READ_CHANGED, ""},
    };
    struct lc_buffer buffer = {0};
    EXPECT_CASES(cases, 11);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum lc_read_result result = LC_READ_FAILED;
        struct lc_file_facts facts;
        struct stat st;
        int os_errno = -1;

        remove(inside("a.jpg"));
        remove(inside("c.jpg"));
        write_bytes(inside("a.jpg"), "12345", 5);
        reads = 0;
        meddle = cases[i].meddle;
        assert_int_equal(lc_folder_read(folder, "a.jpg", 100, &buffer, &facts, &result,
                                        &os_errno, NULL),
                         LC_OK);
        meddle = NULL;
        assert_true(reads > 0);
        if (result != cases[i].result)
            fail_msg("%s: result %d", cases[i].name, result);
        assert_int_equal(os_errno, 0);
        assert_true(spells((struct lc_span){buffer.data, buffer.size}, cases[i].bytes));
        if (result != LC_READ_OK)
            continue;
        /* the facts are those of the bytes */
        assert_int_equal(stat(inside("a.jpg"), &st), 0);
        assert_true(facts.ctime_ns ==
                    (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec);
    }
    lc_buffer_clear(&buffer);
}

/* Hashing notices the same changes, and leaves out the bytes of abandoned reads. */
static void changes_of_hash(void **state)
{
    static const struct {
        void (*meddle)(unsigned);
        enum lc_read_result result;
        const char *bytes;
    } cases[] = {
        {do_nothing, LC_READ_OK, "12345"},
        {grow, LC_READ_CHANGED, ""},
        {shrink, LC_READ_CHANGED, ""},
        {delete_it, LC_READ_CHANGED, ""},
        {change_mode, LC_READ_OK, "12345"},
        {overwrite_once, LC_READ_OK, "abcde"},
        {overwrite_for_ever, LC_READ_CHANGED, ""},
    };
    struct lc_hasher *hasher = lc_hasher_new();
    struct lc_buffer buffer = {0};
    EXPECT_CASES(cases, 7);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_hash wanted = lc_hash_bytes(cases[i].bytes, strlen(cases[i].bytes));
        enum lc_read_result result = LC_READ_FAILED;
        struct lc_file_facts facts;
        struct lc_hash hash;
        int os_errno = -1;

        remove(inside("a.jpg"));
        remove(inside("c.jpg"));
        write_bytes(inside("a.jpg"), "12345", 5);
        reads = 0;
        meddle = cases[i].meddle;
        assert_int_equal(lc_folder_hash(folder, "a.jpg", 100, hasher, &buffer, &facts,
                                        &result, &os_errno, NULL),
                         LC_OK);
        meddle = NULL;
        hash = lc_hasher_finish(hasher);
        assert_int_equal(result, cases[i].result);
        if (result == LC_READ_OK)
            assert_int_equal(lc_hash_compare(&hash, &wanted), 0);
    }
    lc_hasher_free(hasher);
    lc_buffer_clear(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(changes, enter, leave),
        cmocka_unit_test_setup_teardown(changes_of_hash, enter, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
