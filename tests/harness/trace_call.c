/* Decoding of system calls. Owns no process and stops none; reads memory and /proc only. */
#include "tests/harness/trace_call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/harness/trace_names.h"

enum { FILTER_MAX = 4096 }; /* BPF_MAXINSNS */

struct text {
	char *at;
	size_t used;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
add(struct text *t, const char *format, ...)
{
	size_t room = TRACE_TEXT_MAX - t->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at + t->used, room, format, args);
	va_end(args);
	if (n > 0)
		t->used += (size_t)n < room ? (size_t)n : room - 1;
}

int
trace_read_memory(pid_t pid, uint64_t address, void *to, size_t bytes)
{
	struct iovec local = { .iov_base = to, .iov_len = bytes };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)address, .iov_len = bytes };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	if (n == -1)
		return -errno;
	return (size_t)n == bytes ? 0 : -EFAULT;
}

/* A short string may end right before an unmapped page: never read across one. */
static size_t
read_up_to_page(pid_t pid, uint64_t address, char *to, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		size_t n = 4096 - (size_t)((address + done) & 4095);

		if (n > bytes - done)
			n = bytes - done;
		if (trace_read_memory(pid, address + done, to + done, n) < 0)
			break;
		if (memchr(to + done, '\0', n))
			return done + n;
		done += n;
	}
	return done;
}

static void
escape(const char *from, size_t bytes, char to[TRACE_STRING_MAX])
{
	size_t used = 0;

	for (size_t i = 0; i < bytes && from[i] && used + 5 < TRACE_STRING_MAX; i++) {
		unsigned char c = (unsigned char)from[i];

		if (c > ' ' && c < 0x7f && c != '\\')
			to[used++] = (char)c;
		else
			used += (size_t)snprintf(to + used, 5, "\\x%02x", c);
	}
	to[used] = '\0';
}

void
trace_read_string(pid_t pid, uint64_t address, char to[TRACE_STRING_MAX])
{
	char raw[TRACE_STRING_MAX];
	size_t n = address ? read_up_to_page(pid, address, raw, sizeof(raw)) : 0;

	if (n == 0)
		(void)snprintf(to, TRACE_STRING_MAX, "%s", address ? "?" : "NULL");
	else
		escape(raw, n, to);
}

static const char *
kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "dir";
	case S_IFREG:
		return "file";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "other";
	}
}

void
trace_fd_name(pid_t pid, unsigned int fd, char to[TRACE_STRING_MAX], const char **kind)
{
	char link[64], raw[TRACE_STRING_MAX];
	struct stat st;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/%d/fd/%u", (int)pid, fd);
	n = readlink(link, raw, sizeof(raw));
	if (n == -1) {
		(void)snprintf(to, TRACE_STRING_MAX, "?");
		*kind = "closed";
		return;
	}
	escape(raw, (size_t)n, to);
	*kind = stat(link, &st) == -1 ? "other" : kind_of(st.st_mode);
}

void
trace_call_name(uint64_t number, char name[64])
{
	char *known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);

	if (known)
		(void)snprintf(name, 64, "%s", known);
	else
		(void)snprintf(name, 64, "syscall_%llu", (unsigned long long)number);
	free(known);
}

static void
add_fd(struct text *t, pid_t pid, const char *key, uint64_t fd)
{
	char name[TRACE_STRING_MAX];
	const char *kind;

	trace_fd_name(pid, (unsigned int)fd, name, &kind);
	add(t, " %s=%s kind=%s", key, name, kind);
}

static void
add_bits(struct text *t, const char *key, uint64_t bits, const char *const *names, size_t count)
{
	bool first = true;

	add(t, " %s=", key);
	for (unsigned int i = 0; i < 64; i++) {
		if (!(bits >> i & 1))
			continue;
		add(t, "%s", first ? "" : ",");
		first = false;
		if (i < count && names[i])
			add(t, "%s", names[i]);
		else
			add(t, "bit%u", i);
	}
	if (first)
		add(t, "-");
}

static void
describe_create_ruleset(struct text *t, const struct trace_call *c)
{
	/* struct landlock_ruleset_attr of ABI 6; older callers pass a smaller size */
	uint64_t attr[3] = { 0 };
	size_t bytes = c->argument[1] < sizeof(attr) ? (size_t)c->argument[1] : sizeof(attr);

	if (c->argument[0] == 0) {
		add(t, " query=%s",
		    c->argument[2] == 1	  ? "version"
		    : c->argument[2] == 2 ? "errata"
					  : "?");
		return;
	}
	if (trace_read_memory(c->pid, c->argument[0], attr, bytes) < 0) {
		add(t, " attr=?");
		return;
	}
	add_bits(t, "fs", attr[0], trace_landlock_fs, TRACE_LANDLOCK_FS_COUNT);
	add_bits(t, "net", attr[1], trace_landlock_net, TRACE_LANDLOCK_NET_COUNT);
	add_bits(t, "scoped", attr[2], trace_landlock_scope, TRACE_LANDLOCK_SCOPE_COUNT);
	add(t, " flags=0x%llx", (unsigned long long)c->argument[2]);
}

static void
describe_add_rule(struct text *t, const struct trace_call *c)
{
	struct {
		uint64_t access;
		int32_t parent;
	} __attribute__((packed)) beneath = { 0, -1 };
	uint64_t port[2] = { 0 };

	if (c->argument[1] == 1 &&
	    trace_read_memory(c->pid, c->argument[2], &beneath, sizeof(beneath)) == 0) {
		add_fd(t, c->pid, "path", (uint64_t)beneath.parent);
		add_bits(t, "access", beneath.access, trace_landlock_fs, TRACE_LANDLOCK_FS_COUNT);
	} else if (c->argument[1] == 2 &&
		   trace_read_memory(c->pid, c->argument[2], port, sizeof(port)) == 0) {
		add(t, " port=%llu", (unsigned long long)port[1]);
		add_bits(t, "access", port[0], trace_landlock_net, TRACE_LANDLOCK_NET_COUNT);
	} else {
		add(t, " type=%llu attr=?", (unsigned long long)c->argument[1]);
	}
	add(t, " flags=0x%llx", (unsigned long long)c->argument[3]);
}

