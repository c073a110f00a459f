/*
 * Cross-check of the base filter: the same policy is given to libseccomp as rules, and both
 * programs must decide alike for every number and a multitude of arguments. What libseccomp can
 * only say the other way round (a list of what is allowed) is a second program, compared for
 * those calls alone and without the errno.
 */
#include "tests/unit/launch/filter_programs.h"

#include <sys/mman.h>
#include <unistd.h>

enum {
	NUMBERS_COMPARED = 600,
	VECTORS = 20,
	VECTORS_ARGUMENTS = 4000,
	NOT_IN_LIBSECCOMP = 467, /* open_tree_attr */
};

#define INT_MASK 0xffffffffULL

/* ---- a program of libseccomp ----------------------------------------------------------------- */

struct peer {
	struct sock_filter code[CODE_MAX];
	size_t length;
};

static scmp_filter_ctx
peer_start(unsigned int a, uint32_t default_action)
{
	uint32_t token = a == 0 ? SCMP_ARCH_X86_64 : SCMP_ARCH_AARCH64;
	scmp_filter_ctx ctx = seccomp_init(default_action);

	CU_ASSERT_PTR_NOT_NULL_FATAL(ctx);
	if (token != seccomp_arch_native()) {
		CU_ASSERT_EQUAL_FATAL(seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE), 0);
		CU_ASSERT_EQUAL_FATAL(seccomp_arch_add(ctx, token), 0);
	}
	CU_ASSERT_EQUAL_FATAL(
		seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)), 0);
	return ctx;
}

static void
peer_finish(scmp_filter_ctx ctx, struct peer *ret)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	ssize_t n;

	CU_ASSERT_FATAL(fd != -1);
	CU_ASSERT_EQUAL_FATAL(seccomp_export_bpf(ctx, fd), 0);
	n = pread(fd, ret->code, sizeof(ret->code), 0);
	CU_ASSERT_FATAL(n > 0 && (size_t)n % sizeof(ret->code[0]) == 0);
	ret->length = (size_t)n / sizeof(ret->code[0]);
	(void)close(fd);
	seccomp_release(ctx);
}

static void
add(scmp_filter_ctx ctx, unsigned int a, uint32_t action, const char *call, unsigned int n,
    const struct scmp_arg_cmp *arg)
{
	int number = seccomp_syscall_resolve_name(call);

	/* Rules are given by native number and translated, where the other one has the call. */
	if (number_of(a, call) < 0)
		return;
	if (number_of(a, call) == NOT_IN_LIBSECCOMP)
		return;
	CU_ASSERT_EQUAL_FATAL(seccomp_rule_add_array(ctx, action, number, n, arg), 0);
}

/* One rule per bit: libseccomp has no "any of these bits". */
static void
add_any_bit(scmp_filter_ctx ctx, unsigned int a, uint32_t action, const char *call, unsigned int i,
	    uint64_t bits)
{
	for (uint64_t bit = 1; bit != 0; bit <<= 1) {
		struct scmp_arg_cmp arg = SCMP_CMP64(i, SCMP_CMP_MASKED_EQ, bit, bit);

		if (bits & bit)
			add(ctx, a, action, call, 1, &arg);
	}
}

static void
add_equal(scmp_filter_ctx ctx, unsigned int a, uint32_t action, const char *call, unsigned int i,
	  uint64_t mask_bits, uint64_t value)
{
	struct scmp_arg_cmp arg = SCMP_CMP64(i, SCMP_CMP_MASKED_EQ, mask_bits, value);

	add(ctx, a, action, call, 1, &arg);
}

/* ---- the policy, as denials ------------------------------------------------------------------ */

