/*
 * Accesses tried for real inside a sandbox, for `nono profile test --live`. A throw-away process
 * applies a plan as a launch does and becomes this program, which opens what it is told to open and
 * reports how each attempt ended; it does not know what is expected. The program is a copy in
 * memory, which Landlock lets be executed, so that nothing needs to be granted for the sake of the
 * test.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "launch/launch.h"
#include "profiles/policy.h"

#define LIVE_COMMAND "__live"

enum live_op {
	LIVE_READ = 'r',
	LIVE_WRITE = 'w',   /* opened for it, neither truncated nor written */
	LIVE_EXECUTE = 'x', /* AT_EXECVE_CHECK: asked, not run */
	LIVE_CREATE = 'c',  /* a file of this name is made and removed again */
};

struct live_answer {
	int32_t error; /* an errno; 0: it worked, and then: */
	uint32_t zero;
	uint64_t device, inode; /* what was opened */
};

_Static_assert(sizeof(struct live_answer) == 24, "no hidden padding");

struct live;

/*
 * Start the process that will become the sandbox and let it wait. To be called before anything is
 * given up that a launch needs. `*ret` is released by live_free() in both cases.
 */
int live_start(struct live **ret, struct err *e) ATTR_CHECK;
void live_free(struct live *l);

/* Note one attempt with an absolute path; the answers have the order of the calls. 0 or -ENOMEM. */
int live_add(struct live *l, enum live_op op, const char *path) ATTR_CHECK;

/*
 * Do them all under the policy that `rq` asks for. *ret belongs to `l`. 0, or why no sandbox could be
 * made or did not answer.
 */
int live_run(struct live *l, const struct policy_request *rq, const struct live_answer **ret,
	     struct err *e) ATTR_CHECK;

/* The process inside: the exit code. */
int live_inside(void);

#endif
