/* The steps of child_run(), each in its own file. 0, or an errno value > 0. */
#ifndef CHILD_INTERNAL_H
#define CHILD_INTERNAL_H

#include "child/child.h"

int step_parent(const struct child_plan *p);
int step_cgroup(const struct child_plan *p);
int step_fds(const struct child_plan *p);
int step_namespace(const struct child_plan *p);
int step_directory(const struct child_plan *p);
int step_pty(const struct child_plan *p);
int step_tty(const struct child_plan *p);
int step_limits(const struct child_plan *p);
int step_keyring(const struct child_plan *p);
int step_no_new_privs(const struct child_plan *p);
int step_capabilities(const struct child_plan *p);
int step_landlock(const struct child_plan *p);
int step_signals(const struct child_plan *p);
int step_seccomp(const struct child_plan *p);
int step_job(const struct child_plan *p);
int step_exec(const struct child_plan *p);

#endif
