/*
 * The functions of launch/filter.c over the compiled tables: which program a plan gets, what a test
 * build does to it, and that the running kernel takes and obeys every variant.
 */
#include "tests/unit/launch/filter_programs.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HIGH (1ULL << 32) /* a bit the kernel does not look at in an int argument */

#ifdef __x86_64__
enum { HOST = 0 };
#else
enum { HOST = 1 };
#endif

static void
test_tables(void)
{
	struct programs *all = programs_new();
	struct filter_choice wild = { (enum filter_net)FILTER_NET_COUNT, false };

	for (unsigned int net = 0; net < FILTER_NET_COUNT; net++) {
		for (unsigned int guard = 0; guard < GUARDS; guard++) {
			struct filter_choice choice = { (enum filter_net)net, guard };
			const struct filter_table *t = filter_table_find(choice);
			const struct program *p = &all->p[HOST][net][guard];

			CU_ASSERT_EQUAL_FATAL(t->length, p->length);
			CU_ASSERT(memcmp(t->code, p->code, t->length * sizeof(t->code[0])) == 0);
			CU_ASSERT(memcmp(t->tag, p->tag, t->length) == 0);
		}
	}
	free(all);
	CU_ASSERT_PTR_EQUAL(filter_table_find(wild),
			    filter_table_find((struct filter_choice){ FILTER_NET_NONE, false }));
	/* Numbers of this machine's headers, against those of libseccomp. */
	CU_ASSERT_EQUAL(number_of(HOST, "mount"), SYS_mount);
	CU_ASSERT_EQUAL(number_of(HOST, "openat"), SYS_openat);
	CU_ASSERT_EQUAL(number_of(HOST, "io_uring_register"), SYS_io_uring_register);
	CU_ASSERT_EQUAL(number_of(HOST, "prlimit64"), SYS_prlimit64);
}

static void
test_choose(void)
{
	static const struct {
		enum plan_net net;
		int abi;
		unsigned int port_use;
		struct filter_choice expect;
	} v[] = {
		{ PLAN_NET_ALLOWED, 7, 0, { FILTER_NET_ALLOWED, false } },
		{ PLAN_NET_ALLOWED, 3, 0, { FILTER_NET_ALLOWED, false } },
		{ PLAN_NET_ALLOWED, 2, 0, { FILTER_NET_ALLOWED, true } },
		{ PLAN_NET_ALLOWED, 0, 0, { FILTER_NET_ALLOWED, true } },
		{ PLAN_NET_BLOCKED, 7, 0, { FILTER_NET_TCP, false } },
		{ PLAN_NET_BLOCKED, 4, 0, { FILTER_NET_TCP, false } },
		{ PLAN_NET_BLOCKED, 3, 0, { FILTER_NET_NONE, false } },
		{ PLAN_NET_BLOCKED, 2, 0, { FILTER_NET_NONE, true } },
		{ PLAN_NET_BLOCKED, 7, PLAN_PORT_CONNECT, { FILTER_NET_TCP, false } },
		{ PLAN_NET_BLOCKED, 7, PLAN_PORT_BIND, { FILTER_NET_LISTEN, false } },
		{ PLAN_NET_BLOCKED, 7, PLAN_PORT_LOCALHOST, { FILTER_NET_LISTEN, false } },
		{ PLAN_NET_BLOCKED, 3, PLAN_PORT_BIND, { FILTER_NET_NONE, false } },
		{ PLAN_NET_PORTS, 7, PLAN_PORT_CONNECT, { FILTER_NET_TCP, false } },
		{ PLAN_NET_PORTS, 4, PLAN_PORT_BIND, { FILTER_NET_LISTEN, false } },
		{ PLAN_NET_PORTS, 3, PLAN_PORT_CONNECT, { FILTER_NET_NONE, false } },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct {
			struct plan_header header;
			struct plan_settings settings;
			struct plan_port port;
		} image = { 0 };
		struct plan p = { (const unsigned char *)&image, &image.header, &image.settings };
		struct kernel k = { .landlock_abi = v[i].abi, .seccomp = true };
		struct filter_choice c;

		image.settings.net = v[i].net;
		image.port = (struct plan_port){ .port = 80, .use = (uint8_t)v[i].port_use };
		image.header.section[PLAN_SEC_PORTS].offset = (uint32_t)((const char *)&image.port -
									 (const char *)&image);
		image.header.section[PLAN_SEC_PORTS].count = v[i].port_use != 0;
		c = filter_choose(&p, &k);
		CU_ASSERT_EQUAL(c.net, v[i].expect.net);
		CU_ASSERT_EQUAL(c.guard_truncate, v[i].expect.guard_truncate);
	}
}

