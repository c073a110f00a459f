/* Questions to a plan: tables of paths, ports, sockets, commands, and the answer each must get. */
#include "plan/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/harness/plan_sample.h"
#include "tests/harness/unit.h"

enum { R = PLAN_READ, W = PLAN_WRITE, RW = PLAN_READ | PLAN_WRITE };
enum {
	GRANTED = PLAN_REASON_GRANTED,
	SENSITIVE = PLAN_REASON_SENSITIVE,
	INSUFFICIENT = PLAN_REASON_INSUFFICIENT,
	NOT_GRANTED = PLAN_REASON_NOT_GRANTED,
	BLOCKED = PLAN_REASON_NET_BLOCKED,
	NOT_LISTED = PLAN_REASON_PORT_NOT_LISTED,
};

static void *
finish(struct plan_builder *b, struct plan *ret)
{
	struct err e = ERR_INIT;
	void *image = NULL;
	size_t bytes;

	CU_ASSERT_EQUAL_FATAL(plan_build_finish(b, &image, &bytes, &e), 0);
	plan_builder_clear(b);
	CU_ASSERT_EQUAL_FATAL(plan_open(ret, image, bytes, NULL), 0);
	return image;
}

/* The indexes the rows below name. */
static const struct sample_grant grants[] = {
	{ "/usr", NULL, R, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL },		    /* 0 */
	{ "/tmp/", NULL, W, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL },		    /* 1 */
	{ "/a/b", "/a/b", R, PLAN_KIND_DIR, 0 },				    /* 2 */
	{ "/a/b/c", "/a/b/c", W, PLAN_KIND_DIR, 0 },				    /* 3 */
	{ "/a/b/c", "/a/b/c", R, PLAN_KIND_DIR, 0 },				    /* 4 */
	{ "/f/file", "/f/file", RW, PLAN_KIND_FILE, 0 },			    /* 5 */
	{ "/link", "/target", R, PLAN_KIND_DIR, 0 },				    /* 6 */
	{ "/proc/self", NULL, R, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL },		    /* 7 */
	{ "/dev/stdin", "/home/user/input", RW, PLAN_KIND_FILE, 0 },		    /* 8 */
	{ "/dev/pts", NULL, RW, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL },		    /* 9 */
	{ "/proc/self/fd", "/proc/4711/fd", RW, PLAN_KIND_DIR, 0 },		    /* 10 */
	{ "/home/user/.ssh/known", "/home/user/.ssh/known", R, PLAN_KIND_FILE, 0 }, /* 11 */
	{ "/home/user/.gnupg", "/home/user/.gnupg", RW, PLAN_KIND_DIR, 0 },	    /* 12 */
	{ "/home/user/.gnupg/x/..", NULL, RW, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL }, /* 13 */
	{ "/srv", "/srv", RW, PLAN_KIND_DIR, 0 },				    /* 14 */
};

static void *
open_paths(struct plan *ret)
{
	struct plan_builder b;
	int r = 0;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	for (size_t i = 0; i < ARRAY_LEN(grants) && r == 0; i++)
		r = sample_add_grant(&b, &grants[i]);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	CU_ASSERT_EQUAL_FATAL(sample_add_deny(&b, "/home/user/.ssh", "/home/user/.ssh"), 0);
	CU_ASSERT_EQUAL_FATAL(sample_add_deny(&b, "/home/user/.gnupg", "/home/user/.gnupg"), 0);
	CU_ASSERT_EQUAL_FATAL(sample_add_deny(&b, "/home/user/keys/", "/srv/keys"), 0);
	return finish(&b, ret);
}

