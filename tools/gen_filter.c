/*
 * Build-time generator of the base seccomp filter: prints the C file that defines
 * filter_table_find() of launch/launch.h. The rules below are the whole policy; docs and tests
 * follow them. libseccomp only translates names to numbers.
 *
 *   cc -I. -o gen_filter tools/gen_filter.c -lseccomp
 *   gen_filter [x86_64|aarch64] >filter_tables.c     (without argument: the build architecture)
 */
#include "tools/filter_graph.h"

#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>

/* Kernel ABI, equal on both architectures, and not all in the headers we build with. */
enum {
	CLONE_FLAG_NEWNS = 0x00020000,
	CLONE_FLAG_NEWCGROUP = 0x02000000,
	CLONE_FLAG_NEWUTS = 0x04000000,
	CLONE_FLAG_NEWIPC = 0x08000000,
	CLONE_FLAG_NEWUSER = 0x10000000,
	CLONE_FLAG_NEWPID = 0x20000000,
	CLONE_FLAG_NEWNET = 0x40000000,
	CLONE_FLAG_NEWTIME = 0x00000080,
	CLONE_FLAG_NAMESPACES = CLONE_FLAG_NEWNS | CLONE_FLAG_NEWCGROUP | CLONE_FLAG_NEWUTS |
				CLONE_FLAG_NEWIPC | CLONE_FLAG_NEWUSER | CLONE_FLAG_NEWPID |
				CLONE_FLAG_NEWNET,
	IOCTL_TIOCSTI = 0x5412,
	IOCTL_TIOCLINUX = 0x541c,
	IOCTL_TIOCCONS = 0x541d,
	IOCTL_TIOCSETD = 0x5423,
	LIMIT_CORE = 4,
	PRIORITY_USER = 2,
	IO_PRIORITY_USER = 3,
	SOCKET_TYPE_MASK = 0xf,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_NETLINK_ROUTE = 0,
	SEND_FASTOPEN = 0x20000000,
	MODE_SETUID = 04000,
	MODE_DEVICE = 020000, /* in S_IFCHR and S_IFBLK; else in S_IFLNK alone */
	RENAME_LEAVE_WHITEOUT = 4,
	OPEN_ACCESS = 03,
	OPEN_WRITE = 01,
	OPEN_READ_WRITE = 02,
	OPEN_CREATE = 0100,
	OPEN_TRUNCATE = 01000,
	OPEN_TMPFILE_BIT = 020000000, /* without the O_DIRECTORY that O_TMPFILE includes */
};

/* ---- names ----------------------------------------------------------------------------------- */

/* Newer than libseccomp 2.5.4. These have one number everywhere. */
static const struct {
	const char *name;
	int number;
} new_calls[] = {
	{ "open_tree_attr", 467 },
};

/* The same for i386, where libseccomp answers with numbers of its own for what socketcall does. */
static const struct {
	const char *name;
	int number;
} i386_calls[] = {
	{ "socket", 359 },	    { "socketpair", 360 },	{ "listen", 363 },
	{ "sendto", 369 },	    { "sendmsg", 370 },		{ "sendmmsg", 345 },
	{ "clock_settime64", 404 }, { "clock_adjtime64", 405 }, { "open_tree_attr", 467 },
};

/* Calls that i386 does not have. */
static bool
is_not_i386_call(const char *name)
{
	return strcmp(name, "kexec_file_load") == 0;
}

/* Calls that only x86_64 ever had; arm64 started with the *at forms. */
static const char *const x86_64_calls[] = {
	"open", "creat", "chmod", "mknod", "modify_ldt", "iopl", "ioperm",
};

static bool
is_x86_64_call(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(x86_64_calls); i++)
		if (strcmp(x86_64_calls[i], name) == 0)
			return true;
	return false;
}

