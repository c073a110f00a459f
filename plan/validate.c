/*
 * plan_open(): nothing of an image is believed before it was checked here. Every byte is either
 * part of a checked field, of a string, or proved to be zero. Runs on each start, so: no
 * allocation, and a cost of microseconds for an ordinary plan and a bounded one for the largest.
 */
#include "plan/plan.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "plan/internal.h"

enum {
	/* execve(2): words and environment together are limited to 3/4 of 8 MiB, pointers included. */
	WORDS_BYTES_MAX = 6 << 20,
	SESSION_ID_LENGTH = 16,
	STARTUP_TIMEOUT_MAX = 3600, /* seconds */
	DAY_SECONDS = 24 * 60 * 60,
	KEEP_FD_MIN = 3,
	KEEP_FD_MAX = 65535,
	ENVIRONMENT_BLOCK = 4096, /* names compared per pass */
	ENVIRONMENT_SLOTS = 2 * ENVIRONMENT_BLOCK,
};

const struct plan_section_rule plan_section_rules[PLAN_SEC_COUNT] = {
	[PLAN_SEC_SETTINGS] = { "settings", sizeof(struct plan_settings), 1, 1 },
	[PLAN_SEC_GRANTS] = { "grant", sizeof(struct plan_grant), 0, PLAN_GRANTS_MAX },
	[PLAN_SEC_SOCKETS] = { "socket", sizeof(struct plan_socket), 0, PLAN_SOCKETS_MAX },
	[PLAN_SEC_DENIES] = { "deny", sizeof(struct plan_deny), 0, PLAN_DENIES_MAX },
	[PLAN_SEC_PORTS] = { "port", sizeof(struct plan_port), 0, PLAN_PORTS_MAX },
	[PLAN_SEC_COMMANDS] = { "command", sizeof(struct plan_command), 0, PLAN_COMMANDS_MAX },
	[PLAN_SEC_ARGV] = { "argument", sizeof(struct plan_ref), 1, PLAN_WORDS_MAX },
	[PLAN_SEC_SHOWN] = { "shown argument", sizeof(struct plan_ref), 0, PLAN_WORDS_MAX },
	[PLAN_SEC_ENVIRONMENT] = { "variable", sizeof(struct plan_ref), 0, PLAN_WORDS_MAX },
	[PLAN_SEC_KEEP_FDS] = { "kept descriptor", sizeof(struct plan_keep_fd), 0,
				PLAN_KEEP_FDS_MAX },
	[PLAN_SEC_REDACTIONS] = { "redaction", sizeof(struct plan_redaction), 0,
				  PLAN_REDACTIONS_MAX },
	[PLAN_SEC_STRINGS] = { "strings", 1, 1, PLAN_BYTES_MAX },
};

/* ---- checksum ---- */

enum { LANES = 4, CHECKSUM_WORD = offsetof(struct plan_header, checksum) / sizeof(uint64_t) };

_Static_assert(CHECKSUM_WORD < LANES, "the first group holds the checksum");

/*
 * One-to-one in `h` for every `w` and in `w` for every `h`: a difference in one word can never be
 * lost again, whatever follows. (An odd factor has an inverse modulo 2^64.)
 */
static inline uint64_t
mix(uint64_t h, uint64_t w)
{
	h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
	return h << 29 | h >> 35;
}

uint64_t
plan_checksum(const void *image, size_t bytes)
{
	/* Independent lanes hide the latency of the multiplication. */
	uint64_t lane[LANES] = { 1, 2, 3, 4 }, word[LANES], h = bytes;
	const unsigned char *p = image;
	size_t words = bytes / sizeof(uint64_t), i;

	for (i = 0; i + LANES <= words; i += LANES) {
		memcpy(word, p + i * sizeof(uint64_t), sizeof(word));
		if (i == 0)
			word[CHECKSUM_WORD] = 0;
		/* Written out: gcc -O2 would leave a loop. */
		lane[0] = mix(lane[0], word[0]);
		lane[1] = mix(lane[1], word[1]);
		lane[2] = mix(lane[2], word[2]);
		lane[3] = mix(lane[3], word[3]);
	}
	for (size_t j = 0; i + j < words; j++) {
		memcpy(word, p + (i + j) * sizeof(uint64_t), sizeof(word[0]));
		lane[j] = mix(lane[j], i + j == CHECKSUM_WORD ? 0 : word[0]);
	}
	for (size_t j = 0; j < LANES; j++)
		h = mix(h, lane[j]);
	return h;
}