static void
add_limits(scmp_filter_ctx ctx, unsigned int a)
{
	const uint32_t no = SCMP_ACT_ERRNO(EPERM), core = SCMP_ACT_ERRNO(0);
	struct scmp_arg_cmp set[2] = { SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, INT_MASK, 4),
				       SCMP_CMP64(1, SCMP_CMP_NE, 0, 0) };
	struct scmp_arg_cmp own[3] = { SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, INT_MASK, 0),
				       SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, INT_MASK, 4),
				       SCMP_CMP64(2, SCMP_CMP_NE, 0, 0) };

	add(ctx, a, core, "setrlimit", 2, set);
	add(ctx, a, core, "prlimit64", 3, own);
	for (uint64_t bit = 1; bit <= INT_MASK; bit <<= 1) {
		struct scmp_arg_cmp other[2] = { SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, bit, bit),
						 SCMP_CMP64(2, SCMP_CMP_NE, 0, 0) };

		add(ctx, a, no, "prlimit64", 2, other);
	}
	add_equal(ctx, a, no, "setpriority", 0, INT_MASK, 2);
	add_any_bit(ctx, a, no, "setpriority", 1, INT_MASK);
	add_equal(ctx, a, no, "ioprio_set", 0, INT_MASK, 3);
	add_any_bit(ctx, a, no, "ioprio_set", 1, INT_MASK);
	add_any_bit(ctx, a, no, "sched_setscheduler", 0, INT_MASK);
	add_any_bit(ctx, a, no, "sched_setparam", 0, INT_MASK);
	add_any_bit(ctx, a, no, "sched_setattr", 0, INT_MASK);
}

static void
add_open(scmp_filter_ctx ctx, unsigned int a, const char *call, unsigned int i, bool guard)
{
	static const uint64_t creating[] = { 0100, 020000000 };

	for (size_t k = 0; k < ARRAY_LEN(creating); k++) {
		struct scmp_arg_cmp arg[2] = {
			SCMP_CMP64(i, SCMP_CMP_MASKED_EQ, creating[k], creating[k]),
			SCMP_CMP64(i + 1, SCMP_CMP_MASKED_EQ, 04000, 04000),
		};

		add(ctx, a, SCMP_ACT_ERRNO(EPERM), call, 2, arg);
	}
	if (guard) {
		add_equal(ctx, a, SCMP_ACT_ERRNO(EPERM), call, i, 01003, 01000);
		add_equal(ctx, a, SCMP_ACT_ERRNO(EPERM), call, i, 01003, 01003);
	}
}

