/* tree.h - copy, compare and remove folders */
#ifndef LC_FAULTS_TREE_H
#define LC_FAULTS_TREE_H

#include <stdbool.h>

/** Copy a folder with everything below; a failure ends the program. */
void lc_tree_copy(const char *from, const char *to);

/** Remove a folder with everything below, if it exists. */
void lc_tree_remove(const char *path);

/** Whether two files exist and have the same bytes. */
bool lc_file_same(const char *a, const char *b);

/** Called for each file below a folder, with its relative path. False ends the walk. */
typedef bool lc_tree_file(void *user, const char *path);

/** Walk the files below a folder; return false if a call ended the walk. */
bool lc_tree_walk(const char *folder, lc_tree_file *file, void *user);

#endif
