/*
 * What is risky in a profile, or has no effect (spec 03 section 19 B2). Rules look at the resolved
 * profile, and tell where each entry was written. They read what paths name on this machine, never
 * the contents of a secret.
 */
#ifndef PROFILES_LINT_H
#define PROFILES_LINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "profiles/pool.h"

enum lint_severity { LINT_OFF = 0, LINT_INFO, LINT_WARN, LINT_ERROR };

enum { LINT_RULES = 32, LINT_UNSET = 0xff };

struct lint_finding {
	const char *rule; /* "P106" */
	enum lint_severity severity;
	const char *file;      /* or the preset's name */
	uint32_t line, column; /* 0: not known */
	const char *pointer;   /* RFC 6901, into the resolved profile; "" */
	const char *message;
	const char *fix; /* the next step, or NULL */
};

struct lint_report {
	struct pool pool;
	struct lint_finding *item;
	size_t count, capacity;
	size_t errors, warnings, infos;
};

/* Severities that the user chose; LINT_UNSET leaves the rule's own. */
struct lint_levels {
	unsigned char of[LINT_RULES];
};

void lint_levels_init(struct lint_levels *l);

/* "P106=warn"; -EINVAL for an unknown rule or word. */
int lint_levels_set(struct lint_levels *l, const char *text) ATTR_CHECK;

/* The severity's name. */
const char *lint_severity_name(enum lint_severity s);

/*
 * Add what is found in one profile, sorted by place. `flags` as for profile_load(). A profile that
 * cannot be loaded is a finding, too; an error is running out of memory or of a home directory.
 */
int
lint_profile(struct lint_report *ret, const char *reference, unsigned int flags,
	     const struct lint_levels *levels, char *const *environment, struct err *e) ATTR_CHECK;

void lint_report_clear(struct lint_report *r);

#endif