/* ---- fields ---- */

struct image {
	const unsigned char *p;
	const struct plan_header *header;
	const char *strings;
	uint32_t strings_bytes;
};

static const void *
record_at(const struct image *m, enum plan_section section, size_t i)
{
	return m->p + m->header->section[section].offset +
	       i * plan_section_rules[section].record_bytes;
}

static bool
is_zero(const void *p, size_t n)
{
	const unsigned char *byte = p;

	while (n > 0)
		if (byte[--n] != 0)
			return false;
	return true;
}

static bool
is_within(uint32_t v, uint32_t min, uint32_t max)
{
	return v >= min && v <= max;
}

/* The string, or NULL when the reference is not sound or it is longer than `max`. */
static const char *
string_at(const struct image *m, struct plan_ref ref, uint32_t max)
{
	const char *s;

	if (ref.length == 0)
		return ref.offset == 0 ? m->strings : NULL;
	if (ref.length > max || ref.offset >= m->strings_bytes ||
	    ref.length >= m->strings_bytes - ref.offset)
		return NULL;
	s = m->strings + ref.offset;
	if (s[ref.length] != '\0' || memchr(s, '\0', ref.length))
		return NULL;
	return s;
}

static bool
is_text(const struct image *m, struct plan_ref ref)
{
	return string_at(m, ref, PLAN_PATH_MAX) != NULL;
}

static bool
is_filled(const struct image *m, struct plan_ref ref)
{
	return ref.length > 0 && is_text(m, ref);
}

static bool
is_absolute(const struct image *m, struct plan_ref ref)
{
	const char *s = string_at(m, ref, PLAN_PATH_MAX);

	return s && s[0] == '/';
}

static bool
is_canonical(const struct image *m, struct plan_ref ref)
{
	const char *s = string_at(m, ref, PLAN_PATH_MAX);

	return s && plan_path_is_normal(s);
}

static bool
is_same(struct plan_ref a, struct plan_ref b)
{
	return a.offset == b.offset && a.length == b.length;
}

static bool
is_session_id(const struct image *m, struct plan_ref ref)
{
	const char *s = string_at(m, ref, SESSION_ID_LENGTH);

	return s && strspn(s, "0123456789abcdef") == SESSION_ID_LENGTH;
}

/* ---- records: NULL, or what is wrong with it ---- */

static const char *
settings_fault(const struct image *m, size_t i)
{
	const struct plan_settings *s = record_at(m, PLAN_SEC_SETTINGS, i);
	uint32_t shown = m->header->section[PLAN_SEC_SHOWN].count;

	if (!is_within(s->mode, PLAN_MODE_RUN, PLAN_MODE_WRAP))
		return "mode";
	if (s->flags & ~(uint32_t)PLAN_ALL_SETTING_FLAGS)
		return "flags";
	if (!is_within(s->net, PLAN_NET_ALLOWED, PLAN_NET_PORTS))
		return "network mode";
	if (!is_within(s->signal_mode, PLAN_ISOLATED, PLAN_ALLOW_ALL))
		return "signal mode";
	if (s->error_exit_code > 255)
		return "error exit code";
	if (s->verbosity > 3)
		return "verbosity";
	if (s->startup_timeout_s > STARTUP_TIMEOUT_MAX ||
	    (s->startup_timeout_s && s->mode == PLAN_MODE_WRAP))
		return "startup timeout";
	if (s->memory_bytes > INT64_MAX)
		return "memory limit";
	if (s->max_processes > PLAN_PROCESSES_MAX)
		return "process limit";
	/* wrap has no process that could hold a cgroup. */
	if (s->mode == PLAN_MODE_WRAP && (s->memory_bytes || s->max_processes))
		return "resource limits under wrap";
	if (!is_absolute(m, s->program))
		return "program path";
	if (!is_absolute(m, s->start_directory))
		return "start directory";
	if (!is_absolute(m, s->temp_parent))
		return "parent of the temporary directory";
	if (!is_session_id(m, s->session_id))
		return "session id";
	if (!is_absolute(m, s->home))
		return "home directory";
	if (!is_absolute(m, s->workdir))
		return "working directory";
	if (s->state_directory.length || !(s->flags & PLAN_NO_AUDIT)) {
		if (!is_absolute(m, s->state_directory))
			return "state directory";
	} else if (s->state_directory.offset) {
		return "state directory";
	}
	/* A record names the command; without records it need not be there. */
	if (shown != m->header->section[PLAN_SEC_ARGV].count &&
	    (shown || !(s->flags & PLAN_NO_AUDIT)))
		return "number of shown arguments";
	if (s->utc_offset_s <= -DAY_SECONDS || s->utc_offset_s >= DAY_SECONDS)
		return "time zone";
	if (s->terminal_filter > PLAN_FILTER_OFF)
		return "terminal filter";
	if (s->scrollback_rows > PLAN_SCROLLBACK_MAX)
		return "rows of scrollback";
	if (s->namespaces > PLAN_NAMESPACES_REQUIRE)
		return "namespaces";
	return NULL;
}

