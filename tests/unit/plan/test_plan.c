/* Building and opening plan images: what goes in comes out, within limits. */
#include "plan/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/harness/plan_walk.h"
#include "tests/unit/plan/image.h"

/* ---- what goes in comes out ---- */

static void
test_round_trip_settings(void)
{
	struct image m = sample_image();
	struct plan p;

	open_image(&p, m);
	CU_ASSERT_EQUAL(p.settings->mode, PLAN_MODE_RUN);
	CU_ASSERT_EQUAL(p.settings->flags, PLAN_SILENT);
	CU_ASSERT_EQUAL(p.settings->net, PLAN_NET_BLOCKED);
	CU_ASSERT_EQUAL(p.settings->signal_mode, PLAN_ISOLATED);
	CU_ASSERT_EQUAL(p.settings->uid, 1000);
	CU_ASSERT_EQUAL(p.settings->error_exit_code, 9);
	CU_ASSERT_EQUAL(p.settings->verbosity, 1);
	CU_ASSERT_EQUAL(p.settings->memory_bytes, UINT64_C(5) << 32);
	CU_ASSERT_EQUAL(p.settings->max_processes, 64);
	CU_ASSERT_STRING_EQUAL(plan_string(&p, p.settings->program), "/usr/bin/sh");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, p.settings->start_directory), "/home/user/project");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, p.settings->temp_parent), "/tmp");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, p.settings->session_id), "0123456789abcdef");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, p.settings->home), "/home/user");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, p.settings->workdir), "/home/user/project");
	mem_free(m.p);
}

static void
test_round_trip_grants(void)
{
	struct image m = sample_image();
	const struct plan_grant *g;
	struct plan p;

	open_image(&p, m);
	CU_ASSERT_EQUAL_FATAL(plan_count(&p, PLAN_SEC_GRANTS), 7);
	g = plan_grant_at(&p, 0);
	CU_ASSERT_STRING_EQUAL(plan_string(&p, g->original), "/usr");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, g->resolved), "");
	CU_ASSERT_EQUAL(g->flags, PLAN_GRANT_OPTIONAL);
	g = plan_grant_at(&p, 1);
	CU_ASSERT_STRING_EQUAL(plan_string(&p, g->original), ".");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, g->resolved), "/home/user/project");
	CU_ASSERT_EQUAL(g->device, 0x801);
	CU_ASSERT_EQUAL(g->inode, 77);
	CU_ASSERT_EQUAL(g->type, S_IFDIR);
	CU_ASSERT_EQUAL(g->access, PLAN_READ | PLAN_WRITE);
	CU_ASSERT_EQUAL(g->kind, PLAN_KIND_DIR);
	CU_ASSERT_EQUAL(g->source, PLAN_SOURCE_USER);
	CU_ASSERT_EQUAL(g->alias, PLAN_ALIAS_NONE);
	CU_ASSERT_EQUAL(plan_grant_at(&p, 3)->alias, PLAN_ALIAS_PROC);
	mem_free(m.p);
}

