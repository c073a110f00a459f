/* Opening plan images that something has changed: nothing unsound gets in. */
#include "plan/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "tests/harness/plan_walk.h"
#include "tests/unit/plan/image.h"

/* ---- damage ---- */

static void
test_every_flip_refused(void)
{
	struct image m = sample_image();
	size_t accepted = 0;

	for (size_t i = 0; i < m.n; i++) {
		for (unsigned int mask = 1; mask < 256; mask++) {
			struct plan p;

			m.p[i] = (unsigned char)(m.p[i] ^ mask);
			accepted += plan_open(&p, m.p, m.n, NULL) == 0;
			m.p[i] = (unsigned char)(m.p[i] ^ mask);
		}
	}
	CU_ASSERT_EQUAL(accepted, 0);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), 0);
	mem_free(m.p);
}

static void
test_every_sealed_flip_is_safe(void)
{
	static const unsigned char masks[] = { 1, 2, 4, 8, 16, 32, 64, 128, 0x55, 0xff };
	struct image m = sample_image();
	size_t accepted = 0;
	uint64_t sum = 0;

	for (size_t i = 0; i < m.n; i++) {
		for (size_t k = 0; k < ARRAY_LEN(masks); k++) {
			struct plan p;

			m.p[i] ^= masks[k];
			seal(m);
			if (plan_open(&p, m.p, m.n, NULL) == 0) {
				sum += plan_walk(&p);
				accepted++;
			}
			m.p[i] ^= masks[k];
		}
	}
	/* Letters of paths, numbers of ports and the like are as good as others. */
	CU_ASSERT(accepted > 0);
	CU_ASSERT(sum > 0);
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), 0);
	mem_free(m.p);
}

static void
test_cut_off(void)
{
	struct image m = sample_image();
	size_t accepted = 0;

	for (size_t n = 0; n < m.n; n++) {
		/* A block of its own, so that the sanitizer sees a read behind the cut. */
		unsigned char *p = malloc(n ? n : 1);
		struct plan_header *h = (struct plan_header *)(void *)p;
		struct plan plan;

		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		memcpy(p, m.p, n);
		accepted += plan_open(&plan, p, n, NULL) == 0;
		if (n >= sizeof(*h)) {
			h->bytes = (uint32_t)n;
			seal((struct image){ p, n });
			accepted += plan_open(&plan, p, n, NULL) == 0;
		}
		free(p);
	}
	CU_ASSERT_EQUAL(accepted, 0);
	mem_free(m.p);
}

static void
test_bytes_behind_the_end(void)
{
	struct image m = sample_image(), longer = { NULL, m.n + PLAN_ALIGN };
	struct plan_header *h;

	longer.p = calloc(1, longer.n);
	CU_ASSERT_PTR_NOT_NULL_FATAL(longer.p);
	memcpy(longer.p, m.p, m.n);
	h = (struct plan_header *)(void *)longer.p;
	h->bytes = (uint32_t)longer.n;
	seal(longer);
	CU_ASSERT_EQUAL(try_open(longer.p, longer.n), -EBADMSG);
	free(longer.p);
	mem_free(m.p);
}

static void
test_odd_address(void)
{
	struct image m = sample_image();
	unsigned char *p = malloc(m.n + 4);

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memcpy(p + 4, m.p, m.n);
	CU_ASSERT_EQUAL(try_open(p + 4, m.n), -EBADMSG);
	free(p);
	mem_free(m.p);
}

static void
test_other_version(void)
{
	struct image m = sample_image();
	struct plan_header *h = (struct plan_header *)(void *)m.p;

	h->version = PLAN_VERSION + 1;
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), -EPROTONOSUPPORT);
	mem_free(m.p);
}

/* ---- fields ---- */

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)

/* One field of one record set to a value, or to the reference of a string of the image. */
struct field {
	const char *name;
	enum plan_section section;
	size_t index, offset, width;
	uint64_t value;
	const char *text;
	bool accepted;
};

