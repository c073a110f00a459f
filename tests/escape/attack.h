/*
 * What the attacks of spec row "escape matrix" share. An attack prints one line for each thing it
 * tried and exits 0; run.sh compares the lines with rows.txt:
 *
 *   NAME succeeded              the attack had its effect
 *   NAME failed: ERRNO          the kernel or nono refused it
 *   NAME skipped: REASON        this machine cannot try it
 *   twin NAME ok                the allowed neighbour works
 *   twin NAME failed: ERRNO
 *
 * Whatever an attack needs from outside (tests/escape/outside.c) reaches it in ESC_* variables.
 */
#ifndef ESCAPE_ATTACK_H
#define ESCAPE_ATTACK_H

#include <stdbool.h>
#include <sys/types.h>

/* `ret` is what the system call answered; -1 means errno tells why. */
void attack_result(const char *name, long ret);

/* The same from an error number; 0: succeeded. */
void attack_errno(const char *name, int error);

/* For effects that no errno describes: `why` is one word of rows.txt. */
void attack_effect(const char *name, bool succeeded, const char *why);

void attack_skip(const char *name, const char *reason);

/* When !ok, errno tells why. */
void attack_twin(const char *name, bool ok);

/* A variable run.sh must have set; the program ends with status 3 when it is missing. */
const char *attack_env(const char *name);
long attack_env_number(const char *name);

/* "$ESC_WORK/name" in static memory that the next call overwrites. */
const char *attack_work_path(const char *name);

/* Open, report, close. */
void attack_open(const char *name, const char *path, int flags);
void attack_twin_open(const char *name, const char *path, int flags);

/*
 * Run `fn` in a child process and return the errno it answered (0: succeeded), so that an attack
 * which changes or kills its process spoils no other. 255: the child died.
 */
int attack_forked(int (*fn)(void *context), void *context);

/* Enter namespaces in which this user may mount; false where no user namespace is to be had. */
bool attack_own_mounts(void);

#endif
