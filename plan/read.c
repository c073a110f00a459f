/*
 * Records and strings of an opened image. plan_open() proved every offset and count; an index out
 * of range is a fault of the caller and stops the program.
 */
#include "plan/plan.h"

#include <assert.h>

#include "plan/internal.h"

static const void *
record_at(const struct plan *p, enum plan_section section, size_t i)
{
	const struct plan_span *span = &p->header->section[section];

	assert(i < span->count);
	return p->image + span->offset + i * plan_section_rules[section].record_bytes;
}

const char *
plan_string(const struct plan *p, struct plan_ref ref)
{
	return (const char *)p->image + p->header->section[PLAN_SEC_STRINGS].offset + ref.offset;
}

size_t
plan_count(const struct plan *p, enum plan_section section)
{
	return p->header->section[section].count;
}

const struct plan_grant *
plan_grant_at(const struct plan *p, size_t i)
{
	return record_at(p, PLAN_SEC_GRANTS, i);
}

const struct plan_socket *
plan_socket_at(const struct plan *p, size_t i)
{
	return record_at(p, PLAN_SEC_SOCKETS, i);
}

const struct plan_deny *
plan_deny_at(const struct plan *p, size_t i)
{
	return record_at(p, PLAN_SEC_DENIES, i);
}

const struct plan_port *
plan_port_at(const struct plan *p, size_t i)
{
	return record_at(p, PLAN_SEC_PORTS, i);
}

const struct plan_command *
plan_command_at(const struct plan *p, size_t i)
{
	return record_at(p, PLAN_SEC_COMMANDS, i);
}

const char *
plan_argument_at(const struct plan *p, size_t i)
{
	const struct plan_ref *ref = record_at(p, PLAN_SEC_ARGV, i);

	return plan_string(p, *ref);
}

const char *
plan_shown_at(const struct plan *p, size_t i)
{
	const struct plan_ref *ref = record_at(p, PLAN_SEC_SHOWN, i);

	return plan_string(p, *ref);
}

const char *
plan_environment_at(const struct plan *p, size_t i)
{
	const struct plan_ref *ref = record_at(p, PLAN_SEC_ENVIRONMENT, i);

	return plan_string(p, *ref);
}

unsigned int
plan_keep_fd_at(const struct plan *p, size_t i)
{
	const struct plan_keep_fd *keep = record_at(p, PLAN_SEC_KEEP_FDS, i);

	return keep->fd;
}

const struct plan_redaction *
plan_redaction_at(const struct plan *p, size_t i)
{
	return record_at(p, PLAN_SEC_REDACTIONS, i);
}