static bool
is_file_type(uint32_t type)
{
	return type == S_IFREG || type == S_IFDIR || type == S_IFCHR || type == S_IFBLK ||
	       type == S_IFIFO || type == S_IFSOCK || type == S_IFLNK;
}

static const char *
grant_identity_fault(const struct plan_grant *g)
{
	if ((g->flags & PLAN_GRANT_CREATED) &&
	    (!(g->flags & PLAN_GRANT_CHECKED) || g->type != S_IFREG))
		return "made file without identity";
	if (!(g->flags & PLAN_GRANT_CHECKED))
		return g->device || g->inode || g->type ? "identity without check" : NULL;
	if (!is_file_type(g->type))
		return "file type";
	if (g->kind != PLAN_KIND_ANY && (g->kind == PLAN_KIND_DIR) != (g->type == S_IFDIR))
		return "file type of another kind";
	return NULL;
}

static const char *
grant_fault(const struct image *m, size_t i)
{
	const struct plan_grant *g = record_at(m, PLAN_SEC_GRANTS, i);

	if (!is_filled(m, g->original))
		return "path as given";
	if (g->resolved.length == 0) {
		/* Opened by the name as given: that must not depend on who opens it where. */
		if (!is_text(m, g->resolved) || !(g->flags & PLAN_GRANT_OPTIONAL) ||
		    !is_absolute(m, g->original))
			return "canonical path missing";
	} else if (!is_canonical(m, g->resolved)) {
		return "canonical path";
	}
	if (!is_text(m, g->source_name))
		return "source name";
	if (!is_within(g->access, PLAN_READ, PLAN_READ | PLAN_WRITE))
		return "access";
	if (!is_within(g->kind, PLAN_KIND_DIR, PLAN_KIND_ANY))
		return "kind";
	if (!is_within(g->source, PLAN_SOURCE_USER, PLAN_SOURCE_SYSTEM))
		return "source";
	if (g->flags & ~PLAN_GRANT_ALL_FLAGS)
		return "flags";
	/*
	 * Without its alias, "/proc/self" would be the directory of whoever opens it: of the
	 * broker. With an alias it does not deserve, a path would be granted as another object.
	 */
	if (g->alias != plan_alias_of(string_at(m, g->original, PLAN_PATH_MAX), g->access))
		return "alias";
	if (!is_zero(g->zero, sizeof(g->zero)))
		return "reserved field";
	return grant_identity_fault(g);
}