static void
test_make(void)
{
	struct filter_choice choice = { FILTER_NET_TCP, true };
	const struct filter_table *t = filter_table_find(choice);
	struct sock_fprog prog;
	void *copy;
	size_t changed = 0;

	(void)unsetenv("NONO_TEST_OFF");
	CU_ASSERT_EQUAL_FATAL(filter_make(choice, 0, &prog, &copy), 0);
	CU_ASSERT_PTR_NULL(copy);
	CU_ASSERT_PTR_EQUAL(prog.filter, t->code);
	CU_ASSERT_EQUAL(prog.len, t->length);
	/* A defence of another kind leaves the program alone. */
	(void)setenv("NONO_TEST_OFF", "close-fds", 1);
	CU_ASSERT_EQUAL_FATAL(filter_make(choice, 0, &prog, &copy), 0);
	CU_ASSERT_PTR_NULL(copy);

	(void)setenv("NONO_TEST_OFF", "filter-tty,filter-net-udp", 1);
	CU_ASSERT_EQUAL_FATAL(filter_make(choice, 0, &prog, &copy), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	CU_ASSERT_PTR_EQUAL(prog.filter, copy);
	CU_ASSERT_EQUAL_FATAL(prog.len, t->length);
	for (size_t i = 0; i < t->length; i++) {
		if (t->tag[i] == HOOK_FILTER_TTY || t->tag[i] == HOOK_FILTER_NET_UDP) {
			changed++;
			CU_ASSERT_EQUAL(prog.filter[i].code, BPF_RET | BPF_K);
			CU_ASSERT_EQUAL(prog.filter[i].k, SECCOMP_RET_ALLOW);
		} else {
			CU_ASSERT(memcmp(&prog.filter[i], &t->code[i], sizeof(t->code[i])) == 0);
		}
	}
	CU_ASSERT(changed >= 2);
	free(copy);

	/* What a profile lifts is lifted in any build. */
	(void)unsetenv("NONO_TEST_OFF");
	CU_ASSERT_EQUAL_FATAL(filter_make(choice, 1ULL << HOOK_FILTER_DEVICE, &prog, &copy), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	for (size_t i = 0; i < t->length; i++)
		CU_ASSERT_EQUAL(prog.filter[i].k,
				t->tag[i] == HOOK_FILTER_DEVICE ? SECCOMP_RET_ALLOW : t->code[i].k);
	free(copy);
	(void)setenv("NONO_TEST_OFF", "filter-tty", 1);

	(void)setenv("NONO_TEST_FAIL_ALLOC", "1", 1);
	CU_ASSERT_EQUAL(filter_make(choice, 0, &prog, &copy), -ENOMEM);
	CU_ASSERT_PTR_NULL(copy);
	(void)unsetenv("NONO_TEST_FAIL_ALLOC");
	(void)unsetenv("NONO_TEST_OFF");
}

/* ---- the kernel's word ----------------------------------------------------------------------- */

static bool
fails(long result, int error)
{
	return result == -1 && errno == error;
}

/* In a child under the filter: 0, or the number of the first check that failed. */
static int
live_checks(struct filter_choice choice)
{
	bool allowed = choice.net == FILTER_NET_ALLOWED;
	int inet = choice.net == FILTER_NET_NONE ? EAFNOSUPPORT : EPROTONOSUPPORT;

	if (!fails(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS))
		return 1;
	if (!fails(syscall(SYS_chroot, "/"), EPERM))
		return 2;
	if (!fails(syscall(SYS_keyctl, 0, 0), EPERM))
		return 3;
	if (!fails(syscall(SYS_ioctl, 0, HIGH | 0x5412, "x"), EPERM))
		return 4;
	if (!fails(socket(AF_INET, SOCK_RAW, 1), inet))
		return 5;
	if (!fails(socket(AF_UNIX, SOCK_DGRAM, 0), allowed ? EPROTONOSUPPORT : EAFNOSUPPORT))
		return 6;
	if ((socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) == -1) == allowed)
		return 7;
	if ((socket(AF_INET, SOCK_STREAM, 0) == -1) != (choice.net == FILTER_NET_NONE))
		return 8;
	if (!fails(syscall(SYS_setpriority, 2, 0, 1), EPERM))
		return 9;
	if (!fails(syscall(SYS_truncate, "/dev/null/none", 0),
		   choice.guard_truncate ? EPERM : ENOTDIR))
		return 10;
	if (!fails(syscall(SYS_open_tree, -1, "", 0), EPERM))
		return 11;
	if (getpid() != syscall(SYS_getpid))
		return 12;
	return 0;
}

static int
run_live(struct filter_choice choice, long *nanoseconds)
{
	struct timespec t0, t1;
	struct sock_fprog prog;
	void *copy;
	int status = -1;
	int pipes[2];
	pid_t pid;

	if (filter_make(choice, 0, &prog, &copy) < 0 || pipe(pipes) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
			_exit(100);
		(void)clock_gettime(CLOCK_MONOTONIC, &t0);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == -1)
			_exit(101);
		(void)clock_gettime(CLOCK_MONOTONIC, &t1);
		*nanoseconds = (t1.tv_sec - t0.tv_sec) * 1000000000L + t1.tv_nsec - t0.tv_nsec;
		(void)!write(pipes[1], nanoseconds, sizeof(*nanoseconds));
		_exit(live_checks(choice));
	}
	(void)close(pipes[1]);
	if (read(pipes[0], nanoseconds, sizeof(*nanoseconds)) != sizeof(*nanoseconds))
		*nanoseconds = -1;
	(void)close(pipes[0]);
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_live(void)
{
	for (unsigned int net = 0; net < FILTER_NET_COUNT; net++) {
		for (unsigned int guard = 0; guard < GUARDS; guard++) {
			long best = -1, ns = -1;

			for (unsigned int i = 0; i < 20; i++) {
				int r = run_live(
					(struct filter_choice){ (enum filter_net)net, guard }, &ns);

				CU_ASSERT_EQUAL(r, 0);
				if (best < 0 || ns < best)
					best = ns;
			}
			printf("# net %u guard %u: installed in %ld microseconds\n", net, guard,
			       best / 1000);
		}
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "compiled tables equal the generator", test_tables },
		{ "choice by plan and kernel", test_choose },
		{ "program to install", test_make },
		{ "the kernel obeys every variant", test_live },
	};

	return unit_run("filter-make", tests, UNIT_COUNT(tests));
}