static void
test_paths(void)
{
	static const struct {
		const char *path;
		unsigned int access;
		int reason;
		int grant, deny; /* -1: none */
	} rows[] = {
		/* group entries are looked up by the name as given */
		{ "/usr", R, GRANTED, 0, -1 },
		{ "/usr/bin/cc", R, GRANTED, 0, -1 },
		{ "/usr/bin/cc", W, INSUFFICIENT, 0, -1 },
		{ "/usrlocal", R, NOT_GRANTED, -1, -1 },
		{ "/", R, NOT_GRANTED, -1, -1 },
		{ "/tmp", W, GRANTED, 1, -1 },
		{ "/tmp/x", W, GRANTED, 1, -1 },
		{ "/tmp/x", RW, INSUFFICIENT, 1, -1 },
		{ "/tmpx", W, NOT_GRANTED, -1, -1 },
		/* by component, never by prefix */
		{ "/a/b", R, GRANTED, 2, -1 },
		{ "/a/b/x", R, GRANTED, 2, -1 },
		{ "/a/bc", R, NOT_GRANTED, -1, -1 },
		{ "/a", R, NOT_GRANTED, -1, -1 },
		/* rights of all covering grants add up; the deepest, then the later one is named */
		{ "/a/b/c/x", RW, GRANTED, 4, -1 },
		{ "/a/b/c/x", R, GRANTED, 4, -1 },
		{ "/a/b/c/x", W, GRANTED, 3, -1 },
		{ "/a/b/d", RW, INSUFFICIENT, 2, -1 },
		/* files cover themselves */
		{ "/f/file", RW, GRANTED, 5, -1 },
		{ "/f/file/below", R, NOT_GRANTED, -1, -1 },
		{ "/f/file2", R, NOT_GRANTED, -1, -1 },
		{ "/f", R, NOT_GRANTED, -1, -1 },
		/* the canonical name counts, not the one as given */
		{ "/target/x", R, GRANTED, 6, -1 },
		{ "/link/x", R, NOT_GRANTED, -1, -1 },
		/* aliases */
		{ "/proc/1/status", R, GRANTED, 7, -1 },
		{ "/proc", R, GRANTED, 7, -1 },
		{ "/proc/1/status", W, INSUFFICIENT, 7, -1 },
		{ "/proc/4711/fd/3", RW, INSUFFICIENT, 7, -1 },
		{ "/procfs", R, NOT_GRANTED, -1, -1 },
		{ "/home/user/input", R, NOT_GRANTED, -1, -1 },
		{ "/dev/stdin", R, GRANTED, 8, -1 },
		{ "/dev/pts/3", R, NOT_GRANTED, -1, -1 },
		/* denies */
		{ "/home/user/.ssh/id", R, SENSITIVE, -1, 0 },
		{ "/home/user/.ssh", R, SENSITIVE, -1, 0 },
		{ "/home/user/.sshx", R, NOT_GRANTED, -1, -1 },
		{ "/home/user/keys/one", R, SENSITIVE, -1, 2 },
		{ "/srv/x", RW, GRANTED, 14, -1 },
		{ "/srv/keys", R, SENSITIVE, 14, 2 },
		{ "/srv/keys/one", R, SENSITIVE, 14, 2 },
		{ "/srv/keys2", R, GRANTED, 14, -1 },
		/* a grant at or below a deny was let through by a bypass */
		{ "/home/user/.ssh/known", R, GRANTED, 11, -1 },
		{ "/home/user/.ssh/known", W, INSUFFICIENT, 11, -1 },
		{ "/home/user/.ssh/known2", R, SENSITIVE, -1, 0 },
		{ "/home/user/.gnupg/ring", RW, GRANTED, 12, -1 },
		/* not a canonical path, or not a question */
		{ "/usr/../etc/shadow", R, NOT_GRANTED, -1, -1 },
		{ "/usr/", R, NOT_GRANTED, -1, -1 },
		{ "/usr//bin", R, NOT_GRANTED, -1, -1 },
		{ "usr", R, NOT_GRANTED, -1, -1 },
		{ "", R, NOT_GRANTED, -1, -1 },
		{ "/usr", 0, NOT_GRANTED, -1, -1 },
		{ "/usr", R | 4, NOT_GRANTED, -1, -1 },
	};
	struct plan p;
	void *image = open_paths(&p);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan_answer a = plan_query_path(&p, rows[i].path, rows[i].access);
		long grant = a.grant ? a.grant - plan_grant_at(&p, 0) : -1;
		long deny = a.deny ? a.deny - plan_deny_at(&p, 0) : -1;
		bool good = (int)a.reason == rows[i].reason &&
			    a.allowed == (rows[i].reason == GRANTED) && grant == rows[i].grant &&
			    deny == rows[i].deny;

		if (!good)
			printf("# %s %u: reason %d, grant %ld, deny %ld\n", rows[i].path,
			       rows[i].access, (int)a.reason, grant, deny);
		CU_ASSERT(good);
	}
	mem_free(image);
}

