/* From the parsed command line to what profiles/policy.h asks for. */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include "cli/config.h"
#include "cli/opt.h"
#include "profiles/manifest.h"
#include "profiles/policy.h"
#include "profiles/profile.h"

enum { REQUEST_LISTS = 20 };

/* Strings are borrowed from the options, the lists are owned. */
struct request {
	struct policy_request policy;
	const char *shell; /* program of `nono shell`, borrowed */
	void *list[REQUEST_LISTS];
	size_t lists;
	struct profile_request profile_request; /* reference NULL: no profile */
	struct profile *profile;
	struct user_groups user_groups; /* when there is no profile */
	const char *expected_sha256;	/* of the profile, or NULL */
	const char *config_path;	/* of the file that named the profile, else NULL */
	struct out *out;		/* for the question about a project's profile */
	bool project;			/* --allow-project-profile */
	const char *manifest_path;	/* of --config, borrowed; NULL: none */
	struct manifest *manifest;
	const char *own[3];
	const char *hook_script; /* of an agent, by the profile; NULL: none */
	struct pool pool;	 /* of words that the profile adds */
};

/* The program will be able to start `nono why --self`: where its files are. 0 or -ENOMEM. */
int request_name_own_programs(struct request *rq) ATTR_CHECK;

/* The program may read and run the script of the profile's hook. 0 or an error. */
int request_name_hook_script(struct request *rq, struct err *e) ATTR_CHECK;

/* 0 or -ENOMEM; cleared with request_clear() in both cases. */
int request_make(struct request *rq, const struct opt *o, char *const *environment) ATTR_CHECK;

/* The profile that the configuration names, when neither a flag nor a variable does; or NULL. */
const char *request_default_profile(const struct opt *o, const struct config *c);

/* What config.toml adds to the command line, whose options `o` are. Borrowed. */
void request_use_config(struct request *rq, const struct opt *o, const struct config *c);

/*
 * Load the manifest that was asked for, or the profile, and let that change the command. 0 or an
 * error; nothing to do without one.
 */
int request_load(struct request *rq, struct policy_notes *notes, struct err *e) ATTR_CHECK;
void request_clear(struct request *rq);

#endif