static void
rule(struct generator *g, const char *name, struct node *node)
{
	int number = -1;

	if ((!g->x86_64 && is_x86_64_call(name)) || (g->i386 && is_not_i386_call(name)))
		return;
	for (size_t i = 0; g->i386 && i < ARRAY_LEN(i386_calls); i++)
		if (strcmp(i386_calls[i].name, name) == 0)
			number = i386_calls[i].number;
	for (size_t i = 0; i < ARRAY_LEN(new_calls); i++)
		if (strcmp(new_calls[i].name, name) == 0)
			number = new_calls[i].number;
	if (number < 0)
		number = seccomp_syscall_resolve_name_arch(g->seccomp_arch, name);
	/* A name that resolves to nothing would be a defence left out in silence. */
	if (number < 0)
		die("unknown system call (add its number to new_calls)", name);
	for (size_t i = 0; i < g->calls; i++)
		if (g->call[i].number == (uint32_t)number)
			die("two rules for one system call", name);
	if (g->calls == CALLS_MAX)
		die("too many system calls", name);
	g->call[g->calls++] = (struct call){ (uint32_t)number, node };
}

/* ---- the policy ------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	int error;
	enum hook tag;
} whole_calls[] = {
	/* ENOSYS where programs have a fallback that they use when the kernel is too old. */
	{ "io_uring_setup", ENOSYS, HOOK_FILTER_URING },
	{ "io_uring_enter", ENOSYS, HOOK_FILTER_URING },
	{ "io_uring_register", ENOSYS, HOOK_FILTER_URING },
	{ "userfaultfd", ENOSYS, HOOK_FILTER_USERFAULTFD },
	/* Its flags are in memory; without it libc uses clone, whose flags are in a register. */
	{ "clone3", ENOSYS, HOOK_FILTER_CLONE3 },

	{ "setns", EPERM, HOOK_FILTER_MOUNT },

	{ "mount", EPERM, HOOK_FILTER_MOUNT },
	{ "umount2", EPERM, HOOK_FILTER_MOUNT },
	{ "pivot_root", EPERM, HOOK_FILTER_MOUNT },
	{ "chroot", EPERM, HOOK_FILTER_MOUNT },
	{ "open_tree", EPERM, HOOK_FILTER_MOUNT },
	{ "open_tree_attr", EPERM, HOOK_FILTER_MOUNT },
	{ "move_mount", EPERM, HOOK_FILTER_MOUNT },
	{ "fsopen", EPERM, HOOK_FILTER_MOUNT },
	{ "fsconfig", EPERM, HOOK_FILTER_MOUNT },
	{ "fsmount", EPERM, HOOK_FILTER_MOUNT },
	{ "fspick", EPERM, HOOK_FILTER_MOUNT },
	{ "mount_setattr", EPERM, HOOK_FILTER_MOUNT },

	{ "add_key", EPERM, HOOK_FILTER_KEYRING },
	{ "request_key", EPERM, HOOK_FILTER_KEYRING },
	{ "keyctl", EPERM, HOOK_FILTER_KEYRING },

	{ "kexec_load", EPERM, HOOK_FILTER_KERNEL },
	{ "kexec_file_load", EPERM, HOOK_FILTER_KERNEL },
	{ "modify_ldt", EPERM, HOOK_FILTER_KERNEL },
	{ "bpf", EPERM, HOOK_FILTER_KERNEL },
	{ "perf_event_open", EPERM, HOOK_FILTER_KERNEL },
	{ "swapon", EPERM, HOOK_FILTER_KERNEL },
	{ "swapoff", EPERM, HOOK_FILTER_KERNEL },
	{ "init_module", EPERM, HOOK_FILTER_KERNEL },
	{ "finit_module", EPERM, HOOK_FILTER_KERNEL },
	{ "delete_module", EPERM, HOOK_FILTER_KERNEL },
	{ "reboot", EPERM, HOOK_FILTER_KERNEL },
	{ "acct", EPERM, HOOK_FILTER_KERNEL },
	{ "quotactl", EPERM, HOOK_FILTER_KERNEL },
	{ "quotactl_fd", EPERM, HOOK_FILTER_KERNEL },
	{ "settimeofday", EPERM, HOOK_FILTER_KERNEL },
	{ "clock_settime", EPERM, HOOK_FILTER_KERNEL },
	{ "adjtimex", EPERM, HOOK_FILTER_KERNEL },
	{ "clock_adjtime", EPERM, HOOK_FILTER_KERNEL },
	{ "syslog", EPERM, HOOK_FILTER_KERNEL },
	{ "sethostname", EPERM, HOOK_FILTER_KERNEL },
	{ "setdomainname", EPERM, HOOK_FILTER_KERNEL },
	{ "iopl", EPERM, HOOK_FILTER_KERNEL },
	{ "ioperm", EPERM, HOOK_FILTER_KERNEL },
	{ "vhangup", EPERM, HOOK_FILTER_KERNEL },

	{ "open_by_handle_at", EPERM, HOOK_FILTER_HANDLE },
	{ "fanotify_init", EPERM, HOOK_FILTER_FANOTIFY },
};