static const struct field fields[] = {
#define SETTING(m, v, ok)                                                               \
	{                                                                               \
		"settings " #m, PLAN_SEC_SETTINGS, 0, AT(plan_settings, m), v, NULL, ok \
	}
#define SETTING_TEXT(m, t, ok)                                                             \
	{                                                                                  \
		"settings " #m " " t, PLAN_SEC_SETTINGS, 0, AT(plan_settings, m), 0, t, ok \
	}
	SETTING(mode, 0, false),
	SETTING(mode, 2, true),
	/* wrap: the sample has limits, which need a broker */
	SETTING(mode, 3, false),
	SETTING(mode, 4, false),
	SETTING(flags, PLAN_ALL_SETTING_FLAGS, true),
	SETTING(flags, PLAN_ALL_SETTING_FLAGS + 1, false),
	SETTING(net, 0, false),
	SETTING(net, 3, true),
	SETTING(net, 4, false),
	SETTING(signal_mode, 0, false),
	SETTING(signal_mode, 3, true),
	SETTING(signal_mode, 4, false),
	SETTING(uid, UINT32_MAX, true),
	SETTING(error_exit_code, 0, true),
	SETTING(error_exit_code, 255, true),
	SETTING(error_exit_code, 256, false),
	SETTING(verbosity, 3, true),
	SETTING(verbosity, 4, false),
	SETTING(namespaces, 3, true),
	SETTING(namespaces, 4, false),
	SETTING(terminal_filter, 2, true),
	SETTING(terminal_filter, 3, false),
	SETTING(scrollback_rows, 10000, true),
	SETTING(scrollback_rows, 10001, false),
	SETTING(startup_timeout_s, 3600, true),
	SETTING(startup_timeout_s, 3601, false),
	SETTING(utc_offset_s, 86399, true),
	SETTING(utc_offset_s, 86400, false),
	SETTING(utc_offset_s, (uint32_t)-86399, true),
	SETTING(utc_offset_s, (uint32_t)-86400, false),
	SETTING_TEXT(state_directory, "", false),
	SETTING_TEXT(state_directory, "relative/path", false),
	SETTING(memory_bytes, 0, true),
	SETTING(memory_bytes, 1, true),
	SETTING(memory_bytes, INT64_MAX, true),
	SETTING(memory_bytes, UINT64_C(1) << 63, false),
	SETTING(max_processes, 0, true),
	SETTING(max_processes, PLAN_PROCESSES_MAX, true),
	SETTING(max_processes, PLAN_PROCESSES_MAX + 1, false),
	SETTING(max_processes, UINT64_C(1) << 32, false),
	SETTING_TEXT(program, "", false),
	SETTING_TEXT(program, "relative/path", false),
	SETTING_TEXT(program, "/a/../b", true),
	SETTING_TEXT(start_directory, "", false),
	SETTING_TEXT(start_directory, "relative/path", false),
	SETTING_TEXT(temp_parent, "", false),
	SETTING_TEXT(temp_parent, "relative/path", false),
	SETTING_TEXT(temp_parent, "/a/", true),
	SETTING_TEXT(session_id, "", false),
	SETTING_TEXT(session_id, "12", false),
	SETTING_TEXT(session_id, "0123456789ABCDEF", false),
	SETTING_TEXT(session_id, "0123456789abcdef0", false),
	SETTING_TEXT(home, "", false),
	SETTING_TEXT(home, "relative/path", false),
	SETTING_TEXT(workdir, "relative/path", false),
#define GRANT(i, m, v, ok)                                                      \
	{                                                                       \
		"grant " #m, PLAN_SEC_GRANTS, i, AT(plan_grant, m), v, NULL, ok \
	}
#define GRANT_TEXT(i, m, t, ok)                                                    \
	{                                                                          \
		"grant " #m " " t, PLAN_SEC_GRANTS, i, AT(plan_grant, m), 0, t, ok \
	}
	GRANT_TEXT(1, original, "", false),
	GRANT_TEXT(1, original, "/a/../b", true),
	GRANT_TEXT(1, resolved, "relative/path", false),
	GRANT_TEXT(1, resolved, "/a//b", false),
	GRANT_TEXT(1, resolved, "/a/../b", false),
	GRANT_TEXT(1, resolved, "/a/./b", false),
	GRANT_TEXT(1, resolved, "/a/", false),
	GRANT_TEXT(1, resolved, "", false),
	GRANT_TEXT(0, original, "relative/path", false),
	GRANT_TEXT(0, original, "/a/", true),
	GRANT_TEXT(0, resolved, "/thread", true),
	GRANT_TEXT(0, source_name, "dir/cmd", true),
	GRANT(0, source_name, UINT64_C(1) << 32, false),
	GRANT(0, access, 0, false),
	GRANT(0, access, 3, true),
	GRANT(0, access, 4, false),
	GRANT(0, kind, 0, false),
	GRANT(0, kind, 3, true),
	GRANT(0, kind, 4, false),
	GRANT(0, source, 0, false),
	GRANT(0, source, 4, true),
	GRANT(0, source, 5, false),
	GRANT(0, flags, 5, true),
	GRANT(0, flags, 8 | PLAN_GRANT_OPTIONAL, false),
	GRANT(0, flags, 0, false),
	GRANT(0, alias, PLAN_ALIAS_PROC, false),
	GRANT(3, alias, PLAN_ALIAS_NONE, false),
	GRANT(3, alias, PLAN_ALIAS_CHILD, false),
	GRANT(3, access, PLAN_READ | PLAN_WRITE, false),
	GRANT(4, alias, PLAN_ALIAS_STDOUT, false),
	GRANT(4, alias, PLAN_ALIAS_COUNT, false),
	GRANT_TEXT(4, original, "/dev/stdout", false),
	GRANT(5, alias, PLAN_ALIAS_NONE, false),
	GRANT(0, device, 1, false),
	GRANT(0, inode, 1, false),
	GRANT(0, type, S_IFDIR, false),
	GRANT(1, device, 1, true),
	GRANT(1, type, 0, false),
	GRANT(1, type, S_IFREG, false),
	GRANT(1, type, S_IFDIR | 0755, false),
	GRANT(2, type, S_IFCHR, true),
	GRANT(2, type, 0, false),
	GRANT(2, type, S_IFREG | 0644, false),
	GRANT(2, type, S_IFDIR, false),
	{ "grant reserved", PLAN_SEC_GRANTS, 0, offsetof(struct plan_grant, zero), 1, 1, NULL,
	  false },
	{ "grant reserved", PLAN_SEC_GRANTS, 0, offsetof(struct plan_grant, zero) + 6, 1, 1, NULL,
	  false },
#define SOCKET(m, v, ok)                                                           \
	{                                                                          \
		"socket " #m, PLAN_SEC_SOCKETS, 0, AT(plan_socket, m), v, NULL, ok \
	}
#define SOCKET_TEXT(m, t, ok)                                                         \
	{                                                                             \
		"socket " #m " " t, PLAN_SEC_SOCKETS, 0, AT(plan_socket, m), 0, t, ok \
	}
	SOCKET_TEXT(original, "", false),
	SOCKET_TEXT(original, "relative/path", true),
	SOCKET_TEXT(resolved, "", false),
	SOCKET_TEXT(resolved, "relative/path", false),
	SOCKET_TEXT(resolved, "/a/", false),
	SOCKET(source_name, UINT32_MAX, false),
	SOCKET(scope, 0, false),
	SOCKET(scope, 3, true),
	SOCKET(scope, 4, false),
	SOCKET(mode, 0, false),
	SOCKET(mode, 2, true),
	SOCKET(mode, 3, false),
	SOCKET(source, 0, false),
	SOCKET(source, 4, true),
	SOCKET(source, 5, false),
	{ "socket reserved", PLAN_SEC_SOCKETS, 0, offsetof(struct plan_socket, zero) + 4, 1, 1,
	  NULL, false },
#define DENY(m, v, ok)                                                        \
	{                                                                     \
		"deny " #m, PLAN_SEC_DENIES, 0, AT(plan_deny, m), v, NULL, ok \
	}
#define DENY_TEXT(m, t, ok)                                                      \
	{                                                                        \
		"deny " #m " " t, PLAN_SEC_DENIES, 0, AT(plan_deny, m), 0, t, ok \
	}
	DENY_TEXT(literal, "", false),
	DENY_TEXT(literal, "relative/path", false),
	DENY_TEXT(literal, "/a/", true),
	DENY_TEXT(resolved, "", false),
	DENY_TEXT(resolved, "/a/../b", false),
	DENY_TEXT(group, "", true),
	DENY(group, UINT64_C(0xffffffff00000001), false),
	DENY(flags, 0, true),
	DENY(flags, 7, true),
	DENY(flags, 8, false),
	DENY(zero, 1, false),
#define PORT(m, v, ok)                                                       \
	{                                                                    \
		"port " #m, PLAN_SEC_PORTS, 0, AT(plan_port, m), v, NULL, ok \
	}
	PORT(port, 0, false),
	PORT(port, 1, true),
	PORT(port, 65535, true),
	PORT(use, 0, false),
	PORT(use, 3, true),
	PORT(use, 4, false),
	{ "port reserved", PLAN_SEC_PORTS, 0, offsetof(struct plan_port, zero) + 4, 1, 1, NULL,
	  false },
#define COMMAND(m, v, ok)                                                             \
	{                                                                             \
		"command " #m, PLAN_SEC_COMMANDS, 0, AT(plan_command, m), v, NULL, ok \
	}
#define COMMAND_TEXT(m, t, ok)                                                           \
	{                                                                                \
		"command " #m " " t, PLAN_SEC_COMMANDS, 0, AT(plan_command, m), 0, t, ok \
	}
	COMMAND_TEXT(name, "", false),
	COMMAND_TEXT(name, "dir/cmd", false),
	COMMAND_TEXT(name, "NOVALUE", true),
	COMMAND_TEXT(group, "dir/cmd", true),
	COMMAND(rule, 0, false),
	COMMAND(rule, 2, true),
	COMMAND(rule, 3, false),
	COMMAND(zero, 1, false),
	{ "argument", PLAN_SEC_ARGV, 1, 0, 8, 0, "=x", true },
	{ "argument empty, elsewhere", PLAN_SEC_ARGV, 1, 0, 8, 1, NULL, false },
	{ "argument of the empty string's NUL", PLAN_SEC_ARGV, 1, 0, 8, UINT64_C(1) << 32, NULL,
	  false },
	{ "argument longer than the strings", PLAN_SEC_ARGV, 1, 4, 4, 1 << 16, NULL, false },
	{ "argument behind the strings", PLAN_SEC_ARGV, 1, 0, 8, UINT64_C(0x100010000), NULL,
	  false },
	{ "shown argument", PLAN_SEC_SHOWN, 1, 0, 8, 0, "=x", true },
	{ "shown argument behind the strings", PLAN_SEC_SHOWN, 1, 0, 8, UINT64_C(0x100010000), NULL,
	  false },
	{ "variable", PLAN_SEC_ENVIRONMENT, 1, 0, 8, 0, "", false },
	{ "variable without =", PLAN_SEC_ENVIRONMENT, 1, 0, 8, 0, "NOVALUE", false },
	{ "variable without name", PLAN_SEC_ENVIRONMENT, 1, 0, 8, 0, "=x", false },
	{ "variable repeated", PLAN_SEC_ENVIRONMENT, 1, 0, 8, 0, "PATH=/other", false },
	{ "variable", PLAN_SEC_ENVIRONMENT, 0, 0, 8, 0, "PATH=/other", true },
	{ "kept descriptor", PLAN_SEC_KEEP_FDS, 0, 0, 4, 2, NULL, false },
	{ "kept descriptor", PLAN_SEC_KEEP_FDS, 0, 0, 4, 6, NULL, true },
	{ "kept descriptor repeated", PLAN_SEC_KEEP_FDS, 0, 0, 4, 7, NULL, false },
	{ "kept descriptor out of order", PLAN_SEC_KEEP_FDS, 0, 0, 4, 8, NULL, false },
	{ "kept descriptor", PLAN_SEC_KEEP_FDS, 1, 0, 4, 65535, NULL, true },
	{ "kept descriptor", PLAN_SEC_KEEP_FDS, 1, 0, 4, 65536, NULL, false },
	{ "kept descriptor reserved", PLAN_SEC_KEEP_FDS, 0, 4, 4, 1, NULL, false },
	{ "redaction name", PLAN_SEC_REDACTIONS, 0, 0, 8, 0, "NOVALUE", true },
	{ "redaction name empty", PLAN_SEC_REDACTIONS, 0, 0, 8, 0, "", false },
	{ "redaction set", PLAN_SEC_REDACTIONS, 0, 8, 4, PLAN_REDACT_NOT, NULL, true },
	{ "redaction set", PLAN_SEC_REDACTIONS, 0, 8, 4, PLAN_REDACT_NOT + 1, NULL, false },
	{ "redaction set", PLAN_SEC_REDACTIONS, 0, 8, 4, 0, NULL, false },
	{ "redaction reserved", PLAN_SEC_REDACTIONS, 0, 12, 4, 1, NULL, false },
	{ "strings", PLAN_SEC_STRINGS, 0, 0, 1, 'x', NULL, false },
};