static const char *
socket_fault(const struct image *m, size_t i)
{
	const struct plan_socket *s = record_at(m, PLAN_SEC_SOCKETS, i);

	if (!is_filled(m, s->original))
		return "path as given";
	if (!is_canonical(m, s->resolved))
		return "canonical path";
	if (!is_text(m, s->source_name))
		return "source name";
	if (!is_within(s->scope, PLAN_SOCKET_FILE, PLAN_SOCKET_SUBTREE))
		return "scope";
	if (!is_within(s->mode, PLAN_SOCKET_CONNECT, PLAN_SOCKET_CONNECT_BIND))
		return "mode";
	if (!is_within(s->source, PLAN_SOURCE_USER, PLAN_SOURCE_SYSTEM))
		return "source";
	if (!is_zero(s->zero, sizeof(s->zero)))
		return "reserved field";
	return NULL;
}

static const char *
deny_fault(const struct image *m, size_t i)
{
	const struct plan_deny *d = record_at(m, PLAN_SEC_DENIES, i);

	/* What is canonical is absolute: mostly the two are one string. */
	if (!is_same(d->literal, d->resolved) && !is_absolute(m, d->literal))
		return "path";
	/* A deny that comparison cannot place would protect nothing. */
	if (!is_canonical(m, d->resolved))
		return "canonical path";
	if (!is_text(m, d->group))
		return "group";
	if (d->flags & ~(uint32_t)PLAN_DENY_ALL_FLAGS)
		return "flags";
	if (d->zero != 0)
		return "reserved field";
	return NULL;
}

static const char *
port_fault(const struct image *m, size_t i)
{
	const struct plan_port *p = record_at(m, PLAN_SEC_PORTS, i);

	/* For Landlock, a bind to port 0 means every ephemeral port. */
	if (p->port == 0)
		return "number 0";
	if (!is_within(p->use, PLAN_PORT_CONNECT, PLAN_PORT_LOCALHOST))
		return "use";
	if (!is_zero(p->zero, sizeof(p->zero)))
		return "reserved field";
	return NULL;
}

static const char *
command_fault(const struct image *m, size_t i)
{
	const struct plan_command *c = record_at(m, PLAN_SEC_COMMANDS, i);

	if (!is_filled(m, c->name) || strchr(string_at(m, c->name, PLAN_PATH_MAX), '/'))
		return "name";
	if (!is_text(m, c->group))
		return "group";
	if (!is_within(c->rule, PLAN_COMMAND_ALLOW, PLAN_COMMAND_BLOCK))
		return "rule";
	if (c->zero != 0)
		return "reserved field";
	return NULL;
}

static const char *
argument_fault(const struct image *m, size_t i)
{
	const struct plan_ref *ref = record_at(m, PLAN_SEC_ARGV, i);

	return string_at(m, *ref, WORDS_BYTES_MAX) ? NULL : "text";
}

static const char *
shown_fault(const struct image *m, size_t i)
{
	const struct plan_ref *ref = record_at(m, PLAN_SEC_SHOWN, i);

	return string_at(m, *ref, WORDS_BYTES_MAX) ? NULL : "text";
}

static const char *
variable_fault(const struct image *m, size_t i)
{
	const struct plan_ref *ref = record_at(m, PLAN_SEC_ENVIRONMENT, i);
	const char *s = string_at(m, *ref, WORDS_BYTES_MAX);

	if (!s)
		return "text";
	return s[0] == '=' || !strchr(s, '=') ? "no NAME=VALUE" : NULL;
}

static const char *
keep_fd_fault(const struct image *m, size_t i)
{
	const struct plan_keep_fd *k = record_at(m, PLAN_SEC_KEEP_FDS, i);

	if (!is_within(k->fd, KEEP_FD_MIN, KEEP_FD_MAX))
		return "number";
	if (i > 0 && k[-1].fd >= k->fd)
		return "order";
	return k->zero != 0 ? "reserved field" : NULL;
}

static const char *
redaction_fault(const struct image *m, size_t i)
{
	const struct plan_redaction *r = record_at(m, PLAN_SEC_REDACTIONS, i);

	if (!is_filled(m, r->name))
		return "name";
	if (!is_within(r->set, PLAN_REDACT_FLAG, PLAN_REDACT_NOT))
		return "set";
	return r->zero != 0 ? "reserved field" : NULL;
}

/* ---- the words of the program ---- */