static void
rules_namespaces(struct generator *g)
{
	struct node *no = deny(g, EPERM, HOOK_FILTER_NAMESPACES);

	/* clone takes the low word of its flags, and in it 0x80 belongs to the exit signal. */
	rule(g, "clone", argument(g, 0, any_bit(g, CLONE_FLAG_NAMESPACES, no, allow(g))));
	/* unshare answers EINVAL to anything in the high word. */
	rule(g, "unshare",
	     argument(g, 0, any_bit(g, CLONE_FLAG_NAMESPACES | CLONE_FLAG_NEWTIME, no, allow(g))));
}

static void
rules_personality(struct generator *g)
{
	/* Linux, Linux32, both with UNAME26, no randomisation (debuggers), and the query. */
	static const uint32_t harmless[] = { 0, 8, 0x20000, 0x20008, 0x40000, 0xffffffff };

	rule(g, "personality",
	     argument(g, 0,
		      one_of(g, harmless, ARRAY_LEN(harmless), allow(g),
			     deny(g, EPERM, HOOK_FILTER_PERSONALITY))));
}

static void
rules_terminal(struct generator *g)
{
	static const uint32_t requests[] = {
		IOCTL_TIOCSTI,
		IOCTL_TIOCLINUX,
		IOCTL_TIOCCONS,
		IOCTL_TIOCSETD,
	};

	/* The kernel drops the high word, so a test of all 64 bits would be passed by setting it. */
	rule(g, "ioctl",
	     argument(g, 1,
		      one_of(g, requests, ARRAY_LEN(requests), deny(g, EPERM, HOOK_FILTER_TTY),
			     allow(g))));
}

static void
rules_limits(struct generator *g)
{
	struct node *other = deny(g, EPERM, HOOK_FILTER_PRLIMIT);
	struct node *priority = deny(g, EPERM, HOOK_FILTER_PRIORITY);
	/*
	 * Success without doing it: `ulimit -c 0` is common and must not fail, but 0 would switch
	 * a piped core_pattern helper, which runs outside, back on.
	 */
	struct node *core = deny(g, 0, HOOK_FILTER_CORE);

	rule(g, "setrlimit",
	     argument(g, 0, equal(g, LIMIT_CORE, if_pointer(g, 1, core, allow(g)), allow(g))));
	rule(g, "prlimit64",
	     argument(g, 0,
		      equal(g, 0,
			    argument(g, 1,
				     equal(g, LIMIT_CORE, if_pointer(g, 2, core, allow(g)),
					   allow(g))),
			    if_pointer(g, 2, other, allow(g)))));
	rule(g, "setpriority",
	     argument(g, 0,
		      equal(g, PRIORITY_USER, priority,
			    argument(g, 1, equal(g, 0, allow(g), priority)))));
	/* A real-time or idle class for the broker is renice by another name; 0 is the caller. */
	rule(g, "sched_setscheduler", argument(g, 0, equal(g, 0, allow(g), priority)));
	rule(g, "sched_setparam", argument(g, 0, equal(g, 0, allow(g), priority)));
	rule(g, "sched_setattr", argument(g, 0, equal(g, 0, allow(g), priority)));
	rule(g, "ioprio_set",
	     argument(g, 0,
		      equal(g, IO_PRIORITY_USER, priority,
			    argument(g, 1, equal(g, 0, allow(g), priority)))));
}

