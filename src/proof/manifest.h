/* manifest.h - our own record of a folder's files: docs/manifest-format.md */
#ifndef LC_PROOF_MANIFEST_H
#define LC_PROOF_MANIFEST_H

#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

#define LC_MANIFEST_HEAD "# llava-check manifest 1\n"

/** Whether a text begins like a manifest. */
bool lc_manifest_is_one(struct lc_span text);

/** Whether a file's name suggests that it is a manifest. */
bool lc_manifest_is_named(struct lc_span name);

/** Append the lines for a file. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_manifest_add(struct lc_buffer *out, struct lc_span path,
                                             uint64_t size, const uint8_t xxh3[16],
                                             const uint8_t sha256[32],
                                             struct lc_error *err);

/** Append the last line. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_manifest_add_end(struct lc_buffer *out, uint64_t files,
                                                 uint64_t bytes, struct lc_error *err);

/* Parse a comment line of a manifest; false if the line is something else. */
bool lc_manifest_read_file(struct lc_span line, uint64_t *size, uint8_t xxh3[16]);
bool lc_manifest_read_end(struct lc_span line, uint64_t *files, uint64_t *bytes);

#endif
