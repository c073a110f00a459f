/* Into the subtree of the user's service manager, when limits need one. */
#ifndef CLI_SCOPE_H
#define CLI_SCOPE_H

#include "cli/opt.h"

/*
 * When this launch has limits (`limited`: others than by options) and no cgroup of this process can carry them, but a service manager
 * of the user answers: start again as `systemd-run --user --scope nono ...`, in the same process.
 * Returns when that is not needed or cannot be done; then the broker says what is missing.
 */
void scope_enter(const struct opt *o, bool limited, char *const *argv, char *const *environment);

#endif
