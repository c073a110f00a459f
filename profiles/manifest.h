/*
 * Capability manifests (spec 02 section 21): one JSON file that is the whole policy of a session.
 * manifest.c reads and checks one and needs the JSON library; manifest_apply.c makes grants of it
 * and does not, so that the start path can link it. Programs write one with manifest_write.h.
 */
#ifndef PROFILES_MANIFEST_H
#define PROFILES_MANIFEST_H

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "profiles/node.h"
#include "profiles/policy.h"
#include "profiles/pool.h"
#include "profiles/schema.h"

#define MANIFEST_VERSION "0.1.0"

/* The largest number of bytes that a JSON number still holds exactly. */
#define MANIFEST_MEMORY_MAX (INT64_C(1) << 53)

/* Checked: every key that the table knows has the type and the range that the table says. */
struct manifest {
	struct pool pool;
	const char *shown; /* the file as it was named, for messages */
	struct node *tree;
};

/* The outermost object. `merge` of its keys has no meaning. */
extern const struct key_table schema_manifest;

/* Here alone a key that is not known is an error: a limit that was misspelt would be none. */
extern const struct key_table schema_manifest_resources;

/*
 * Read a file, or a text that `shown` names. 0, or an error "Configuration parse error: FILE:LINE:
 * COLUMN: REASON". Unknown keys are warnings in `notes`, except where the table forbids them.
 */
int manifest_load(struct manifest **ret, const char *path, struct policy_notes *notes,
		  struct err *e) ATTR_CHECK;
int manifest_parse(struct manifest **ret, struct slice text, const char *shown,
		   struct policy_notes *notes, struct err *e) ATTR_CHECK;
void manifest_free(struct manifest *m);

/* dotted: as "network.mode". NULL when absent; takes NULL. */
const struct node *manifest_get(const struct manifest *m, const char *dotted);

/* "Configuration parse error: FILE:LINE:COLUMN: TEXT" about a value. */
int manifest_fail(const struct manifest *m, const struct node *n, int r, struct err *e,
		  const char *fmt, ...) ATTR_PRINTF(5, 6);

#endif