static void
rules_sockets(struct generator *g)
{
	static const uint32_t stream[] = { 0, PROTOCOL_TCP };
	static const uint32_t datagram[] = { 0, PROTOCOL_UDP, PROTOCOL_ICMP, PROTOCOL_ICMPV6 };
	bool restricted = g->choice.net != FILTER_NET_ALLOWED;
	struct node *family = deny(g, EAFNOSUPPORT, HOOK_FILTER_FAMILY);
	struct node *raw = deny(g, EPROTONOSUPPORT, HOOK_FILTER_RAW);
	/* AF_UNIX makes a datagram socket of SOCK_RAW, hence a list of what may be. */
	struct node *dgram = deny(g, EPROTONOSUPPORT, HOOK_FILTER_UNIX_DGRAM);
	struct node *unix_type = argument(
		g, 1,
		mask(g, SOCKET_TYPE_MASK,
		     equal(g, SOCK_STREAM, allow(g), equal(g, SOCK_SEQPACKET, allow(g), dgram))));
	struct node *netlink = argument(g, 2,
					equal(g, PROTOCOL_NETLINK_ROUTE, allow(g),
					      deny(g, EPROTONOSUPPORT, HOOK_FILTER_NETLINK)));
	struct node *unix_socket = unix_type;
	struct node *udp = allow(g);
	struct node *inet;

	if (restricted) {
		unix_socket = deny(g, EAFNOSUPPORT, HOOK_FILTER_NET_UNIX);
		udp = deny(g, EPROTONOSUPPORT, HOOK_FILTER_NET_UDP);
	}
	if (g->choice.net == FILTER_NET_NONE) {
		inet = deny(g, EAFNOSUPPORT, HOOK_FILTER_NET_INET);
	} else {
		struct node *tcp = argument(g, 2,
					    one_of(g, stream, ARRAY_LEN(stream), allow(g), raw));

		udp = argument(g, 2, one_of(g, datagram, ARRAY_LEN(datagram), udp, raw));
		inet = argument(g, 1,
				mask(g, SOCKET_TYPE_MASK,
				     equal(g, SOCK_STREAM, tcp, equal(g, SOCK_DGRAM, udp, raw))));
	}
	rule(g, "socket",
	     argument(g, 0,
		      equal(g, AF_UNIX, unix_socket,
			    equal(g, AF_INET, inet,
				  equal(g, AF_INET6, inet,
					equal(g, AF_NETLINK, netlink, family))))));
	rule(g, "socketpair", argument(g, 0, equal(g, AF_UNIX, unix_type, family)));
}

static void
rules_restricted(struct generator *g)
{
	struct node *fast = any_bit(g, SEND_FASTOPEN, deny(g, EOPNOTSUPP, HOOK_FILTER_NET_FASTOPEN),
				    allow(g));

	if (g->choice.net == FILTER_NET_ALLOWED)
		return;
	/* TCP Fast Open connects without the connect that Landlock checks. */
	rule(g, "sendto", argument(g, 3, fast));
	rule(g, "sendmsg", argument(g, 2, fast));
	rule(g, "sendmmsg", argument(g, 3, fast));
	/* listen on an unbound socket takes a free port, past Landlock's bind rule. */
	if (g->choice.net != FILTER_NET_LISTEN)
		rule(g, "listen", deny(g, EACCES, HOOK_FILTER_NET_LISTEN));
}

/* A call with a mode in argument `i`. */
static void
rule_mode(struct generator *g, const char *name, unsigned int i)
{
	rule(g, name,
	     argument(g, i, any_bit(g, MODE_SETUID, deny(g, EPERM, HOOK_FILTER_SETID), allow(g))));
}

/*
 * mknod and mknodat. Landlock refuses device nodes, but kernels of 2026 (6.1 and 6.12 among them)
 * take the node 0:0, which overlayfs reads as "deleted" and anybody may make, for a plain file.
 */
static void
rule_node(struct generator *g, const char *name, unsigned int i)
{
	rule(g, name,
	     argument(g, i,
		      any_bit(g, MODE_SETUID, deny(g, EPERM, HOOK_FILTER_SETID),
			      any_bit(g, MODE_DEVICE, deny(g, EACCES, HOOK_FILTER_DEVICE),
				      allow(g)))));
}

/* open and openat: flags in argument `i`, the mode behind it. */
static void
rule_open(struct generator *g, const char *name, unsigned int i)
{
	struct node *setid = deny(g, EPERM, HOOK_FILTER_SETID);
	struct node *flags = allow(g); /* tests on the flags, which are loaded then */

	/*
	 * Landlock before ABI 3 does not see truncation, and asks for no right at all where the
	 * file is neither opened for reading nor for writing: access mode 3 truncates as well.
	 */
	if (g->choice.guard_truncate)
		flags = any_bit(g, OPEN_TRUNCATE,
				mask(g, OPEN_ACCESS,
				     equal(g, OPEN_WRITE, allow(g),
					   equal(g, OPEN_READ_WRITE, allow(g),
						 deny(g, EPERM, HOOK_FILTER_TRUNCATE)))),
				allow(g));
	/* O_TMPFILE takes a mode too, and linkat gives the file a name. */
	rule(g, name,
	     argument(g, i,
		      any_bit(g, OPEN_CREATE | OPEN_TMPFILE_BIT,
			      argument(g, i + 1,
				       any_bit(g, MODE_SETUID, setid,
					       flags->kind == NODE_RETURN ? flags
									  : argument(g, i, flags))),
			      flags)));
}

