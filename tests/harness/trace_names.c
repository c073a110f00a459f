/* Names for numbers in a trace; pure data. */
#include "tests/harness/trace_names.h"

#include <string.h>

const char *const trace_landlock_fs[TRACE_LANDLOCK_FS_COUNT] = {
	"execute",   "write_file", "read_file", "read_dir",  "remove_dir", "remove_file",
	"make_char", "make_dir",   "make_reg",	"make_sock", "make_fifo",  "make_block",
	"make_sym",  "refer",	   "truncate",	"ioctl_dev",
};

const char *const trace_landlock_net[TRACE_LANDLOCK_NET_COUNT] = { "bind_tcp", "connect_tcp" };

const char *const trace_landlock_scope[TRACE_LANDLOCK_SCOPE_COUNT] = { "abstract_unix_socket",
								       "signal" };

struct number_name {
	uint64_t number;
	const char *name;
};

/* prctl(2) */
static const struct number_name prctl_options[] = {
	{ 1, "set-pdeathsig" },	    { 2, "get-pdeathsig" },	{ 3, "get-dumpable" },
	{ 4, "set-dumpable" },	    { 8, "set-keepcaps" },	{ 15, "set-name" },
	{ 21, "get-seccomp" },	    { 22, "set-seccomp" },	{ 23, "capbset-read" },
	{ 24, "capbset-drop" },	    { 28, "set-securebits" },	{ 36, "set-child-subreaper" },
	{ 38, "set-no-new-privs" }, { 39, "get-no-new-privs" }, { 47, "cap-ambient" },
};

/* setrlimit(2), asm-generic numbers, which x86_64 and aarch64 share */
static const struct number_name limits[] = {
	{ 0, "cpu" },	    { 1, "fsize" }, { 2, "data" },    { 3, "stack" },
	{ 4, "core" },	    { 5, "rss" },   { 6, "nproc" },   { 7, "nofile" },
	{ 8, "memlock" },   { 9, "as" },    { 10, "locks" },  { 11, "sigpending" },
	{ 12, "msgqueue" }, { 13, "nice" }, { 14, "rtprio" }, { 15, "rttime" },
};

/* keyctl(2) */
static const struct number_name keyctl_operations[] = {
	{ 0, "get-keyring-id" },
	{ 1, "join-session-keyring" },
	{ 8, "link" },
	{ 18, "session-to-parent" },
};

struct path_call {
	const char *name;
	int argument;
};

static const struct path_call path_calls[] = {
	{ "access", 0 },     { "chdir", 0 },  { "faccessat", 1 }, { "faccessat2", 1 },
	{ "lstat", 0 },	     { "mkdir", 0 },  { "mkdirat", 1 },	  { "newfstatat", 1 },
	{ "open", 0 },	     { "openat", 1 }, { "openat2", 1 },	  { "readlink", 0 },
	{ "readlinkat", 1 }, { "rmdir", 0 },  { "stat", 0 },	  { "statfs", 0 },
	{ "statx", 1 },	     { "unlink", 0 }, { "unlinkat", 1 },
};

static const char *
find(const struct number_name *table, size_t count, uint64_t number)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].number == number)
			return table[i].name;
	return NULL;
}

const char *
trace_prctl_name(uint64_t option)
{
	return find(prctl_options, sizeof(prctl_options) / sizeof(prctl_options[0]), option);
}

const char *
trace_limit_name(uint64_t resource)
{
	const char *name = find(limits, sizeof(limits) / sizeof(limits[0]), resource);

	return name ? name : "?";
}

const char *
trace_keyctl_name(uint64_t operation)
{
	const char *name = find(keyctl_operations,
				sizeof(keyctl_operations) / sizeof(keyctl_operations[0]),
				operation);

	return name ? name : "?";
}

int
trace_path_argument(const char *call)
{
	for (size_t i = 0; i < sizeof(path_calls) / sizeof(path_calls[0]); i++)
		if (strcmp(path_calls[i].name, call) == 0)
			return path_calls[i].argument;
	return -1;
}

uint64_t
trace_hash(const void *data, size_t bytes)
{
	const unsigned char *p = data;
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < bytes; i++) {
		hash ^= p[i];
		hash *= 0x100000001b3;
	}
	return hash;
}