static void
test_round_trip_others(void)
{
	struct image m = sample_image();
	struct plan p;

	open_image(&p, m);
	CU_ASSERT_EQUAL_FATAL(plan_count(&p, PLAN_SEC_SOCKETS), 2);
	CU_ASSERT_STRING_EQUAL(plan_string(&p, plan_socket_at(&p, 1)->resolved), "/run/b");
	CU_ASSERT_EQUAL(plan_socket_at(&p, 1)->scope, PLAN_SOCKET_SUBTREE);
	CU_ASSERT_EQUAL(plan_socket_at(&p, 1)->mode, PLAN_SOCKET_CONNECT_BIND);
	CU_ASSERT_STRING_EQUAL(plan_string(&p, plan_socket_at(&p, 1)->source_name), "default");
	CU_ASSERT_EQUAL_FATAL(plan_count(&p, PLAN_SEC_DENIES), 2);
	CU_ASSERT_STRING_EQUAL(plan_string(&p, plan_deny_at(&p, 1)->literal), "/home/user/keys");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, plan_deny_at(&p, 1)->resolved), "/srv/keys");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, plan_deny_at(&p, 1)->group), "deny_keys");
	CU_ASSERT_EQUAL(plan_deny_at(&p, 1)->flags, PLAN_DENY_REQUIRED);
	CU_ASSERT_EQUAL_FATAL(plan_count(&p, PLAN_SEC_PORTS), 3);
	CU_ASSERT_EQUAL(plan_port_at(&p, 1)->port, 9090);
	CU_ASSERT_EQUAL(plan_port_at(&p, 1)->use, PLAN_PORT_BIND);
	CU_ASSERT_EQUAL_FATAL(plan_count(&p, PLAN_SEC_COMMANDS), 2);
	CU_ASSERT_STRING_EQUAL(plan_string(&p, plan_command_at(&p, 0)->name), "sudo");
	CU_ASSERT_STRING_EQUAL(plan_string(&p, plan_command_at(&p, 1)->group), "");
	CU_ASSERT_EQUAL(plan_command_at(&p, 0)->rule, PLAN_COMMAND_BLOCK);
	CU_ASSERT_EQUAL_FATAL(plan_count(&p, PLAN_SEC_ARGV), 4);
	CU_ASSERT_STRING_EQUAL(plan_argument_at(&p, 0), "/usr/bin/sh");
	CU_ASSERT_STRING_EQUAL(plan_argument_at(&p, 1), "");
	CU_ASSERT_STRING_EQUAL(plan_argument_at(&p, 3), "echo");
	CU_ASSERT_EQUAL_FATAL(plan_count(&p, PLAN_SEC_ENVIRONMENT), 3);
	CU_ASSERT_STRING_EQUAL(plan_environment_at(&p, 2), "TWO=a=b");
	mem_free(m.p);
}

static void
test_keep_fds_sorted_once(void)
{
	static const unsigned int given[] = { 9, 3, 65535, 9, 5, 3 }, want[] = { 3, 5, 9, 65535 };
	struct plan_builder b;
	struct image m;
	struct plan p;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	for (size_t i = 0; i < ARRAY_LEN(given); i++)
		CU_ASSERT_EQUAL(plan_build_keep_fd(&b, given[i]), 0);
	m = finish(&b);
	open_image(&p, m);
	CU_ASSERT_EQUAL_FATAL(plan_count(&p, PLAN_SEC_KEEP_FDS), ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		CU_ASSERT_EQUAL(plan_keep_fd_at(&p, i), want[i]);
	mem_free(m.p);
}

static void
test_equal_strings_stored_once(void)
{
	struct plan_ref first[2000], again;
	struct plan_builder b;
	char text[32];
	bool same = true;

	CU_ASSERT_EQUAL_FATAL(plan_builder_init(&b), 0);
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(text, sizeof(text), "/path/%d", i);
		CU_ASSERT_EQUAL_FATAL(plan_build_string(&b, text, &first[i]), 0);
	}
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(text, sizeof(text), "/path/%d", i);
		CU_ASSERT_EQUAL_FATAL(plan_build_string(&b, text, &again), 0);
		same = same && memcmp(&again, &first[i], sizeof(again)) == 0;
	}
	CU_ASSERT(same);
	CU_ASSERT_EQUAL(plan_build_string(&b, NULL, &again), 0);
	CU_ASSERT(again.offset == 0 && again.length == 0);
	plan_builder_clear(&b);
	plan_builder_clear(&b);
}

/* ---- limits ---- */