static void
add_files(scmp_filter_ctx ctx, unsigned int a, bool guard)
{
	static const struct {
		const char *call;
		unsigned int argument;
	} modes[] = {
		{ "chmod", 1 }, { "fchmod", 1 },  { "fchmodat", 2 }, { "fchmodat2", 2 },
		{ "mknod", 1 }, { "mknodat", 2 }, { "creat", 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		add_any_bit(ctx, a, SCMP_ACT_ERRNO(EPERM), modes[i].call, modes[i].argument, 04000);
	/* With both bits the set-user-ID bit decides. */
	add_equal(ctx, a, SCMP_ACT_ERRNO(EACCES), "mknod", 1, 024000, 020000);
	add_equal(ctx, a, SCMP_ACT_ERRNO(EACCES), "mknodat", 2, 024000, 020000);
	add_any_bit(ctx, a, SCMP_ACT_ERRNO(EACCES), "renameat2", 4, 4);
	add_open(ctx, a, "open", 1, guard);
	add_open(ctx, a, "openat", 2, guard);
	if (guard)
		add(ctx, a, SCMP_ACT_ERRNO(EPERM), "truncate", 0, NULL);
	add(ctx, a, SCMP_ACT_ERRNO(ENOSYS), "openat2", 0, NULL);
}

static void
add_network(scmp_filter_ctx ctx, unsigned int a, unsigned int net)
{
	const uint32_t fast = SCMP_ACT_ERRNO(EOPNOTSUPP);

	if (net == FILTER_NET_ALLOWED)
		return;
	add_any_bit(ctx, a, fast, "sendto", 3, 0x20000000);
	add_any_bit(ctx, a, fast, "sendmsg", 2, 0x20000000);
	add_any_bit(ctx, a, fast, "sendmmsg", 3, 0x20000000);
	if (net != FILTER_NET_LISTEN)
		add(ctx, a, SCMP_ACT_ERRNO(EACCES), "listen", 0, NULL);
}

static void
peer_denials(unsigned int a, unsigned int net, bool guard, struct peer *ret)
{
	static const uint64_t terminal[] = { 0x5412, 0x541c, 0x541d, 0x5423 };
	scmp_filter_ctx ctx = peer_start(a, SCMP_ACT_ALLOW);

	for (size_t i = 0; i < ARRAY_LEN(whole_calls); i++)
		add(ctx, a, SCMP_ACT_ERRNO((uint32_t)whole_calls[i].error), whole_calls[i].name, 0,
		    NULL);
	add_any_bit(ctx, a, SCMP_ACT_ERRNO(EPERM), "clone", 0, 0x7e020000);
	add_any_bit(ctx, a, SCMP_ACT_ERRNO(EPERM), "unshare", 0, 0x7e020080);
	for (size_t i = 0; i < ARRAY_LEN(terminal); i++)
		add_equal(ctx, a, SCMP_ACT_ERRNO(EPERM), "ioctl", 1, INT_MASK, terminal[i]);
	add_limits(ctx, a);
	add_files(ctx, a, guard);
	add_network(ctx, a, net);
	peer_finish(ctx, ret);
}

/* ---- the policy, as permissions -------------------------------------------------------------- */

static void
permit_socket(scmp_filter_ctx ctx, unsigned int a, const char *call, uint64_t family, uint64_t type,
	      int protocol)
{
	struct scmp_arg_cmp arg[3];
	unsigned int n = 0;

	arg[n++] = SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, INT_MASK, family);
	if (type != 0)
		arg[n++] = SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, 0xf, type);
	if (protocol >= 0)
		arg[n++] = SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, INT_MASK, (uint64_t)protocol);
	add(ctx, a, SCMP_ACT_ALLOW, call, n, arg);
}

static void
peer_permissions(unsigned int a, unsigned int net, struct peer *ret)
{
	static const uint64_t personalities[] = { 0, 8, 0x20000, 0x20008, 0x40000, INT_MASK };
	static const uint64_t families[] = { 2, 10 };
	static const int datagram[] = { 0, 1, 17, 58 };
	scmp_filter_ctx ctx = peer_start(a, SCMP_ACT_ERRNO(EPERM));

	for (size_t i = 0; i < ARRAY_LEN(personalities); i++)
		add_equal(ctx, a, SCMP_ACT_ALLOW, "personality", 0, INT_MASK, personalities[i]);
	permit_socket(ctx, a, "socketpair", 1, 1, -1);
	permit_socket(ctx, a, "socketpair", 1, 5, -1);
	permit_socket(ctx, a, "socket", 16, 0, 0);
	if (net == FILTER_NET_ALLOWED) {
		permit_socket(ctx, a, "socket", 1, 1, -1);
		permit_socket(ctx, a, "socket", 1, 5, -1);
	}
	for (size_t i = 0; i < ARRAY_LEN(families) && net != FILTER_NET_NONE; i++) {
		permit_socket(ctx, a, "socket", families[i], 1, 0);
		permit_socket(ctx, a, "socket", families[i], 1, 6);
		for (size_t k = 0; k < ARRAY_LEN(datagram) && net == FILTER_NET_ALLOWED; k++)
			permit_socket(ctx, a, "socket", families[i], 2, datagram[k]);
	}
	peer_finish(ctx, ret);
}

/* ---- comparison ------------------------------------------------------------------------------ */

/* How often each side of the comparison was reached, so that it cannot be empty. */
struct tally {
	size_t allowed, denied, different;
};

