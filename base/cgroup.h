/*
 * Texts of the cgroup file systems (cgroups(7)): where this process is, and flat "key number"
 * files. Pure. The kernel writes them, but names in the paths are chosen by whoever made the
 * groups.
 */
#ifndef BASE_CGROUP_H
#define BASE_CGROUP_H

#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/slice.h"

enum {
	CGROUP_BYTES_MAX = 16 << 10, /* of /proc/PID/cgroup: a dozen lines of at most PATH_MAX */
	CGROUP_PATH_MAX = 4096,
};

struct cgroup_place {
	struct slice own;	/* path of the v2 line, "/" for the root; points into the text */
	struct slice delegated; /* its part up to user@UID.service; n 0: not in such a subtree */
};

/*
 * Find the "0::" line in the text of /proc/self/cgroup. `uid` is whose service manager counts.
 * -ENOENT: no such line, so no version 2 hierarchy. -EBADMSG: a line that is none, a relative
 * path, or one with ".." in it, as the kernel shows for a place outside of this cgroup namespace.
 */
int cgroup_parse(struct cgroup_place *ret, struct slice text, uid_t uid) ATTR_CHECK;

/* The number behind `key` in a flat keyed file, as memory.events; 0 when the key is not there. */
uint64_t cgroup_event(struct slice text, const char *key);

/* Is `word` one of the blank-separated words, as in cgroup.controllers? */
bool cgroup_has_word(struct slice text, const char *word);

#endif