static void
test_record_limits(void)
{
	static const struct plan_grant grant;
	static const struct plan_socket socket;
	static const struct plan_deny deny;
	struct plan_builder b;
	int r = 0;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	for (int i = 0; i < PLAN_GRANTS_MAX && r == 0; i++)
		r = plan_build_grant(&b, &grant);
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(plan_build_grant(&b, &grant), -E2BIG);
	for (int i = 0; i < PLAN_SOCKETS_MAX && r == 0; i++)
		r = plan_build_socket(&b, &socket);
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(plan_build_socket(&b, &socket), -E2BIG);
	for (int i = 0; i < PLAN_DENIES_MAX && r == 0; i++)
		r = plan_build_deny(&b, &deny);
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(plan_build_deny(&b, &deny), -E2BIG);
	for (unsigned int i = 0; i < PLAN_PORTS_MAX && r == 0; i++)
		r = plan_build_port(&b, i, PLAN_PORT_BIND);
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(plan_build_port(&b, 1, PLAN_PORT_BIND), -E2BIG);
	CU_ASSERT_EQUAL(plan_build_port(&b, 65536, PLAN_PORT_BIND), -EINVAL);
	for (int i = 0; i < PLAN_COMMANDS_MAX && r == 0; i++)
		r = plan_build_command(&b, "x", "", PLAN_COMMAND_BLOCK);
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(plan_build_command(&b, "x", "", PLAN_COMMAND_BLOCK), -E2BIG);
	for (unsigned int i = 0; i < PLAN_KEEP_FDS_MAX && r == 0; i++)
		r = plan_build_keep_fd(&b, 3 + i);
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(plan_build_keep_fd(&b, 1000), -E2BIG);
	for (int i = 0; i < PLAN_REDACTIONS_MAX && r == 0; i++)
		r = plan_build_redaction(&b, "x", PLAN_REDACT_FLAG);
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(plan_build_redaction(&b, "x", PLAN_REDACT_FLAG), -E2BIG);
	/* One argument is there already. */
	for (int i = 1; i < PLAN_WORDS_MAX && r == 0; i++)
		r = plan_build_argument(&b, "");
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(plan_build_argument(&b, ""), -E2BIG);
	for (int i = 0; i < PLAN_WORDS_MAX && r == 0; i++)
		r = plan_build_environment(&b, "A=");
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(plan_build_environment(&b, "A="), -E2BIG);
	plan_builder_clear(&b);
}

/* As many records of a kind as there may be are also accepted when opened. */
static void
test_full_sections_open(void)
{
	static const struct sample_grant grant = { "/usr", NULL, PLAN_READ, PLAN_KIND_ANY,
						   PLAN_GRANT_OPTIONAL };
	struct plan_builder b;
	struct image m;
	int r = 0;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	for (int i = 0; i < PLAN_GRANTS_MAX && r == 0; i++)
		r = sample_add_grant(&b, &grant);
	for (int i = 0; i < PLAN_SOCKETS_MAX && r == 0; i++)
		r = sample_add_socket(&b, "/run/s", PLAN_SOCKET_FILE, PLAN_SOCKET_CONNECT);
	for (int i = 0; i < PLAN_DENIES_MAX && r == 0; i++)
		r = sample_add_deny(&b, "/home/user/.ssh", "/home/user/.ssh");
	for (unsigned int i = 1; i <= PLAN_PORTS_MAX && r == 0; i++)
		r = plan_build_port(&b, i == PLAN_PORTS_MAX ? 1 : i, PLAN_PORT_BIND);
	for (int i = 0; i < PLAN_COMMANDS_MAX && r == 0; i++)
		r = plan_build_command(&b, "x", "", PLAN_COMMAND_BLOCK);
	for (unsigned int i = 0; i < PLAN_KEEP_FDS_MAX && r == 0; i++)
		r = plan_build_keep_fd(&b, 3 + i);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	m = finish(&b);
	mem_free(m.p);
}

