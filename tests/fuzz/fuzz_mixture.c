/* fuzz_mixture.c - what must be true for any bytes of a mixture
 *
 * Either it is refused with a printable line; or it names existing files, with valid
 * strategies, and is the same when it is read again.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "dataset/registry.h"
#include "dataset/sampling.h"

static void write_rows(void)
{
    static const char row[] = "[{\"id\":1,\"image\":\"a.jpg\",\"conversations\":["
                              "{\"from\":\"human\",\"value\":\"<image>\\nWhat?\"},"
                              "{\"from\":\"gpt\",\"value\":\"A cat.\"}]}]";

    lc_fuzz_file("a.json", row, sizeof(row) - 1);
    lc_fuzz_file("b.jsonl", row + 1, sizeof(row) - 3);
    lc_fuzz_file("c.json", "{}", 2);
}

static void check_files(const struct lc_dataset *dataset)
{
    for (size_t i = 0; i < dataset->file_count; i++) {
        const struct lc_rows_file *file = &dataset->files[i];
        enum lc_path_kind there;
        struct stat st;

        must(stat(file->path, &st) == 0 && S_ISREG(st.st_mode));
        must(file->name && file->dialect);
        must(!file->root || (lc_path_probe(file->root, &there, NULL) == LC_OK &&
                             there == LC_PATH_FOLDER));
        for (uint64_t rows = 0; rows < 2000; rows = 3 * rows + 1)
            must(lc_sampling_rows(&file->sampled, rows) <= rows ||
                 file->sampled.kind >= LC_SAMPLING_COUNT);
    }
}

static enum lc_status read_it(const char *path, struct lc_dataset *out,
                              struct lc_error *err)
{
    struct lc_samples samples = {.images = {0}};
    enum lc_status status;
    bool is_one;

    *out = (struct lc_dataset){.folder = strdup(lc_fuzz_folder())};
    *err = (struct lc_error){0};
    must(out->folder);
    status = lc_registry_read(out, path, true, &samples, &is_one, err);
    lc_samples_clear(&samples);
    return status;
}

void lc_fuzz_mixture(const uint8_t *data, size_t size)
{
    static bool begun;
    struct lc_dataset first, again;
    struct lc_error err, err_again;
    const char *path;
    enum lc_status status;

    if (!begun)
        write_rows();
    begun = true;
    path = lc_fuzz_file(size && strchr("[{", data[0]) && data[0] ? "registry.json"
                                                                 : "mixture.yaml",
                        data, size);
    status = read_it(path, &first, &err);
    lc_fuzz_check_error(status, &err);
    if (status == LC_OK)
        check_files(&first);
    must(read_it(path, &again, &err_again) == status);
    must(strcmp(err.message, err_again.message) == 0);
    must(first.file_count == again.file_count);
    lc_dataset_clear(&first);
    lc_dataset_clear(&again);
}
