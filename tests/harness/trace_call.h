/*
 * One system call of a traced process, as text. Everything is read while the process stands at
 * the entry of the call: after an execve the arguments are gone with the old image.
 */
#ifndef TESTS_HARNESS_TRACE_CALL_H
#define TESTS_HARNESS_TRACE_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	TRACE_ARGUMENTS = 6,
	TRACE_TEXT_MAX = 2048,
	TRACE_STRING_MAX = 512,
};

struct trace_call {
	pid_t pid;
	uint64_t number;
	uint64_t argument[TRACE_ARGUMENTS];
};

/* The kernel's name of a call on this architecture, "syscall_N" when libseccomp does not know it.
 * `name` has room for 64 bytes. */
void trace_call_name(uint64_t number, char name[64]);

/*
 * "NAME KEY=VALUE ..." without a newline. Calls that build or limit the sandbox are decoded:
 * Landlock (attributes, objects, access bits), seccomp (length and hash of the program), prctl,
 * capset, close_range, keyctl, limits; of others the path, when there is one, else raw values.
 */
void trace_call_describe(const struct trace_call *c, char text[TRACE_TEXT_MAX]);

/* Bytes of the process, all or nothing: 0 or -errno. */
int trace_read_memory(pid_t pid, uint64_t address, void *to, size_t bytes);

/* A string of the process with bytes outside printable ASCII as \xNN; "?" when unreadable. */
void trace_read_string(pid_t pid, uint64_t address, char to[TRACE_STRING_MAX]);

/* What descriptor `fd` of the process is: its path (or "pipe:[1]") and "dir", "file", ... */
void trace_fd_name(pid_t pid, unsigned int fd, char to[TRACE_STRING_MAX], const char **kind);

#endif
