/* faults.h - which kinds of damage an archive has: complete, unlike the list of
 * damages */
#ifndef LC_ARCHIVE_FAULTS_H
#define LC_ARCHIVE_FAULTS_H

#include "archive/archive.h"

/** The kinds of damage found so far, as bits: 1 << enum lc_archive_fault. */
unsigned lc_archive_faults(const struct lc_archive *archive);

#endif