static void
rules_files(struct generator *g)
{
	rule_mode(g, "chmod", 1);
	rule_mode(g, "fchmod", 1);
	rule_mode(g, "fchmodat", 2);
	rule_mode(g, "fchmodat2", 2);
	rule_node(g, "mknod", 1);
	rule_node(g, "mknodat", 2);
	rule(g, "renameat2",
	     argument(g, 4,
		      any_bit(g, RENAME_LEAVE_WHITEOUT, deny(g, EACCES, HOOK_FILTER_DEVICE),
			      allow(g))));
	rule_mode(g, "creat", 1);
	rule_open(g, "open", 1);
	rule_open(g, "openat", 2);
	if (g->choice.guard_truncate)
		rule(g, "truncate", deny(g, EPERM, HOOK_FILTER_TRUNCATE));
	/* Mode and flags are in memory, where no filter sees them; callers fall back to openat. */
	rule(g, "openat2",
	     deny(g, ENOSYS, g->choice.guard_truncate ? HOOK_FILTER_TRUNCATE : HOOK_FILTER_SETID));
}

/* What the 32-bit table has beside the other, and what is in memory there. */
static void
rules_i386(struct generator *g)
{
	struct node *unseen = deny(g, ENOSYS, HOOK_FILTER_ARCH);
	struct node *kernel = deny(g, EPERM, HOOK_FILTER_KERNEL);

	/* Their arguments cannot be seen; libc makes the single calls since Linux 4.3 and 5.1. */
	rule(g, "socketcall", unseen);
	rule(g, "ipc", unseen);
	rule(g, "umount", deny(g, EPERM, HOOK_FILTER_MOUNT));
	rule(g, "stime", kernel);
	rule(g, "clock_settime64", kernel);
	rule(g, "clock_adjtime64", kernel);
	rule(g, "vm86old", kernel);
	rule(g, "vm86", kernel);
	if (g->choice.guard_truncate)
		rule(g, "truncate64", deny(g, EPERM, HOOK_FILTER_TRUNCATE));
}

/* ---- all together ---------------------------------------------------------------------------- */

/* One table of numbers: the start of its part of the program. */
static struct node *
section(struct generator *g, bool with_ldt)
{
	g->calls = g->ranges = 0;
	for (size_t i = 0; i < ARRAY_LEN(whole_calls); i++)
		if (!with_ldt || strcmp(whole_calls[i].name, "modify_ldt") != 0)
			rule(g, whole_calls[i].name,
			     deny(g, whole_calls[i].error, whole_calls[i].tag));
	rules_namespaces(g);
	rules_personality(g);
	rules_terminal(g);
	rules_limits(g);
	rules_sockets(g);
	rules_restricted(g);
	rules_files(g);
	if (g->i386)
		rules_i386(g);
	ranges_make(g);
	tree_plan(g);
	return load(g, offsetof(struct seccomp_data, nr), tree_build(g, 0, g->ranges - 1));
}

/* linux.compat32: the same policy for a second table of numbers, and modify_ldt in both. */
static void
generate_both(struct generator *g, struct filter_choice choice, bool compat32)
{
	struct node *other, *start;

	g->choice = choice;
	g->nodes = 0;
	g->program.length = 0;
	other = deny(g, ENOSYS, HOOK_FILTER_ARCH);
	if (compat32) {
		uint32_t native = g->seccomp_arch;

		g->i386 = true;
		g->seccomp_arch = SCMP_ARCH_X86;
		other = equal(g, AUDIT_ARCH_I386, section(g, true), other);
		g->i386 = false;
		g->seccomp_arch = native;
	}
	/* Numbers mean something only together with the architecture, so that comes first. */
	start = load(g, offsetof(struct seccomp_data, arch),
		     equal(g, g->audit_arch, section(g, compat32), other));
	write_node(g, start);
	program_reverse(&g->program);
}

