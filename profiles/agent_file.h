/*
 * The settings file of an agent, which lies where the agent itself may write: opened without
 * following what it may have put there, and replaced whole or not at all (spec 03 15.1).
 */
#ifndef PROFILES_AGENT_FILE_H
#define PROFILES_AGENT_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct agent_file {
	struct buf path; /* as it is called */
	struct buf real; /* as it is, behind symbolic links */
	int directory;	 /* which holds it, or -1 when that is not there */
	bool exists;
	struct stat stat;
	struct buf text;
};

/*
 * Find and read HOME/DIRECTORY/NAME. A symbolic link may lead to another file of this user in the
 * home directory, but not into directories of nono. What is not there is no error; with `make` its
 * directory is made. 0 or an error.
 */
int agent_file_open(struct agent_file *f, const char *directory, const char *name, bool make,
		    char *const *environment, struct err *e) ATTR_CHECK;

/* Put `text` in its place; text.p NULL: remove it. -ESTALE: it is another one now. */
int agent_file_replace(const struct agent_file *f, struct slice text, struct err *e) ATTR_CHECK;
void agent_file_close(struct agent_file *f);

#endif
