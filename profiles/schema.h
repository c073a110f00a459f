/*
 * The table of every key a profile may have (spec 03 section 3). Checking, merging, `profile show`,
 * `diff`, `schema`, `init --full` and the guide all walk this one table, so a key that one of them
 * knows is known to all of them.
 */
#ifndef PROFILES_SCHEMA_H
#define PROFILES_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_type {
	KEY_BOOL = 1,
	KEY_STRING,
	KEY_INTEGER, /* min..max */
	KEY_STRINGS, /* array of strings */
	KEY_PATHS, /* array of strings or {path, when}; also bypass entries {path, until, reason} */
	KEY_NAMES, /* array of strings or {name, when} */
	KEY_ORIGINS, /* array of strings or {origin, when} */
	KEY_PORTS,   /* array of integers min..max */
	KEY_OBJECT,  /* `members` */
	KEY_MAP,     /* names chosen by the user -> objects of `members`; strings when it is NULL */
	KEY_OBJECTS, /* array of objects of `members` */
};

/* How a child's value meets the base's (spec 03 4.3). */
enum key_merge {
	MERGE_MEMBERS = 1, /* an object: key by key */
	MERGE_REPLACE,	   /* the child's when it is there and not null, else the base's */
	MERGE_UNION,	   /* base, then child, without repetitions */
	MERGE_OR,
	MERGE_MAP,	    /* all names; the child's whole entry wins */
	MERGE_NULL_CLEARS,  /* network_profile: null clears */
	MERGE_EMPTY_CLEARS, /* network.credentials: [] clears, else union */
	MERGE_DOMAINS,	    /* allow_domain: by domain, endpoint rules appended */
	MERGE_POLICIES,	    /* command_policies: the base wins */
	MERGE_NEVER,	    /* consumed by inheritance, or inside a value that merges as a whole */
};

enum {
	KEY_NULLABLE = 1 << 0,
	KEY_REQUIRED = 1 << 1,
	KEY_OR_STRING = 1 << 2, /* the value (item, map entry) may be a string, one of `choices` */
	KEY_DEPRECATED = 1 << 3,
	KEY_EXTENSION = 1 << 4, /* the reference refuses it */
	KEY_MACOS = 1 << 5,	/* no effect here, kept */
	KEY_LEGACY = 1 << 6,	/* moved to `instead` while reading, with a warning */
	KEY_NOT_EMPTY = 1 << 7, /* a string of at least one byte, a list of at least one item */
};

struct key_table;

struct key {
	const char *name;
	const char *alias[3]; /* other spellings without a warning */
	enum key_type type;
	enum key_merge merge;
	unsigned int flags;
	const struct key_table *members;
	const char *const *choices; /* of a string, ended by NULL */
	int64_t min, max;
	const char *instead;	 /* of a legacy key: "groups.include" */
	const char *description; /* one sentence, for the schema and the guide */
};

struct key_table {
	const char *name; /* unique; the schema's $defs */
	const struct key *key;
	size_t count;
};

/* The outermost object. */
extern const struct key_table schema_profile;

/* By name or alias; NULL when unknown. */
const struct key *schema_find(const struct key_table *t, const char *name);

/* By names separated with '.', through the members of objects. */
const struct key *schema_at(const char *dotted);

/* The known spelling closest to an unknown key, or NULL when none is near. */
const char *schema_suggest(const struct key_table *t, const char *name);

#endif
