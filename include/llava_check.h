/* llava_check.h - check visual-instruction data sets in LLaVA's raw format
 *
 * A run checks a data set and leaves its results in an index; reports are written from
 * the index, at once or later:
 *
 *     const char *path = "raw";
 *     struct lc_check_options options = LC_OPTIONS(lc_check_options);
 *     struct lc_error error = {0};
 *     struct lc_index *index = NULL;
 *
 *     options.paths = &path;
 *     options.path_count = 1;
 *     if (lc_check(&options, &index, &error) == LC_OK) {
 *         struct lc_report_options report = LC_OPTIONS(lc_report_options);
 *
 *         report.format = "json";
 *         lc_report_write(index, &report, stdout, &error);
 *     }
 *     lc_index_close(index);
 *
 * A fault of the data is a finding, in the report. If the library cannot do its work, the
 * call returns an error. Strings are UTF-8, except file names, which are bytes.
 *
 * This header includes all others; each of them can also be included alone. Experimental
 * headers may change with every version; they are included only if LC_EXPERIMENTAL is
 * defined. docs/abi.md says what is stable.
 */
#ifndef LLAVA_CHECK_H
#define LLAVA_CHECK_H

#include "llava_check/api.h"
#include "llava_check/check.h"
#include "llava_check/dialects.h"
#include "llava_check/diff.h"
#include "llava_check/error.h"
#include "llava_check/files.h"
#include "llava_check/findings.h"
#include "llava_check/images.h"
#include "llava_check/index.h"
#include "llava_check/output.h"
#include "llava_check/report.h"
#include "llava_check/rows.h"
#include "llava_check/rules.h"
#include "llava_check/selection.h"
#include "llava_check/types.h"
#include "llava_check/verify.h"
#include "llava_check/version.h"

#ifdef LC_EXPERIMENTAL
#include "llava_check/arrow.h"
#include "llava_check/clean.h"
#include "llava_check/convert.h"
#include "llava_check/detach.h"
#include "llava_check/fix.h"
#include "llava_check/import.h"
#include "llava_check/inspect.h"
#include "llava_check/manifest.h"
#include "llava_check/merge.h"
#include "llava_check/overwrite.h"
#include "llava_check/query.h"
#include "llava_check/sets.h"
#include "llava_check/thumbnails.h"
#endif

#endif
