/*
 * The policy groups of spec 03 section 9, compiled from profiles/data/groups.json at build time
 * (tools/gen_tables.c). Paths are verbatim: "~/", "$HOME/", "$TMPDIR" are expanded by
 * profiles/expand.c. Only groups of this platform have entries; macOS groups exist by name.
 */
#ifndef PROFILES_GROUPS_H
#define PROFILES_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

struct group_path {
	const char *path;
	unsigned char access; /* PLAN_READ | PLAN_WRITE */
	bool covered;	      /* an earlier entry of the same group and access is an ancestor */
};

struct group {
	const char *name;
	const char *description;
	const char *platform; /* NULL: every one */
	bool linux_group;     /* false: accepted by name, no effect here */
	bool required;	      /* cannot be excluded */
	bool extended;	      /* ours, implicit, not counted among the reference's */
	bool unlink_protection;
	const struct group_path *allow;
	size_t allow_count;
	const char *const *deny; /* deny.access */
	size_t deny_count;
	const char *const *commands; /* deny.commands */
	size_t commands_count;
	const char *system_file; /* of the mandatory policy that says it, else NULL */
};

/* One that the user or the system's policy wrote (profiles/user_groups.h). */
struct user_group {
	struct group group;
	const char *file;
};

enum network_limit {
	NETWORK_LIMIT_NONE,
	NETWORK_LIMIT_PROXY,
	NETWORK_LIMIT_BLOCKED,
};

/* What the system's policy says beside its groups (profiles/system_policy.h). */
struct system_policy {
	const char *forbid_bypass; /* the file that forbids to lift protections, or NULL */
	enum network_limit network;
	const char *network_file;
	size_t files;
};

/* Those of the system first. */
struct user_groups {
	struct user_group *item;
	size_t count;
	struct system_policy system;
};

extern const struct group groups_table[]; /* in storage order */
extern const size_t groups_count;
extern const unsigned int groups_version; /* of this data */

/* groups.include of preset `default`, in storage order, then the extended groups. */
extern const char *const groups_default[];
extern const size_t groups_default_count;

/* NULL when unknown. */
const struct group *group_find(const char *name);

/* What a name that older profiles use stands for, up to a NULL; NULL when it is none. */
const char *const *group_renamed(const char *name);

#endif
