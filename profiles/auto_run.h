/*
 * Files whose contents somebody runs later without a sandbox, and a hash of the part that does it
 * (spec 03 15.1, B12): what a program changes there is told at the end of its session.
 */
#ifndef PROFILES_AUTO_RUN_H
#define PROFILES_AUTO_RUN_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "profiles/profile.h"

/* How a file is looked at. The numbers are in the context of ipc/auto_run.h. */
enum auto_run_form {
	AUTO_RUN_CLAUDE = 1, /* hooks, mcpServers, statusLine of a JSON text */
	AUTO_RUN_OPENCODE,   /* plugin, mcp */
	AUTO_RUN_CODEX,	     /* notify, mcp_servers of a TOML text */
	AUTO_RUN_GIT,	     /* what .git/config starts */
	AUTO_RUN_WHOLE,
	AUTO_RUN_FILES, /* all files of a directory */
	AUTO_RUN_NAMES, /* the names in a directory */
	AUTO_RUN_FORMS
};

/* Is this a profile of an agent that nono knows? Others are not looked at. */
bool auto_run_wanted(const struct profile *p);

typedef int auto_run_fn(void *context, enum auto_run_form form, const char *path);

/* Call `fn` for each file or directory, in a fixed order, till it answers less than 0. */
int auto_run_each(const struct profile *p, const char *workdir, char *const *environment,
		  auto_run_fn *fn, void *context, struct err *e) ATTR_CHECK;

/* 1 and the hash, 0 when there is nothing, or -ENOMEM. What cannot be read has a hash, too. */
int auto_run_hash(unsigned char ret[SHA256_BYTES], enum auto_run_form form,
		  const char *path) ATTR_CHECK;

/* What a form is about, in a word or two. */
const char *auto_run_kind(enum auto_run_form form);

#endif
