/*
 * The scene of the proofs (prove.c): a directory, a process and sockets that a sandbox must not
 * reach, and plans for sandboxes beside them.
 */
#ifndef CLI_PROVE_STAGE_H
#define CLI_PROVE_STAGE_H

#include <limits.h>

#include "cli/prove.h"

enum { STAGE_BOX_MAX = 1024 };

struct stage {
	const struct kernel *kernel;
	char *const *environment;
	struct prove_result *result;
	struct err *e; /* what a failure of the caller is told with */

	char self[PATH_MAX];
	char box[STAGE_BOX_MAX];
	char name[64]; /* of the abstract socket and the key */
	char victim_text[16], port_text[8], granted_text[8], terminal[64];
	pid_t victim;
	int listener, granted_listener, abstract, own_master, other_master;
	int shared_memory; /* of System V, for one proof */
};

/* 0 or -errno with the reason in s->e; cleared with stage_clear() in both cases. */
int stage_set(struct stage *s) ATTR_CHECK;
void stage_clear(struct stage *s);

/*
 * A finished launch of the process inside. `swapped`: with a grant that was another object when
 * it was checked. Once in a process: what it borrows is never released.
 */
int stage_prepare(struct launch **ret, const struct stage *s, enum prove_mode mode, bool swapped,
		  struct err *e) ATTR_CHECK;

#endif