static void
generate(struct generator *g, struct filter_choice choice)
{
	generate_both(g, choice, false);
}

static void
generate_compat(struct generator *g, struct filter_choice choice)
{
	generate_both(g, choice, true);
}

static void
print_program(const struct generator *g, const char *kind, unsigned int net, unsigned int guard)
{
	const struct program *p = &g->program;

	printf("\nstatic const struct sock_filter %s_code_%u_%u[] = {\n", kind, net, guard);
	for (int i = 0; i < p->length; i++)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", p->code[i].code, p->code[i].jt,
		       p->code[i].jf, p->code[i].k);
	printf("};\n\nstatic const unsigned char %s_tag_%u_%u[] = {", kind, net, guard);
	for (int i = 0; i < p->length; i++)
		printf("%s%u,", i % 16 ? " " : "\n\t", p->tag[i]);
	printf("\n};\n");
}

/* All programs of a kind, and the function that finds one. */
static void
print_kind(struct generator *g, const char *kind, const char *function,
	   void (*make)(struct generator *g, struct filter_choice choice))
{
	for (unsigned int net = 0; net < FILTER_NET_COUNT; net++) {
		for (unsigned int guard = 0; guard < 2; guard++) {
			make(g, (struct filter_choice){ (enum filter_net)net, guard });
			print_program(g, kind, net, guard);
		}
	}
	printf("\nconst struct filter_table *\n%s(struct filter_choice choice)\n{\n", function);
	printf("\tstatic const struct filter_table tables[FILTER_NET_COUNT][2] = {\n");
	for (unsigned int net = 0; net < FILTER_NET_COUNT; net++) {
		for (unsigned int guard = 0; guard < 2; guard++)
			printf("\t\t[%u][%u] = { %s_code_%u_%u, %s_tag_%u_%u,\n"
			       "\t\t\t     sizeof(%s_tag_%u_%u) },\n",
			       net, guard, kind, net, guard, kind, net, guard, kind, net, guard);
	}
	/* An unknown value gets the strictest program. */
	printf("\t};\n\tunsigned int net = choice.net;\n\n"
	       "\tif (net >= FILTER_NET_COUNT)\n\t\tnet = FILTER_NET_NONE;\n"
	       "\treturn &tables[net][choice.guard_truncate];\n}\n");
}

static struct generator *
generator_new(const char *architecture)
{
	struct generator *g = calloc(1, sizeof(*g));

	if (!g)
		die("out of memory", architecture);
	g->architecture = architecture;
	if (strcmp(architecture, "x86_64") == 0) {
		g->x86_64 = true;
		g->seccomp_arch = SCMP_ARCH_X86_64;
		g->audit_arch = AUDIT_ARCH_X86_64;
	} else if (strcmp(architecture, "aarch64") == 0) {
		g->seccomp_arch = SCMP_ARCH_AARCH64;
		g->audit_arch = AUDIT_ARCH_AARCH64;
	} else {
		die("architecture is neither x86_64 nor aarch64", architecture);
	}
	return g;
}

int
main(int argc, char **argv)
{
#ifdef __x86_64__
	const char *architecture = "x86_64";
#else
	const char *architecture = "aarch64";
#endif
	struct generator *g;

	if (argc > 2)
		die("usage", "gen_filter [x86_64|aarch64]");
	if (argc == 2)
		architecture = argv[1];
	g = generator_new(architecture);
	printf("/* The base filter for %s, made by tools/gen_filter.c. */\n", architecture);
	printf("#include \"base/hooks.h\"\n#include \"launch/launch.h\"\n\n");
	/* The tags below are numbers of base/hooks.h. */
	printf("_Static_assert(HOOK_FILTER_FIRST == %d && HOOK_COUNT == %d, \"made for other hooks\");\n",
	       HOOK_FILTER_FIRST, HOOK_COUNT);
	print_kind(g, architecture, "filter_table_find", generate);
	/* 32-bit programs of arm have tables that nobody wrote yet: there the key is refused. */
	if (g->x86_64)
		print_kind(g, "compat32", "filter_table_find_compat", generate_compat);
	free(g);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