/* The counts an image claims are held against the limits, whatever lies behind them. */
static void
test_claimed_counts(void)
{
	for (size_t s = 0; s < PLAN_SEC_COUNT; s++) {
		static const uint32_t claims[] = { 0, 1, 2, 1 << 16, 1 << 20, 1 << 24, UINT32_MAX };
		struct image m = sample_image();
		struct plan_header *h = (struct plan_header *)(void *)m.p;
		uint32_t real = h->section[s].count;

		for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
			h->section[s].count = claims[i];
			seal(m);
			if (claims[i] != real)
				CU_ASSERT_EQUAL(try_open(m.p, m.n), -EBADMSG);
		}
		h->section[s].count = real;
		seal(m);
		CU_ASSERT_EQUAL(try_open(m.p, m.n), 0);
		mem_free(m.p);
	}
}

static int
finish_with_path(size_t length)
{
	struct sample_grant g = { NULL, NULL, PLAN_READ, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL };
	struct plan_builder b;
	struct err e = ERR_INIT;
	char path[PLAN_PATH_MAX + 2];
	void *image = NULL;
	size_t bytes;
	int r;

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[length] = '\0';
	g.original = path;
	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	CU_ASSERT_EQUAL_FATAL(sample_add_grant(&b, &g), 0);
	r = plan_build_finish(&b, &image, &bytes, &e);
	plan_builder_clear(&b);
	mem_free(image);
	return r;
}

static void
test_path_limit(void)
{
	CU_ASSERT_EQUAL(finish_with_path(PLAN_PATH_MAX), 0);
	CU_ASSERT_EQUAL(finish_with_path(PLAN_PATH_MAX + 1), -EBADMSG);
}

/* One argument beside "/bin/true" (9 bytes, and 9 for pointer and NUL of each). */
static int
finish_with_argument(size_t length)
{
	struct plan_builder b;
	struct err e = ERR_INIT;
	char *word = malloc(length + 1);
	void *image = NULL;
	size_t bytes;
	int r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(word);
	memset(word, 'w', length);
	word[length] = '\0';
	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	r = plan_build_argument(&b, word);
	if (r == 0)
		r = plan_build_finish(&b, &image, &bytes, &e);
	plan_builder_clear(&b);
	mem_free(image);
	free(word);
	return r;
}

static void
test_words_limit(void)
{
	size_t most = (6 << 20) - 9 - 9 - 9;

	CU_ASSERT_EQUAL(finish_with_argument(most), 0);
	CU_ASSERT_EQUAL(finish_with_argument(most + 1), -EBADMSG);
	CU_ASSERT_EQUAL(finish_with_argument(PLAN_BYTES_MAX), -E2BIG);
}

static void
test_image_limit(void)
{
	struct image m = sample_image();

	CU_ASSERT_EQUAL(try_open(m.p, m.n), 0);
	CU_ASSERT_EQUAL(try_open(m.p, (size_t)PLAN_BYTES_MAX + 8), -EFBIG);
	mem_free(m.p);
}

/* ---- environment ---- */

/* `count` different names, but entry `second` has the name of entry `first`. */
static int
finish_with_variables(size_t count, size_t first, size_t second)
{
	struct plan_builder b;
	struct err e = ERR_INIT;
	void *image = NULL;
	size_t bytes;
	int r = 0;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	for (size_t i = 0; i < count && r == 0; i++) {
		char entry[64];

		(void)snprintf(entry, sizeof(entry), "NAME_%zu=%zu", i == second ? first : i, i);
		r = plan_build_environment(&b, entry);
	}
	CU_ASSERT_EQUAL_FATAL(r, 0);
	r = plan_build_finish(&b, &image, &bytes, &e);
	plan_builder_clear(&b);
	mem_free(image);
	return r;
}

static void
test_environment_names_unique(void)
{
	static const size_t counts[] = { 2, 33, 100, 4096, 4097, 10000 };

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		size_t n = counts[i];

		CU_ASSERT_EQUAL(finish_with_variables(n, 0, 0), 0);
		CU_ASSERT_EQUAL(finish_with_variables(n, 0, n - 1), -EBADMSG);
		CU_ASSERT_EQUAL(finish_with_variables(n, n - 2, n - 1), -EBADMSG);
		CU_ASSERT_EQUAL(finish_with_variables(n, n / 3, n / 2), -EBADMSG);
	}
}