static void
test_root_grant(void)
{
	static const struct sample_grant root = { "/", "/", R, PLAN_KIND_DIR, 0 };
	struct plan_builder b;
	struct plan p;
	void *image;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	CU_ASSERT_EQUAL_FATAL(sample_add_grant(&b, &root), 0);
	CU_ASSERT_EQUAL_FATAL(sample_add_deny(&b, "/root", "/root"), 0);
	image = finish(&b, &p);
	CU_ASSERT(plan_query_path(&p, "/", R).allowed);
	CU_ASSERT(plan_query_path(&p, "/etc/hosts", R).allowed);
	CU_ASSERT_FALSE(plan_query_path(&p, "/etc/hosts", W).allowed);
	CU_ASSERT_EQUAL(plan_query_path(&p, "/root/x", R).reason, PLAN_REASON_SENSITIVE);
	mem_free(image);
}

/* Links and mounts: grants follow objects, denies follow names. */
static void
test_objects(void)
{
	/* "/" "/d" "/d/x" "/f" are 1, 2, 3, 4; /e is a second mount of /d. */
	static const struct sample_grant list[] = {
		{ "/d", "/d", R, PLAN_KIND_DIR, 0 },
		{ "/f", "/f", W, PLAN_KIND_FILE, 0 },
		{ "/gone", NULL, RW, PLAN_KIND_ANY, PLAN_GRANT_OPTIONAL },
		{ "/new", "/new", W, PLAN_KIND_FILE, 0 },
	};
	static const struct plan_identity opens[] = { { 9, 2 }, { 9, 4 }, { 0, 0 }, { 0, 0 } };
	static const struct {
		const char *path;
		struct plan_identity chain[3];
		size_t chain_count, missing;
		unsigned int access;
		int reason, grant;
	} rows[] = {
		{ "/d/x", { { 9, 3 }, { 9, 2 }, { 9, 1 } }, 3, 0, R, GRANTED, 0 },
		{ "/d/x", { { 9, 3 }, { 9, 2 }, { 9, 1 } }, 3, 0, W, INSUFFICIENT, 0 },
		{ "/e/x", { { 9, 3 }, { 9, 2 }, { 9, 1 } }, 3, 0, R, GRANTED, 0 },
		/* the same number on another device */
		{ "/e/x", { { 9, 3 }, { 8, 2 }, { 9, 1 } }, 3, 0, R, NOT_GRANTED, -1 },
		/* another name of a granted file */
		{ "/g", { { 9, 4 }, { 9, 1 } }, 2, 0, W, GRANTED, 1 },
		{ "/secret/f", { { 9, 4 }, { 9, 7 }, { 9, 1 } }, 3, 0, W, GRANTED, 1 },
		{ "/secret/x", { { 9, 5 }, { 9, 7 }, { 9, 1 } }, 3, 0, W, SENSITIVE, -1 },
		/* missing: what lies above counts */
		{ "/d/y/z", { { 9, 2 }, { 9, 1 } }, 2, 2, R, GRANTED, 0 },
		{ "/y/z", { { 9, 1 } }, 1, 2, R, NOT_GRANTED, -1 },
		/* a skipped grant opens nothing, one whose file will be made counts by its name */
		{ "/gone", { { 9, 1 } }, 1, 1, R, NOT_GRANTED, -1 },
		{ "/new", { { 9, 1 } }, 1, 1, W, GRANTED, 3 },
		{ "/d/..", { { 9, 1 } }, 1, 0, R, NOT_GRANTED, -1 },
		{ "/", { { 9, 1 } }, 1, 4, R, NOT_GRANTED, -1 },
	};
	struct plan_builder b;
	struct plan p;
	void *image;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		CU_ASSERT_EQUAL_FATAL(sample_add_grant(&b, &list[i]), 0);
	CU_ASSERT_EQUAL_FATAL(sample_add_deny(&b, "/secret", "/secret"), 0);
	image = finish(&b, &p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan_object o = { rows[i].path, rows[i].chain, rows[i].chain_count,
					 rows[i].missing, opens };
		struct plan_answer a = plan_query_object(&p, &o, rows[i].access);
		long grant = a.grant ? a.grant - plan_grant_at(&p, 0) : -1;
		bool good = (int)a.reason == rows[i].reason &&
			    a.allowed == (rows[i].reason == GRANTED) && grant == rows[i].grant;

		if (!good)
			printf("# %zu %s: reason %d, grant %ld\n", i, rows[i].path, (int)a.reason,
			       grant);
		CU_ASSERT(good);
	}
	mem_free(image);
}

