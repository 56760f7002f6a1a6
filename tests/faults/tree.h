/* tree.h - folders that are copied, compared and removed */
#ifndef LC_FAULTS_TREE_H
#define LC_FAULTS_TREE_H

#include <stdbool.h>

/** Copy a folder and all below; what fails ends the program. */
void lc_tree_copy(const char *from, const char *to);

/** Remove a folder and all below, or nothing. */
void lc_tree_remove(const char *path);

/** Whether two files are there with the same bytes. */
bool lc_file_same(const char *a, const char *b);

/** Called for each file below a folder: its path from there. False ends the walk. */
typedef bool lc_tree_file(void *user, const char *path);

/** Walk the files below a folder; false when a call said so. */
bool lc_tree_walk(const char *folder, lc_tree_file *file, void *user);

#endif