/* The reference of a string that the image holds as a whole. */
static struct plan_ref
find_string(struct image m, const char *text)
{
	const struct plan_header *h = (const struct plan_header *)(const void *)m.p;
	const struct plan_span *strings = &h->section[PLAN_SEC_STRINGS];
	size_t n = strlen(text);

	if (n == 0)
		return (struct plan_ref){ 0, 0 };
	for (size_t i = 1; i + n < strings->count; i++) {
		const unsigned char *s = m.p + strings->offset + i;

		if (s[-1] == '\0' && memcmp(s, text, n + 1) == 0)
			return (struct plan_ref){ (uint32_t)i, (uint32_t)n };
	}
	CU_FAIL_FATAL("the sample lacks a string of the table");
	return (struct plan_ref){ 0, 0 };
}

static void
test_fields(void)
{
	static const size_t record_bytes[PLAN_SEC_COUNT] = {
		sizeof(struct plan_settings),  sizeof(struct plan_grant),
		sizeof(struct plan_socket),    sizeof(struct plan_deny),
		sizeof(struct plan_port),      sizeof(struct plan_command),
		sizeof(struct plan_ref),       sizeof(struct plan_ref),
		sizeof(struct plan_ref),       sizeof(struct plan_keep_fd),
		sizeof(struct plan_redaction), 1,
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct field *f = &fields[i];
		struct image m = sample_image();
		const struct plan_header *h = (const struct plan_header *)(const void *)m.p;
		unsigned char *at = m.p + h->section[f->section].offset +
				    f->index * record_bytes[f->section] + f->offset;
		int r;

		if (f->text) {
			struct plan_ref ref = find_string(m, f->text);

			memcpy(at, &ref, sizeof(ref));
		} else {
			memcpy(at, &f->value, f->width);
		}
		seal(m);
		r = try_open(m.p, m.n);
		if ((r == 0) != f->accepted || (r != 0 && r != -EBADMSG))
			printf("# row %zu: %s = %llu: %d\n", i, f->name,
			       (unsigned long long)f->value, r);
		CU_ASSERT_EQUAL(r, f->accepted ? 0 : -EBADMSG);
		mem_free(m.p);
	}
}

