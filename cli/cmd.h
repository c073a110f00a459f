/* One entry per command; each answers the exit code. Environment: the caller's, as given. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "cli/opt.h"

/*
 * run, shell and wrap. Returns only when nothing was started (dry run, error). The words of `argv`
 * are for the program that goes on when the configuration names a profile.
 */
int cmd_launch(struct opt *o, char **argv, char *const *environment);

/* `nono help`, --help and --version; without any command: help on standard error, exit 2. */
int cmd_help(struct opt *o, char *const *environment);

/* Verify the installation: what this machine enforces, proved. */
int cmd_setup(const struct opt *o, char *const *environment);

/* The script for a shell, on standard output. */
int cmd_completion(struct opt *o, char *const *environment);

/* Explain an access decision. */
int cmd_why(const struct opt *o, char *const *environment);

/* The commands of `profile` and their old names under `policy`. */
int cmd_profile(struct opt *o, char *const *environment);

/* Trace a command and propose grants. */
int cmd_learn(struct opt *o, char *const *environment);

/* The question at the end of a session, started by the broker (ipc/save.h). */
int cmd_save(const struct opt *o);

/* What changed of the commands that an agent runs by itself (ipc/auto_run.h). */
int cmd_auto_run(const struct opt *o, char *const *environment);

/* Tell about a command line that cannot be understood. */
int cmd_usage_error(const struct opt *o, const struct err *e, char *const *environment);

#endif