/* Before any of them is read: references may overlap, and the sum is the work to be done. */
static bool
words_fit(const struct image *m)
{
	uint64_t execve_bytes = 0, shown_bytes = 0;
	static const enum plan_section sections[] = { PLAN_SEC_ARGV, PLAN_SEC_SHOWN,
						      PLAN_SEC_ENVIRONMENT };

	for (size_t s = 0; s < ARRAY_LEN(sections); s++) {
		const struct plan_ref *ref = record_at(m, sections[s], 0);
		uint32_t count = m->header->section[sections[s]].count;
		uint64_t sum = (uint64_t)count * (sizeof(char *) + 1);

		for (uint32_t i = 0; i < count; i++)
			sum += ref[i].length;
		if (sections[s] == PLAN_SEC_SHOWN)
			shown_bytes = sum;
		else
			execve_bytes += sum;
	}
	/* Redaction can make a word a little longer. */
	return execve_bytes <= WORDS_BYTES_MAX && shown_bytes <= 2 * (uint64_t)WORDS_BYTES_MAX;
}

/* Length of the name of a checked variable; *ret_hash of its bytes. */
static size_t
variable_name(const char *entry, uint32_t *ret_hash)
{
	uint32_t hash = 0;
	size_t n = 0;

	for (; entry[n] != '='; n++)
		hash = (hash ^ (unsigned char)entry[n]) * UINT32_C(0x01000193);
	*ret_hash = hash ^ hash >> 15;
	return n;
}

/*
 * Two entries of one name would let getenv() and the shell disagree on the value. The first
 * entry that repeats an earlier one, or `count`. A table of one block is filled while walking
 * over all entries behind its start, so that any count is handled without allocation: one pass
 * for ENVIRONMENT_BLOCK entries.
 */
static size_t
repeated_variable(const struct image *m)
{
	const struct plan_ref *ref = record_at(m, PLAN_SEC_ENVIRONMENT, 0);
	size_t count = m->header->section[PLAN_SEC_ENVIRONMENT].count, slots = 64;
	uint16_t table[ENVIRONMENT_SLOTS]; /* 1 + index within the block; 0: free */

	while (slots < 2 * count && slots < ENVIRONMENT_SLOTS)
		slots *= 2;
	for (size_t start = 0; start < count; start += ENVIRONMENT_BLOCK) {
		memset(table, 0, slots * sizeof(table[0]));
		for (size_t i = start; i < count; i++) {
			const char *name = m->strings + ref[i].offset;
			uint32_t hash;
			size_t n = variable_name(name, &hash), slot = hash & (slots - 1);

			for (; table[slot] != 0; slot = (slot + 1) & (slots - 1)) {
				struct plan_ref seen = ref[start + table[slot] - 1];

				if (seen.length > n &&
				    memcmp(m->strings + seen.offset, name, n + 1) == 0)
					return i;
			}
			if (i - start < ENVIRONMENT_BLOCK)
				table[slot] = (uint16_t)(i - start + 1);
		}
	}
	return count;
}

/* ---- the whole ---- */

static int
damaged(struct err *e, const char *what)
{
	return err_set(
		e, -EBADMSG,
		"launch plan is damaged: %s; nothing was started. Reinstall nono, and report "
		"this if it stays",
		what);
}

static int
damaged_record(struct err *e, enum plan_section section, size_t i, const char *what)
{
	return err_set(e, -EBADMSG,
		       "launch plan is damaged: %s %zu: %s; nothing was started. Reinstall nono, "
		       "and report this if it stays",
		       plan_section_rules[section].name, i, what);
}

static int
check_header(const struct plan_header *h, size_t bytes, struct err *e)
{
	if (memcmp(h->magic, PLAN_MAGIC, sizeof(h->magic)) != 0)
		return damaged(e, "it does not begin as a plan");
	if (h->version != PLAN_VERSION)
		return err_set(
			e, -EPROTONOSUPPORT,
			"launch plan has version %u, this program reads %u; install nono and "
			"nono-broker from the same build",
			h->version, (unsigned int)PLAN_VERSION);
	if (h->bytes != bytes)
		return damaged(e, "its length is not what it says");
	if (h->checksum != plan_checksum(h, bytes))
		return damaged(e, "the checksum is wrong");
	return 0;
}