static void *
open_ports(struct plan *ret, enum plan_net net, bool bind)
{
	struct plan_builder b;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	b.settings.net = net;
	CU_ASSERT_EQUAL_FATAL(plan_build_port(&b, 443, PLAN_PORT_CONNECT), 0);
	if (bind) {
		CU_ASSERT_EQUAL_FATAL(plan_build_port(&b, 8080, PLAN_PORT_BIND), 0);
		CU_ASSERT_EQUAL_FATAL(plan_build_port(&b, 3000, PLAN_PORT_LOCALHOST), 0);
	}
	return finish(&b, ret);
}

static void
test_ports(void)
{
	static const struct {
		unsigned int net, port;
		int connect, bind;
	} rows[] = {
		{ PLAN_NET_ALLOWED, 443, GRANTED, GRANTED },
		{ PLAN_NET_ALLOWED, 1, GRANTED, GRANTED },
		{ PLAN_NET_ALLOWED, 65535, GRANTED, GRANTED },
		{ PLAN_NET_ALLOWED, 65536, NOT_LISTED, NOT_LISTED },
		{ PLAN_NET_BLOCKED, 443, GRANTED, BLOCKED },
		{ PLAN_NET_BLOCKED, 8080, BLOCKED, GRANTED },
		{ PLAN_NET_BLOCKED, 3000, GRANTED, GRANTED },
		{ PLAN_NET_BLOCKED, 80, BLOCKED, BLOCKED },
		{ PLAN_NET_BLOCKED, 0, BLOCKED, BLOCKED },
		{ PLAN_NET_PORTS, 443, GRANTED, NOT_LISTED },
		{ PLAN_NET_PORTS, 8080, NOT_LISTED, GRANTED },
		{ PLAN_NET_PORTS, 3000, GRANTED, GRANTED },
		{ PLAN_NET_PORTS, 80, NOT_LISTED, NOT_LISTED },
		{ PLAN_NET_PORTS, 0, NOT_LISTED, NOT_LISTED },
		{ PLAN_NET_PORTS, 65536 + 443, NOT_LISTED, NOT_LISTED },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan p;
		void *image = open_ports(&p, (enum plan_net)rows[i].net, true);
		struct plan_answer connect = plan_query_connect(&p, rows[i].port);
		struct plan_answer bind = plan_query_bind(&p, rows[i].port);

		CU_ASSERT_EQUAL((int)connect.reason, rows[i].connect);
		CU_ASSERT_EQUAL(connect.allowed, rows[i].connect == GRANTED);
		CU_ASSERT_EQUAL((int)bind.reason, rows[i].bind);
		CU_ASSERT_EQUAL(bind.allowed, rows[i].bind == GRANTED);
		mem_free(image);
	}
}