static void
test_environment_name_ends_at_first_sign(void)
{
	static const struct {
		const char *a, *b;
		int want;
	} rows[] = {
		{ "A=1", "AB=1", 0 },
		{ "A=B=1", "A=B=2", -EBADMSG },
		{ "A=", "A=1", -EBADMSG },
		{ "A=1", "a=1", 0 },
		{ "A=1", "A=1", -EBADMSG },
		{ "\xff=1", "\xfe=1", 0 },
		{ "\xff=1", "\xff=2", -EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan_builder b;
		void *image = NULL;
		size_t bytes;

		CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
		CU_ASSERT_EQUAL(plan_build_environment(&b, rows[i].a), 0);
		CU_ASSERT_EQUAL(plan_build_environment(&b, rows[i].b), 0);
		CU_ASSERT_EQUAL(plan_build_finish(&b, &image, &bytes, NULL), rows[i].want);
		plan_builder_clear(&b);
		mem_free(image);
	}
}

/* ---- cost, exhaustion ---- */

/* The exit code of building a sample in which the n-th allocation fails. */
static int
build_with_failure(unsigned int n)
{
	pid_t pid = fork();
	int status;

	CU_ASSERT_FATAL(pid != -1);
	if (pid == 0) {
		struct plan_builder b;
		struct err e = ERR_INIT;
		char text[16];
		void *image = NULL;
		size_t bytes;
		int r;

		(void)snprintf(text, sizeof(text), "%u", n);
		(void)setenv("NONO_TEST_FAIL_ALLOC", text, 1);
		r = sample_full(&b);
		if (r == 0) {
			r = plan_build_finish(&b, &image, &bytes, &e);
			plan_builder_clear(&b);
			mem_free(image);
		}
		_exit(r == 0 ? 0 : r == -ENOMEM ? 1 : 2);
	}
	CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_every_allocation_failing(void)
{
	unsigned int n = 1;

	while (build_with_failure(n) == 1)
		n++;
	CU_ASSERT_EQUAL(build_with_failure(n), 0);
	CU_ASSERT(n > 10);
}

/* Half a million variables cannot be executed any more, but must not hang the start either. */
static void
test_most_variables_end_soon(void)
{
	struct timespec start, end;

	CU_ASSERT_EQUAL(clock_gettime(CLOCK_MONOTONIC, &start), 0);
	CU_ASSERT_EQUAL(finish_with_variables(200000, 0, 199999), -EBADMSG);
	CU_ASSERT_EQUAL(clock_gettime(CLOCK_MONOTONIC, &end), 0);
	CU_ASSERT(end.tv_sec - start.tv_sec < 30);
}
int
main(void)
{
	static const struct unit_test tests[] = {
		{ "settings survive the image", test_round_trip_settings },
		{ "grants survive the image", test_round_trip_grants },
		{ "all other records survive the image", test_round_trip_others },
		{ "kept descriptors come out sorted, once", test_keep_fds_sorted_once },
		{ "equal strings are stored once", test_equal_strings_stored_once },
		{ "one record more than the limit is refused", test_record_limits },
		{ "full sections open", test_full_sections_open },
		{ "claimed counts are held against the limits", test_claimed_counts },
		{ "longest path, and one byte more", test_path_limit },
		{ "longest arguments, and one byte more", test_words_limit },
		{ "image larger than the limit", test_image_limit },
		{ "environment names are unique", test_environment_names_unique },
		{ "environment names end at the first =",
		  test_environment_name_ends_at_first_sign },
		{ "every allocation failing", test_every_allocation_failing },
		{ "hundreds of thousands of variables", test_most_variables_end_soon },
	};

	return unit_run("plan", tests, UNIT_COUNT(tests));
}
