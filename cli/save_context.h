/*
 * What must be known at the end of a session, when its refusals are offered for saving: written
 * before it begins, because the broker has no environment and reads no profile (ipc/save.h).
 */
#ifndef CLI_SAVE_CONTEXT_H
#define CLI_SAVE_CONTEXT_H

#include "cli/opt.h"
#include "cli/request.h"

/*
 * A sealed memory file, or -1 when nothing will be offered: nobody is there to ask, or the user
 * does not want it.
 */
int save_context_make(const struct opt *o, const struct request *rq, char *const *environment);

#endif