static void
compare(const struct program *p, const struct peer *peer, const struct seccomp_data *data,
	bool errno_too, struct tally *t)
{
	struct bpf_result ours = bpf_run(p->code, (size_t)p->length, data);
	struct bpf_result theirs = bpf_run(peer->code, peer->length, data);
	bool allowed = ours.action == SECCOMP_RET_ALLOW;

	CU_ASSERT_FATAL(ours.valid && theirs.valid);
	t->allowed += allowed;
	t->denied += !allowed;
	if (errno_too ? ours.action == theirs.action
		      : allowed == (theirs.action == SECCOMP_RET_ALLOW))
		return;
	if (t->different++ < 10)
		printf("# arch %x call %d (%#llx, %#llx, %#llx, %#llx): ours %#x, libseccomp %#x\n",
		       data->arch, data->nr, (unsigned long long)data->args[0],
		       (unsigned long long)data->args[1], (unsigned long long)data->args[2],
		       (unsigned long long)data->args[3], ours.action, theirs.action);
}

static bool
is_permission_call(unsigned int a, int nr)
{
	return nr == number_of(a, "socket") || nr == number_of(a, "socketpair") ||
	       nr == number_of(a, "personality");
}

static bool
looks_at_arguments(const struct program *p, unsigned int a, int nr)
{
	struct seccomp_data data = { .nr = nr, .arch = audit_arch(a) };
	struct bpf_result r = bpf_run(p->code, (size_t)p->length, &data);

	return r.constant != r.visited;
}

static void
compare_number(const struct program *p, unsigned int a, int nr, const struct peer *denials,
	       const struct peer *permissions, struct tally *t)
{
	bool permission = is_permission_call(a, nr);
	size_t n = looks_at_arguments(p, a, nr) ? VECTORS_ARGUMENTS : VECTORS;
	uint64_t state = (uint64_t)nr + 4711;

	for (size_t k = 0; k < n; k++) {
		struct seccomp_data data = { .nr = nr, .arch = audit_arch(a) };

		for (size_t i = 0; i < 6; i++)
			data.args[i] = random_argument(&state);
		/* Small numbers, or no random triple would be a socket. */
		for (size_t i = 0; permission && i < 3 && k & 1; i++)
			data.args[i] = next_random(&state) % 20;
		compare(p, permission ? permissions : denials, &data, !permission, t);
	}
}

static void
compare_all(unsigned int a, unsigned int net, bool guard, const struct program *p)
{
	static struct peer denials, permissions;
	const struct seccomp_data foreign = { .nr = 1, .arch = AUDIT_ARCH_I386 };
	struct tally t = { 0 };

	peer_denials(a, net, guard, &denials);
	peer_permissions(a, net, &permissions);
	for (int nr = 0; nr < NUMBERS_COMPARED; nr++) {
		struct seccomp_data x32 = { .nr = X32_BIT | nr, .arch = audit_arch(a) };

		if (nr != NOT_IN_LIBSECCOMP)
			compare_number(p, a, nr, &denials, &permissions, &t);
		if (a == 0)
			compare(p, &denials, &x32, true, &t);
	}
	compare(p, &denials, &foreign, true, &t);
	CU_ASSERT_EQUAL(t.different, 0);
	CU_ASSERT(t.allowed > 10000 && t.denied > 10000);
	printf("# %s net %u guard %d: %zu allowed, %zu denied; libseccomp needs %zu + %zu "
	       "instructions, ours %d\n",
	       architecture_names[a], net, guard, t.allowed, t.denied, denials.length,
	       permissions.length, p->length);
}

static void
compare_architecture(unsigned int a)
{
	struct programs *all = programs_new();

	for (unsigned int net = 0; net < FILTER_NET_COUNT; net++)
		for (unsigned int guard = 0; guard < GUARDS; guard++)
			compare_all(a, net, guard, &all->p[a][net][guard]);
	free(all);
}

static void
test_x86_64(void)
{
	compare_architecture(0);
}

static void
test_aarch64(void)
{
	compare_architecture(1);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "x86_64 decides as libseccomp does", test_x86_64 },
		{ "aarch64 decides as libseccomp does", test_aarch64 },
	};

	return unit_run("filter-seccomp", tests, UNIT_COUNT(tests));
}