/* Where each section lies follows from the counts; what lies between them is zero. */
static int
check_layout(const unsigned char *p, const struct plan_header *h, struct err *e)
{
	uint64_t at = sizeof(*h);

	for (size_t s = 0; s < PLAN_SEC_COUNT; s++) {
		const struct plan_section_rule *rule = &plan_section_rules[s];
		const struct plan_span *span = &h->section[s];
		uint64_t end = at + (uint64_t)span->count * rule->record_bytes;

		if (span->offset != at || !is_within(span->count, rule->min, rule->max) ||
		    plan_align(end) > h->bytes)
			return damaged_record(e, (enum plan_section)s, 0, "place or count");
		at = plan_align(end);
		if (!is_zero(p + end, (size_t)(at - end)))
			return damaged_record(e, (enum plan_section)s, 0, "padding");
	}
	return at == h->bytes ? 0 : damaged(e, "bytes behind its end");
}

static int
check_records(const struct image *m, struct err *e)
{
	static const char *(*const fault_of[PLAN_SEC_STRINGS])(const struct image *, size_t) = {
		[PLAN_SEC_SETTINGS] = settings_fault,	 [PLAN_SEC_GRANTS] = grant_fault,
		[PLAN_SEC_SOCKETS] = socket_fault,	 [PLAN_SEC_DENIES] = deny_fault,
		[PLAN_SEC_PORTS] = port_fault,		 [PLAN_SEC_COMMANDS] = command_fault,
		[PLAN_SEC_ARGV] = argument_fault,	 [PLAN_SEC_SHOWN] = shown_fault,
		[PLAN_SEC_ENVIRONMENT] = variable_fault, [PLAN_SEC_KEEP_FDS] = keep_fd_fault,
		[PLAN_SEC_REDACTIONS] = redaction_fault,
	};
	size_t repeated;

	if (m->strings[0] != '\0')
		return damaged(e, "strings do not begin with the empty one");
	if (!words_fit(m))
		return err_set(e, -EBADMSG,
			       "arguments and environment take more than the %u MiB of execve(2); "
			       "pass fewer or shorter ones",
			       (unsigned int)WORDS_BYTES_MAX >> 20);
	for (size_t s = 0; s < PLAN_SEC_STRINGS; s++) {
		for (size_t i = 0; i < m->header->section[s].count; i++) {
			const char *fault = fault_of[s](m, i);

			if (fault)
				return damaged_record(e, (enum plan_section)s, i, fault);
		}
	}
	repeated = repeated_variable(m);
	if (repeated < m->header->section[PLAN_SEC_ENVIRONMENT].count)
		return damaged_record(e, PLAN_SEC_ENVIRONMENT, repeated, "name given twice");
	return 0;
}

int
plan_open(struct plan *ret, const void *image, size_t bytes, struct err *e)
{
	const struct plan_header *h = image;
	struct image m;
	int r;

	if (bytes > PLAN_BYTES_MAX)
		return err_set(
			e, -EFBIG,
			"launch plan is larger than %u MiB; pass fewer or shorter arguments, "
			"environment variables and grants",
			(unsigned int)PLAN_BYTES_MAX >> 20);
	if (bytes < sizeof(*h) || bytes % PLAN_ALIGN != 0)
		return damaged(e, "it is cut off");
	if ((uintptr_t)image % PLAN_ALIGN != 0)
		return damaged(e, "it lies on an odd address");
	if ((r = check_header(h, bytes, e)) < 0 || (r = check_layout(image, h, e)) < 0)
		return r;
	m = (struct image){
		.p = image,
		.header = h,
		.strings = (const char *)image + h->section[PLAN_SEC_STRINGS].offset,
		.strings_bytes = h->section[PLAN_SEC_STRINGS].count,
	};
	if ((r = check_records(&m, e)) < 0)
		return r;
	*ret = (struct plan){
		.image = image,
		.header = h,
		.settings = record_at(&m, PLAN_SEC_SETTINGS, 0),
	};
	return 0;
}