static void
test_padding_is_zero(void)
{
	struct image m = sample_image();
	const struct plan_header *h = (const struct plan_header *)(const void *)m.p;
	const struct plan_span *strings = &h->section[PLAN_SEC_STRINGS];
	size_t end = strings->offset + strings->count;

	CU_ASSERT_FATAL(end < m.n);
	m.p[end] = 1;
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
	mem_free(m.p);
}

/* wrap becomes the program: nobody would be there to hold the group. */
static void
test_wrap_has_no_limits(void)
{
	static const struct {
		uint64_t memory_bytes, max_processes;
		int r;
	} cases[] = { { 0, 0, 0 }, { 1 << 20, 0, -EBADMSG }, { 0, 1, -EBADMSG } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct image m = sample_image();
		const struct plan_header *h = (const struct plan_header *)(const void *)m.p;
		struct plan_settings *s =
			(struct plan_settings *)(void *)(m.p +
							 h->section[PLAN_SEC_SETTINGS].offset);

		s->mode = PLAN_MODE_WRAP;
		s->memory_bytes = cases[i].memory_bytes;
		s->max_processes = cases[i].max_processes;
		seal(m);
		CU_ASSERT_EQUAL(try_open(m.p, m.n), cases[i].r);
		mem_free(m.p);
	}
}

