/*
 * plan/: build, open and ask the plan image (plan/format.h). Pure: no I/O, no globals; only the
 * builder allocates. `nono why`, the summary, `wrap` and the broker all decide with plan_query_*()
 * on the same bytes, so an explanation cannot differ from the enforcement.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "plan/format.h"

/* ---- reading (validate.c, read.c) ---- */

/* An opened image. Borrows the bytes; they must stay unchanged and alive. */
struct plan {
	const unsigned char *image;
	const struct plan_header *header;
	const struct plan_settings *settings;
};

/*
 * Check every field of the image. `image` must be 8-byte aligned. 0, or -EBADMSG with the reason
 * in `e` (may be NULL); -EPROTONOSUPPORT for another version, -EFBIG for one too large.
 * *ret is written only on success.
 */
int plan_open(struct plan *ret, const void *image, size_t bytes, struct err *e) ATTR_CHECK;

/* The checksum of an image whose own checksum field counts as zero. `bytes` a multiple of 8. */
uint64_t plan_checksum(const void *image, size_t bytes);

/* mode, proxy_port and the port lists, into the open object of `j` (network.c). */
struct json;
void plan_network_json(struct json *j, const struct plan *p);

/* A string of an opened image; never NULL. */
const char *plan_string(const struct plan *p, struct plan_ref ref);

size_t plan_count(const struct plan *p, enum plan_section section);
const struct plan_grant *plan_grant_at(const struct plan *p, size_t i);
const struct plan_socket *plan_socket_at(const struct plan *p, size_t i);
const struct plan_deny *plan_deny_at(const struct plan *p, size_t i);
const struct plan_port *plan_port_at(const struct plan *p, size_t i);
const struct plan_command *plan_command_at(const struct plan *p, size_t i);
const char *plan_argument_at(const struct plan *p, size_t i);
/* Argument i without secrets: what records and messages show. */
const char *plan_shown_at(const struct plan *p, size_t i);
const char *plan_environment_at(const struct plan *p, size_t i);
unsigned int plan_keep_fd_at(const struct plan *p, size_t i);
const struct plan_redaction *plan_redaction_at(const struct plan *p, size_t i);

/* ---- asking (query.c) ---- */

enum plan_reason {
	PLAN_REASON_GRANTED = 1,  /* granted_path, network_allowed */
	PLAN_REASON_SENSITIVE,	  /* sensitive_path: a deny covers it */
	PLAN_REASON_INSUFFICIENT, /* insufficient_access */
	PLAN_REASON_NOT_GRANTED,  /* path_not_granted */
	PLAN_REASON_NET_BLOCKED,  /* network_blocked */
	PLAN_REASON_PORT_NOT_LISTED,
	PLAN_REASON_COMMAND_BLOCKED,
};

struct plan_answer {
	bool allowed;
	enum plan_reason reason;
	const struct plan_grant *grant; /* the one that decided, or the closest; or NULL */
	const struct plan_deny *deny;	/* the one that decided, or NULL */
	const struct plan_socket *socket;
	const struct plan_command *command;
};

/*
 * May the program use `access` (PLAN_READ | PLAN_WRITE) on this canonical absolute path? The kernel
 * unions the rights of all covering grants, and so does this. A deny that covers the path wins
 * unless a grant at or below that deny covers it (a bypass removed the deny in that case).
 */
struct plan_answer plan_query_path(const struct plan *p, const char *path, unsigned int access);

/* What tells one object of the file system from another. inode 0: not there, or not known. */
struct plan_identity {
	uint64_t device, inode;
};

/* An object as the kernel meets it, for plan_query_object(). */
struct plan_object {
	const char *path;		   /* canonical, absolute */
	const struct plan_identity *chain; /* itself, then every directory above it up to "/" */
	size_t chain_count;
	size_t missing; /* names of `path` that do not exist yet; the chain begins above them */
	const struct plan_identity *grants; /* of each grant of the plan: what it opens now */
};

/*
 * The same for a path that was looked at: grants cover what their objects contain, whatever name
 * leads there, as in the kernel. Grants without identity count by their names, unless they are
 * optional: those were skipped.
 */
struct plan_answer
plan_query_object(const struct plan *p, const struct plan_object *o, unsigned int access);

/* May it connect to, or bind, this TCP port? */
struct plan_answer plan_query_connect(const struct plan *p, unsigned int port);
struct plan_answer plan_query_bind(const struct plan *p, unsigned int port);

/* May it connect to (bind: create) a socket at this canonical path? (spec 02 2.6) */
struct plan_answer plan_query_socket(const struct plan *p, const char *path, bool bind);

/* May a program of this basename be started directly? Allow beats block. */
struct plan_answer plan_query_command(const struct plan *p, const char *basename);

/* Is any port open for bind? Then `listen` stays possible (residual B5). */
bool plan_binds_ports(const struct plan *p);

/* Which grants mean another object in every process; PLAN_ALIAS_NONE for ordinary paths. */
enum plan_alias plan_alias_of(const char *original, unsigned int access);

/* ---- building (build.c, front end only) ---- */

/*
 * Collects records, then writes the image. After any failed call the builder can only be
 * cleared. Strings are copied; equal strings are stored once.
 */
struct plan_builder {
	struct buf section[PLAN_SEC_COUNT];
	struct plan_settings settings; /* scalar members may be set directly */
	void *strings_index;	       /* hash of offsets, build.c */
};

int plan_builder_init(struct plan_builder *b) ATTR_CHECK;
void plan_builder_clear(struct plan_builder *b);

/* Store a string: 0, -ENOMEM, -E2BIG (limits), -EINVAL. NULL is stored as "". */
int plan_build_string(struct plan_builder *b, const char *s, struct plan_ref *ret) ATTR_CHECK;

/* Each appends one record whose refs were made by plan_build_string(): 0, -ENOMEM, -E2BIG. */
int plan_build_grant(struct plan_builder *b, const struct plan_grant *g) ATTR_CHECK;
int plan_build_socket(struct plan_builder *b, const struct plan_socket *s) ATTR_CHECK;
int plan_build_deny(struct plan_builder *b, const struct plan_deny *d) ATTR_CHECK;
int plan_build_port(struct plan_builder *b, unsigned int port, enum plan_port_use use) ATTR_CHECK;
int plan_build_command(struct plan_builder *b, const char *name, const char *group,
		       enum plan_command_rule rule) ATTR_CHECK;
int plan_build_argument(struct plan_builder *b, const char *word) ATTR_CHECK;
int plan_build_shown(struct plan_builder *b, const char *word) ATTR_CHECK;
int plan_build_environment(struct plan_builder *b, const char *entry) ATTR_CHECK;
/* The same, in place of an entry of the same name. */
int plan_build_environment_set(struct plan_builder *b, const char *entry) ATTR_CHECK;
int plan_build_keep_fd(struct plan_builder *b, unsigned int fd) ATTR_CHECK;
/* -E2BIG also for a name longer than PLAN_PATH_MAX. */
int plan_build_redaction(struct plan_builder *b, const char *name,
			 enum plan_redaction_set set) ATTR_CHECK;

/*
 * Write the finished image, 8-byte aligned, checksum set, and prove it with plan_open() into *ret.
 * *ret_image is freed with mem_free(). 0, -ENOMEM, or what plan_open() says of it.
 */
int plan_build_open(struct plan_builder *b, void **ret_image, size_t *ret_bytes, struct plan *ret,
		    struct err *e) ATTR_CHECK;
/* The same for who only hands the image on. */
int plan_build_finish(struct plan_builder *b, void **ret_image, size_t *ret_bytes,
		      struct err *e) ATTR_CHECK;

#endif
