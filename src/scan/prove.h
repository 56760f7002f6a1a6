/* prove.h - compares the files of a folder with the records of their download */
#ifndef LC_SCAN_PROVE_H
#define LC_SCAN_PROVE_H

#include "base/error.h"
#include "llava_check/verify.h"
#include "rules/rules.h"

/**
 * Compare the files of a folder with the records selected by options->download or
 * options->manifest.
 *
 * Owner, errors: as lc_verify.
 */
LC_MUST_CHECK enum lc_status lc_prove(const struct lc_verify_options *options,
                                      struct lc_index **out, struct lc_error *err);

#endif
