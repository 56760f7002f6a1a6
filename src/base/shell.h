/* shell.h - quotes words of commands that a user may copy */
#ifndef LC_BASE_SHELL_H
#define LC_BASE_SHELL_H

#include "base/buffer.h"

/**
 * Append a path such that a shell reads it back: quoted if necessary, and with ./ before
 * a dash, so that no program reads it as an option. Characters that must not be printed
 * (see printable.h) are written as \xNN in $'...', which bash, zsh and ksh read; a line
 * with such a word is safe to print. The terminating NUL is not counted.
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_shell_add(struct lc_buffer *out, const char *word,
                                          struct lc_error *err);

#endif
