/* What an agent runs by itself is looked at before its session and behind it (ipc/auto_run.h). */
#ifndef CLI_AUTO_RUN_H
#define CLI_AUTO_RUN_H

#include "plan/plan.h"
#include "profiles/profile.h"

/*
 * Note how everything is that the program of this plan could change. A memory file for the broker,
 * or -1 when there is nothing to look at.
 */
int auto_run_context(const struct profile *p, const struct plan *plan, char *const *environment);

#endif
