/*
 * The filter of linux.compat32: every call that both tables have is answered alike in both, by the
 * program for one table alone too, and what only i386 has is not forgotten.
 */
#include "tests/unit/launch/filter_programs.h"

enum {
	NUMBERS_TESTED = 600,
	QUESTIONS = 40,
	X86_64_I = 0, /* index of its programs */
};

static struct programs *native;
static struct program compat[FILTER_NET_COUNT][GUARDS];

static bool
make_all(void)
{
	struct generator *g = generator_new("x86_64");

	native = programs_new();
	for (unsigned int net = 0; net < FILTER_NET_COUNT; net++)
		for (unsigned int guard = 0; guard < GUARDS; guard++) {
			generate_compat(g, (struct filter_choice){ (enum filter_net)net, guard });
			compat[net][guard] = g->program;
		}
	free(g);
	return true;
}

static struct bpf_result
ask(const struct program *p, uint32_t arch, uint32_t nr, const uint64_t args[6])
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };

	memcpy(data.args, args, sizeof(data.args));
	return bpf_run(p->code, (size_t)p->length, &data);
}

/* From the kernel's own table (arch/x86/entry/syscalls/syscall_32.tbl); -1: i386 does not have it. */
static int
number_32(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} direct[] = {
		{ "socket", 359 },	{ "socketpair", 360 }, { "bind", 361 },
		{ "connect", 362 },	{ "listen", 363 },     { "accept4", 364 },
		{ "getsockopt", 365 },	{ "setsockopt", 366 }, { "getsockname", 367 },
		{ "getpeername", 368 }, { "sendto", 369 },     { "sendmsg", 370 },
		{ "recvfrom", 371 },	{ "recvmsg", 372 },    { "shutdown", 373 },
		{ "sendmmsg", 345 },	{ "recvmmsg", 337 },   { "open_tree_attr", 467 },
	};
	int number;

	for (size_t i = 0; i < ARRAY_LEN(direct); i++)
		if (strcmp(direct[i].name, name) == 0)
			return direct[i].number;
	number = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, name);
	return number < 0 ? -1 : number;
}

static bool
same(struct bpf_result a, struct bpf_result b)
{
	return a.valid && b.valid && a.action == b.action;
}

/* One call, asked with the same arguments of 32 bits everywhere. */
static size_t
compare_call(const char *name, uint32_t nr, int nr_32, uint64_t *state)
{
	size_t wrong = 0;

	for (unsigned int i = 0; i < FILTER_NET_COUNT * GUARDS * QUESTIONS; i++) {
		unsigned int net = i / GUARDS % FILTER_NET_COUNT, guard = i % GUARDS;
		const struct program *both = &compat[net][guard];
		struct bpf_result alone, in_both;
		uint64_t args[6];

		for (size_t k = 0; k < 6; k++)
			args[k] = random_argument(state);
		alone = ask(&native->p[X86_64_I][net][guard], AUDIT_ARCH_X86_64, nr, args);
		in_both = ask(both, AUDIT_ARCH_X86_64, nr, args);
		wrong += !same(alone, in_both);
		if (nr_32 < 0)
			continue;
		for (size_t k = 0; k < 6; k++)
			args[k] &= UINT32_MAX;
		alone = ask(&native->p[X86_64_I][net][guard], AUDIT_ARCH_X86_64, nr, args);
		in_both = ask(both, AUDIT_ARCH_I386, (uint32_t)nr_32, args);
		wrong += !same(alone, in_both);
	}
	if (wrong)
		printf("# %s (%u, %d): %zu answers differ\n", name, nr, nr_32, wrong);
	return wrong;
}

static void
test_alike(void)
{
	uint64_t state = 1;
	size_t asked = 0, of_both = 0;

	for (uint32_t nr = 0; nr < NUMBERS_TESTED; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, (int)nr);
		int nr_32 = name ? number_32(name) : -1;

		/* The one difference that is meant. */
		if (name && strcmp(name, "modify_ldt") != 0) {
			asked++;
			of_both += nr_32 >= 0;
			CU_ASSERT_EQUAL(compare_call(name, nr, nr_32, &state), 0);
		}
		free(name);
	}
	CU_ASSERT(asked > 330 && of_both > 300);
}

