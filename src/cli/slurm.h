/* slurm.h - the script that `llava-check slurm` prints after its own first lines */
#ifndef LC_CLI_SLURM_H
#define LC_CLI_SLURM_H

/** Its lines; the last is followed by NULL. */
extern const char *const lc_slurm_script[];

#endif
