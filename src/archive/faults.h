/* faults.h - whether an archive has a kind of damage: the list of damages is limited,
 * this is not */
#ifndef LC_ARCHIVE_FAULTS_H
#define LC_ARCHIVE_FAULTS_H

#include "archive/archive.h"

/** The kinds of damage that were found so far: bits, 1 << enum lc_archive_fault. */
unsigned lc_archive_faults(const struct lc_archive *archive);

#endif