static const struct {
	const char *call;
	int number; /* in syscall_32.tbl */
	int error;  /* 0: allowed */
	bool guarded_only;
} rows[] = {
	{ "restart_syscall", 0, 0, false },
	{ "getpid", 20, 0, false },
	{ "modify_ldt", 123, 0, false },
	{ "set_thread_area", 243, 0, false },
	{ "mmap2", 192, 0, false },
	{ "socketcall", 102, ENOSYS, false },
	{ "ipc", 117, ENOSYS, false },
	{ "mount", 21, EPERM, false },
	{ "umount", 22, EPERM, false },
	{ "umount2", 52, EPERM, false },
	{ "stime", 25, EPERM, false },
	{ "settimeofday", 79, EPERM, false },
	{ "clock_settime", 264, EPERM, false },
	{ "clock_settime64", 404, EPERM, false },
	{ "clock_adjtime", 343, EPERM, false },
	{ "clock_adjtime64", 405, EPERM, false },
	{ "vm86old", 113, EPERM, false },
	{ "vm86", 166, EPERM, false },
	{ "chroot", 61, EPERM, false },
	{ "pivot_root", 217, EPERM, false },
	{ "setns", 346, EPERM, false },
	{ "init_module", 128, EPERM, false },
	{ "delete_module", 129, EPERM, false },
	{ "finit_module", 350, EPERM, false },
	{ "kexec_load", 283, EPERM, false },
	{ "perf_event_open", 336, EPERM, false },
	{ "bpf", 357, EPERM, false },
	{ "keyctl", 288, EPERM, false },
	{ "open_by_handle_at", 342, EPERM, false },
	{ "fanotify_init", 338, EPERM, false },
	{ "userfaultfd", 374, ENOSYS, false },
	{ "io_uring_setup", 425, ENOSYS, false },
	{ "clone3", 435, ENOSYS, false },
	{ "reboot", 88, EPERM, false },
	{ "iopl", 110, EPERM, false },
	{ "ioperm", 101, EPERM, false },
	{ "truncate", 92, EPERM, true },
	{ "truncate64", 193, EPERM, true },
	/* What the program opened for writing it may cut. */
	{ "ftruncate64", 194, 0, false },
};

static void
test_i386(void)
{
	static const uint64_t args[6] = { 0 };

	for (unsigned int net = 0; net < FILTER_NET_COUNT; net++)
		for (unsigned int guard = 0; guard < GUARDS; guard++)
			for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
				int error = rows[i].guarded_only && !guard ? 0 : rows[i].error;
				struct bpf_result r = ask(&compat[net][guard], AUDIT_ARCH_I386,
							  (uint32_t)rows[i].number, args);
				uint32_t wanted = error ? SECCOMP_RET_ERRNO | (uint32_t)error
							: SECCOMP_RET_ALLOW;

				CU_ASSERT_TRUE(r.valid && r.action == wanted);
				if (r.action != wanted)
					printf("# %s net %u guard %u: %#x\n", rows[i].call, net,
					       guard, r.action);
			}
}

/* modify_ldt for both, and nothing for anybody else. */
static void
test_others(void)
{
	static const uint32_t foreign[] = { AUDIT_ARCH_ARM, AUDIT_ARCH_AARCH64, AUDIT_ARCH_RISCV64,
					    0 };
	static const uint64_t args[6] = { 0 };

	for (unsigned int net = 0; net < FILTER_NET_COUNT; net++)
		for (unsigned int guard = 0; guard < GUARDS; guard++) {
			const struct program *p = &compat[net][guard];

			CU_ASSERT_EQUAL(ask(p, AUDIT_ARCH_X86_64, 154, args).action,
					SECCOMP_RET_ALLOW);
			CU_ASSERT_EQUAL(ask(p, AUDIT_ARCH_X86_64, X32_BIT + 39, args).action,
					SECCOMP_RET_ERRNO | ENOSYS);
			for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
				CU_ASSERT_EQUAL(ask(p, foreign[i], 39, args).action,
						SECCOMP_RET_ERRNO | ENOSYS);
			CU_ASSERT(p->length < BPF_MAXINSNS / 4);
		}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "both tables answer alike", test_alike },
		{ "calls of i386", test_i386 },
		{ "other architectures", test_others },
	};

	if (!make_all())
		return 1;
	return unit_run("filter compat", tests, UNIT_COUNT(tests));
}