static void
test_binds_ports(void)
{
	struct plan p;
	void *image = open_ports(&p, PLAN_NET_BLOCKED, true);

	CU_ASSERT(plan_binds_ports(&p));
	mem_free(image);
	image = open_ports(&p, PLAN_NET_BLOCKED, false);
	CU_ASSERT_FALSE(plan_binds_ports(&p));
	mem_free(image);
	image = open_ports(&p, PLAN_NET_PORTS, false);
	CU_ASSERT_FALSE(plan_binds_ports(&p));
	mem_free(image);
	image = open_ports(&p, PLAN_NET_ALLOWED, false);
	CU_ASSERT(plan_binds_ports(&p));
	mem_free(image);
}

static void
test_sockets(void)
{
	static const struct {
		const char *path;
		bool bind;
		int reason, socket;
	} rows[] = {
		{ "/run/a.sock", false, GRANTED, 0 },
		{ "/run/a.sock", true, INSUFFICIENT, 0 },
		{ "/run/a.sock2", false, NOT_GRANTED, -1 },
		{ "/run/a.sock/x", false, NOT_GRANTED, -1 },
		{ "/run", false, NOT_GRANTED, -1 },
		{ "/run/children/x", false, GRANTED, 1 },
		{ "/run/children/x/y", false, NOT_GRANTED, -1 },
		{ "/run/children", false, NOT_GRANTED, -1 },
		{ "/run/tree/x", true, GRANTED, 2 },
		{ "/run/tree/x/y", true, GRANTED, 2 },
		{ "/run/tree", true, NOT_GRANTED, -1 },
		{ "/run/treex/y", true, NOT_GRANTED, -1 },
		/* a later grant may allow what an earlier one does not */
		{ "/run/both", false, GRANTED, 3 },
		{ "/run/both", true, GRANTED, 4 },
		{ "/run/tree/../x", true, NOT_GRANTED, -1 },
		{ "run/a.sock", false, NOT_GRANTED, -1 },
	};
	struct plan_builder b;
	struct plan p;
	void *image;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	CU_ASSERT_EQUAL_FATAL(
		sample_add_socket(&b, "/run/a.sock", PLAN_SOCKET_FILE, PLAN_SOCKET_CONNECT), 0);
	CU_ASSERT_EQUAL_FATAL(
		sample_add_socket(&b, "/run/children", PLAN_SOCKET_CHILDREN, PLAN_SOCKET_CONNECT),
		0);
	CU_ASSERT_EQUAL_FATAL(
		sample_add_socket(&b, "/run/tree", PLAN_SOCKET_SUBTREE, PLAN_SOCKET_CONNECT_BIND),
		0);
	CU_ASSERT_EQUAL_FATAL(
		sample_add_socket(&b, "/run/both", PLAN_SOCKET_FILE, PLAN_SOCKET_CONNECT), 0);
	CU_ASSERT_EQUAL_FATAL(
		sample_add_socket(&b, "/run/both", PLAN_SOCKET_FILE, PLAN_SOCKET_CONNECT_BIND), 0);
	image = finish(&b, &p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan_answer a = plan_query_socket(&p, rows[i].path, rows[i].bind);
		long socket = a.socket ? a.socket - plan_socket_at(&p, 0) : -1;
		bool good = (int)a.reason == rows[i].reason &&
			    a.allowed == (rows[i].reason == GRANTED) && socket == rows[i].socket;

		if (!good)
			printf("# %s: reason %d, socket %ld\n", rows[i].path, (int)a.reason,
			       socket);
		CU_ASSERT(good);
	}
	mem_free(image);
}