static void
describe_seccomp(struct text *t, const struct trace_call *c)
{
	struct sock_filter code[FILTER_MAX];
	struct sock_fprog program;
	size_t bytes;

	if (c->argument[0] != SECCOMP_SET_MODE_FILTER) {
		add(t, " operation=%llu", (unsigned long long)c->argument[0]);
		return;
	}
	add(t, " operation=set-mode-filter flags=0x%llx", (unsigned long long)c->argument[1]);
	if (trace_read_memory(c->pid, c->argument[2], &program, sizeof(program)) < 0 ||
	    program.len > FILTER_MAX) {
		add(t, " program=?");
		return;
	}
	bytes = program.len * sizeof(code[0]);
	if (trace_read_memory(c->pid, (uintptr_t)program.filter, code, bytes) < 0)
		add(t, " program=?");
	else
		add(t, " length=%u hash=%016llx", program.len,
		    (unsigned long long)trace_hash(code, bytes));
}

static void
describe_prctl(struct text *t, const struct trace_call *c)
{
	const char *name = trace_prctl_name(c->argument[0]);

	if (name)
		add(t, " %s", name);
	else
		add(t, " %llu", (unsigned long long)c->argument[0]);
	add(t, " 0x%llx 0x%llx", (unsigned long long)c->argument[1],
	    (unsigned long long)c->argument[2]);
}

static void
describe_capset(struct text *t, const struct trace_call *c)
{
	uint32_t data[6] = { 0 }; /* twice effective, permitted, inheritable */

	if (c->argument[1] == 0 ||
	    trace_read_memory(c->pid, c->argument[1], data, sizeof(data)) < 0) {
		add(t, " data=?");
		return;
	}
	add(t, " effective=%08x%08x permitted=%08x%08x inheritable=%08x%08x", data[3], data[0],
	    data[4], data[1], data[5], data[2]);
}

static void
describe_limit(struct text *t, const struct trace_call *c, uint64_t resource, uint64_t address)
{
	uint64_t limit[2];

	add(t, " resource=%s", trace_limit_name(resource));
	if (address == 0)
		add(t, " new=-");
	else if (trace_read_memory(c->pid, address, limit, sizeof(limit)) < 0)
		add(t, " new=?");
	else
		add(t, " new=%lld,%lld", (long long)limit[0], (long long)limit[1]);
}

static void
describe_exec(struct text *t, const struct trace_call *c, unsigned int path, unsigned int vector)
{
	char s[TRACE_STRING_MAX];
	uint64_t word;

	trace_read_string(c->pid, c->argument[path], s);
	add(t, " path=%s", s);
	for (unsigned int i = 0; i < 8; i++) {
		if (trace_read_memory(c->pid, c->argument[vector] + i * sizeof(word), &word,
				      sizeof(word)) < 0 ||
		    word == 0)
			break;
		trace_read_string(c->pid, word, s);
		add(t, " argv%u=%.80s", i, s);
	}
}

static void
describe_raw(struct text *t, const struct trace_call *c, const char *name)
{
	int path = trace_path_argument(name);

	for (int i = 0; i < TRACE_ARGUMENTS; i++) {
		char s[TRACE_STRING_MAX];

		if (i == path) {
			trace_read_string(c->pid, c->argument[i], s);
			add(t, " path=%s", s);
		} else {
			add(t, " 0x%llx", (unsigned long long)c->argument[i]);
		}
	}
}

void
trace_call_describe(const struct trace_call *c, char text[TRACE_TEXT_MAX])
{
	struct text t = { text, 0 };
	char name[64];

	trace_call_name(c->number, name);
	add(&t, "%s", name);
	if (strcmp(name, "landlock_create_ruleset") == 0)
		describe_create_ruleset(&t, c);
	else if (strcmp(name, "landlock_add_rule") == 0)
		describe_add_rule(&t, c);
	else if (strcmp(name, "landlock_restrict_self") == 0)
		add(&t, " flags=0x%llx", (unsigned long long)c->argument[1]);
	else if (strcmp(name, "seccomp") == 0)
		describe_seccomp(&t, c);
	else if (strcmp(name, "prctl") == 0)
		describe_prctl(&t, c);
	else if (strcmp(name, "capset") == 0)
		describe_capset(&t, c);
	else if (strcmp(name, "close_range") == 0)
		add(&t, " first=%u last=%u flags=0x%llx", (unsigned int)c->argument[0],
		    (unsigned int)c->argument[1], (unsigned long long)c->argument[2]);
	else if (strcmp(name, "keyctl") == 0)
		add(&t, " operation=%s", trace_keyctl_name(c->argument[0]));
	else if (strcmp(name, "setrlimit") == 0)
		describe_limit(&t, c, c->argument[0], c->argument[1]);
	else if (strcmp(name, "prlimit64") == 0)
		describe_limit(&t, c, c->argument[1], c->argument[2]);
	else if (strcmp(name, "execve") == 0)
		describe_exec(&t, c, 0, 1);
	else if (strcmp(name, "execveat") == 0)
		describe_exec(&t, c, 1, 2);
	else
		describe_raw(&t, c, name);
}