static void
test_sections_in_place(void)
{
	for (size_t s = 0; s < PLAN_SEC_COUNT; s++) {
		static const uint32_t shifts[] = { 1, 4, 8, 1 << 20, (uint32_t)-8 };
		struct image m = sample_image();
		struct plan_header *h = (struct plan_header *)(void *)m.p;

		for (size_t i = 0; i < ARRAY_LEN(shifts); i++) {
			h->section[s].offset += shifts[i];
			seal(m);
			CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
			h->section[s].offset -= shifts[i];
		}
		mem_free(m.p);
	}
}

static void
test_sealed_header(void)
{
	struct image m = sample_image();
	struct plan_header *h = (struct plan_header *)(void *)m.p;

	h->magic[7] = 'M';
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
	h->magic[7] = 'N';
	h->bytes += PLAN_ALIGN;
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
	h->section[PLAN_SEC_STRINGS].count += PLAN_ALIGN;
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
	h->section[PLAN_SEC_STRINGS].count -= PLAN_ALIGN;
	h->bytes -= 2 * PLAN_ALIGN;
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
	h->bytes += PLAN_ALIGN;
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), 0);
	mem_free(m.p);
}

/* A reference into a string, up to its NUL, is a string as well; but there is one empty string. */
static void
test_string_without_nul(void)
{
	struct image m = sample_image();
	struct plan_header *h = (struct plan_header *)(void *)m.p;
	struct plan_ref *word = (struct plan_ref *)(void *)(m.p + h->section[PLAN_SEC_ARGV].offset);
	struct plan_ref whole = word[3];

	word[3] = (struct plan_ref){ whole.offset + 1, whole.length - 1 };
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), 0);
	word[3] = (struct plan_ref){ whole.offset, whole.length - 1 };
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
	word[3] = (struct plan_ref){ whole.offset + whole.length, 0 };
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
	word[3] = (struct plan_ref){ whole.offset - 2, whole.length + 2 };
	seal(m);
	CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
	mem_free(m.p);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "every changed byte is refused", test_every_flip_refused },
		{ "every changed byte with a new checksum is refused or harmless",
		  test_every_sealed_flip_is_safe },
		{ "image cut off anywhere", test_cut_off },
		{ "bytes behind the end", test_bytes_behind_the_end },
		{ "image on an odd address", test_odd_address },
		{ "image of another version", test_other_version },
		{ "header of another image", test_sealed_header },
		{ "each field at and behind its limit", test_fields },
		{ "limits need a broker", test_wrap_has_no_limits },
		{ "padding is zero", test_padding_is_zero },
		{ "sections lie where they must", test_sections_in_place },
		{ "strings end with a NUL and hold none", test_string_without_nul },
	};

	return unit_run("plan-validate", tests, UNIT_COUNT(tests));
}