static void
test_commands(void)
{
	static const struct {
		const char *name;
		bool allowed;
		int command;
	} rows[] = {
		{ "sudo", false, 0 }, { "sudoedit", true, -1 }, { "npm", true, 2 },
		{ "pip", true, 3 },   { "git", true, -1 },	{ "", true, -1 },
	};
	struct plan_builder b;
	struct plan p;
	void *image;

	CU_ASSERT_EQUAL_FATAL(sample_begin(&b, "/bin/true"), 0);
	CU_ASSERT_EQUAL_FATAL(plan_build_command(&b, "sudo", "g", PLAN_COMMAND_BLOCK), 0);
	CU_ASSERT_EQUAL_FATAL(plan_build_command(&b, "npm", "g", PLAN_COMMAND_BLOCK), 0);
	CU_ASSERT_EQUAL_FATAL(plan_build_command(&b, "npm", "", PLAN_COMMAND_ALLOW), 0);
	CU_ASSERT_EQUAL_FATAL(plan_build_command(&b, "pip", "", PLAN_COMMAND_ALLOW), 0);
	CU_ASSERT_EQUAL_FATAL(plan_build_command(&b, "pip", "g", PLAN_COMMAND_BLOCK), 0);
	image = finish(&b, &p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan_answer a = plan_query_command(&p, rows[i].name);
		long command = a.command ? a.command - plan_command_at(&p, 0) : -1;

		CU_ASSERT_EQUAL(a.allowed, rows[i].allowed);
		CU_ASSERT_EQUAL(a.reason, rows[i].allowed ? PLAN_REASON_GRANTED
							  : PLAN_REASON_COMMAND_BLOCKED);
		CU_ASSERT_EQUAL(command, rows[i].command);
	}
	mem_free(image);
}

static void
test_aliases(void)
{
	static const struct {
		const char *original;
		unsigned int access;
		enum plan_alias alias;
	} rows[] = {
		{ "/dev/stdin", R, PLAN_ALIAS_STDIN },
		{ "/dev/stdout", W, PLAN_ALIAS_STDOUT },
		{ "/dev/stderr", RW, PLAN_ALIAS_STDERR },
		{ "/dev//./stdin/", R, PLAN_ALIAS_STDIN },
		{ "/dev/stdin2", R, PLAN_ALIAS_NONE },
		{ "/dev/std", R, PLAN_ALIAS_NONE },
		{ "/dev/stdin/x", R, PLAN_ALIAS_NONE },
		{ "/dev/pts", RW, PLAN_ALIAS_OWN_TTY },
		{ "/dev/pts/0", RW, PLAN_ALIAS_NONE },
		{ "/dev/fd", R, PLAN_ALIAS_CHILD },
		{ "/dev/fd/3", R, PLAN_ALIAS_CHILD },
		{ "/dev/fdx", R, PLAN_ALIAS_NONE },
		{ "/dev", R, PLAN_ALIAS_NONE },
		{ "/dev/null", RW, PLAN_ALIAS_NONE },
		{ "/proc", R, PLAN_ALIAS_NONE },
		{ "/proc/self", R, PLAN_ALIAS_PROC },
		{ "/proc//self/.", R, PLAN_ALIAS_PROC },
		{ "/proc/self", W, PLAN_ALIAS_CHILD },
		{ "/proc/self", RW, PLAN_ALIAS_CHILD },
		{ "/proc/self/fd", R, PLAN_ALIAS_CHILD },
		{ "/proc/self/fd/1", R, PLAN_ALIAS_CHILD },
		{ "/proc/selfish", R, PLAN_ALIAS_NONE },
		{ "/proc/thread-self", R, PLAN_ALIAS_CHILD },
		{ "/proc/thread-self/comm", R, PLAN_ALIAS_CHILD },
		{ "/proc/1", R, PLAN_ALIAS_NONE },
		{ "proc/self", R, PLAN_ALIAS_NONE },
		{ "/x/proc/self", R, PLAN_ALIAS_NONE },
		{ "/", R, PLAN_ALIAS_NONE },
		{ "", R, PLAN_ALIAS_NONE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum plan_alias alias = plan_alias_of(rows[i].original, rows[i].access);

		if (alias != rows[i].alias)
			printf("# '%s' %u: %d\n", rows[i].original, rows[i].access, (int)alias);
		CU_ASSERT_EQUAL(alias, rows[i].alias);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "paths: union, components, aliases, denies", test_paths },
		{ "a grant of the root", test_root_grant },
		{ "objects", test_objects },
		{ "connect and bind in each network mode", test_ports },
		{ "whether any port may be bound", test_binds_ports },
		{ "sockets by scope and mode", test_sockets },
		{ "commands: allow beats block", test_commands },
		{ "aliases of processes and terminals", test_aliases },
	};

	return unit_run("plan_query", tests, UNIT_COUNT(tests));
}
