/* find.h - finds the records that programs keep in a folder, and lists its files */
#ifndef LC_PROOF_FIND_H
#define LC_PROOF_FIND_H

#include "proof/records.h"
#include "store/folder.h"

/** A file of the folder, or a link. */
struct lc_listed {
    size_t path;     /* offset in the list's text; NUL-terminated */
    bool is_private; /* a program's own file: records, locks, our index … */
};

/** All files of a folder, sorted by path. All zero: empty. */
struct lc_file_list {
    struct lc_buffer text;
    struct lc_listed *items;
    size_t count, capacity;
};

void lc_file_list_clear(struct lc_file_list *list);

/** What to look for. */
struct lc_find_options {
    struct lc_span root_name;   /* the name of the root folder */
    const char *const *folders; /* look only in these folders below the root, a
                                   NULL-terminated array; NULL: everywhere */
    size_t max_files;           /* stop and set *is_cut if there are more; 0: fail if
                                   there are more than LC_RECORDS_MAX */
    const char *manifest;       /* path of a manifest of our own, which is then the only
                                   record used */
    bool no_records;            /* only list files */
};

/**
 * Find records below a folder. No link is followed, and only regular files are opened.
 *
 * @param records  filled and sorted
 * @param list     filled with the files of the folders that were searched
 * @param is_cut   set to whether there were more files than max_files; may be NULL
 *
 * Errors:  LC_ERR_USAGE (too many files; the manifest is not one), LC_ERR_IO,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_records_find(const struct lc_folder *folder,
                                             const struct lc_find_options *options,
                                             struct lc_records *records,
                                             struct lc_file_list *list, bool *is_cut,
                                             struct lc_error *err);

#endif
