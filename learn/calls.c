/*
 * The table of calls. Numbers are the kernel's ABI and never change; a unit test compares them
 * with libseccomp's. i386: connect and its like have numbers of their own since Linux 4.3, before
 * that socketcall carries them.
 */
#include "learn/calls.h"

#include <linux/audit.h>

#include "base/attr.h"

/* clang-format off */
const struct call calls_table[] = {
	/* name, { x86_64, aarch64, i386 }, act, dir, path, flags, path2, options */
	{ "open", { 2, -1, 5 }, ACT_OPEN, -1, 0, 1, -1, 0 },
	{ "openat", { 257, 56, 295 }, ACT_OPEN, 0, 1, 2, -1, 0 },
	{ "openat2", { 437, 437, 437 }, ACT_OPEN_HOW, 0, 1, 2, -1, 0 },
	{ "creat", { 85, -1, 8 }, ACT_CREATE, -1, 0, -1, -1, 0 },
	{ "execve", { 59, 221, 11 }, ACT_EXECUTE, -1, 0, -1, -1, 0 },
	{ "execveat", { 322, 281, 358 }, ACT_EXECUTE, 0, 1, 4, -1, CALL_AT_FLAGS },
	{ "access", { 21, -1, 33 }, ACT_LOOK, -1, 0, -1, -1, 0 },
	{ "faccessat", { 269, 48, 307 }, ACT_LOOK, 0, 1, -1, -1, 0 },
	{ "faccessat2", { 439, 439, 439 }, ACT_LOOK, 0, 1, 3, -1, CALL_AT_FLAGS },
	{ "stat", { 4, -1, 106 }, ACT_LOOK, -1, 0, -1, -1, 0 },
	{ "stat64", { -1, -1, 195 }, ACT_LOOK, -1, 0, -1, -1, 0 },
	{ "lstat", { 6, -1, 107 }, ACT_LOOK, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "lstat64", { -1, -1, 196 }, ACT_LOOK, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "newfstatat", { 262, 79, -1 }, ACT_LOOK, 0, 1, 3, -1, CALL_AT_FLAGS },
	{ "fstatat64", { -1, -1, 300 }, ACT_LOOK, 0, 1, 3, -1, CALL_AT_FLAGS },
	{ "statx", { 332, 291, 383 }, ACT_LOOK, 0, 1, 2, -1, CALL_AT_FLAGS },
	{ "statfs", { 137, 43, 99 }, ACT_LOOK, -1, 0, -1, -1, 0 },
	{ "statfs64", { -1, -1, 268 }, ACT_LOOK, -1, 0, -1, -1, 0 },
	{ "readlink", { 89, -1, 85 }, ACT_LOOK, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "readlinkat", { 267, 78, 305 }, ACT_LOOK, 0, 1, -1, -1, CALL_NO_FOLLOW },
	{ "getxattr", { 191, 8, 229 }, ACT_LOOK, -1, 0, -1, -1, 0 },
	{ "lgetxattr", { 192, 9, 230 }, ACT_LOOK, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "chdir", { 80, 49, 12 }, ACT_LOOK, -1, 0, -1, -1, 0 },
	{ "mkdir", { 83, -1, 39 }, ACT_MAKE, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "mkdirat", { 258, 34, 296 }, ACT_MAKE, 0, 1, -1, -1, CALL_NO_FOLLOW },
	{ "mknod", { 133, -1, 14 }, ACT_MAKE, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "mknodat", { 259, 33, 297 }, ACT_MAKE, 0, 1, -1, -1, CALL_NO_FOLLOW },
	{ "symlink", { 88, -1, 83 }, ACT_MAKE, -1, 1, -1, -1, CALL_NO_FOLLOW },
	{ "symlinkat", { 266, 36, 304 }, ACT_MAKE, 1, 2, -1, -1, CALL_NO_FOLLOW },
	{ "rename", { 82, -1, 38 }, ACT_RENAME, -1, 0, -1, 1, CALL_NO_FOLLOW },
	{ "renameat", { 264, 38, 302 }, ACT_RENAME, 0, 1, -1, 3, CALL_NO_FOLLOW | CALL_TWO_DIRS },
	{ "renameat2", { 316, 276, 353 }, ACT_RENAME, 0, 1, 4, 3, CALL_NO_FOLLOW | CALL_TWO_DIRS },
	{ "link", { 86, -1, 9 }, ACT_LINK, -1, 0, -1, 1, CALL_NO_FOLLOW },
	{ "linkat", { 265, 37, 303 }, ACT_LINK, 0, 1, 4, 3, CALL_NO_FOLLOW | CALL_TWO_DIRS },
	{ "unlink", { 87, -1, 10 }, ACT_REMOVE, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "unlinkat", { 263, 35, 301 }, ACT_REMOVE, 0, 1, -1, -1, CALL_NO_FOLLOW },
	{ "rmdir", { 84, -1, 40 }, ACT_REMOVE, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "truncate", { 76, 45, 92 }, ACT_CHANGE, -1, 0, -1, -1, 0 },
	{ "truncate64", { -1, -1, 193 }, ACT_CHANGE, -1, 0, -1, -1, 0 },
	{ "chmod", { 90, -1, 15 }, ACT_CHANGE, -1, 0, -1, -1, 0 },
	{ "fchmodat", { 268, 53, 306 }, ACT_CHANGE, 0, 1, -1, -1, 0 },
	{ "fchmodat2", { 452, 452, 452 }, ACT_CHANGE, 0, 1, 3, -1, CALL_AT_FLAGS },
	{ "chown", { 92, -1, 182 }, ACT_CHANGE, -1, 0, -1, -1, 0 },
	{ "chown32", { -1, -1, 212 }, ACT_CHANGE, -1, 0, -1, -1, 0 },
	{ "lchown", { 94, -1, 16 }, ACT_CHANGE, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "lchown32", { -1, -1, 198 }, ACT_CHANGE, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "fchownat", { 260, 54, 298 }, ACT_CHANGE, 0, 1, 4, -1, CALL_AT_FLAGS },
	{ "utime", { 132, -1, 30 }, ACT_CHANGE, -1, 0, -1, -1, 0 },
	{ "utimes", { 235, -1, 271 }, ACT_CHANGE, -1, 0, -1, -1, 0 },
	{ "futimesat", { 261, -1, 299 }, ACT_CHANGE, 0, 1, -1, -1, 0 },
	{ "utimensat", { 280, 88, 320 }, ACT_CHANGE, 0, 1, 3, -1, CALL_AT_FLAGS },
	{ "utimensat_time64", { -1, -1, 412 }, ACT_CHANGE, 0, 1, 3, -1, CALL_AT_FLAGS },
	{ "setxattr", { 188, 5, 226 }, ACT_CHANGE, -1, 0, -1, -1, 0 },
	{ "lsetxattr", { 189, 6, 227 }, ACT_CHANGE, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "removexattr", { 197, 14, 235 }, ACT_CHANGE, -1, 0, -1, -1, 0 },
	{ "lremovexattr", { 198, 15, 236 }, ACT_CHANGE, -1, 0, -1, -1, CALL_NO_FOLLOW },
	{ "connect", { 42, 203, 362 }, ACT_CONNECT, -1, -1, -1, -1, 0 },
	{ "bind", { 49, 200, 361 }, ACT_BIND, -1, -1, -1, -1, 0 },
	{ "sendto", { 44, 206, 369 }, ACT_SEND, -1, -1, -1, -1, 0 },
	{ "sendmsg", { 46, 211, 370 }, ACT_SEND_MESSAGE, -1, -1, -1, -1, 0 },
	{ "sendmmsg", { 307, 269, 345 }, ACT_SEND_MESSAGES, -1, -1, -1, -1, 0 },
	{ "socketcall", { -1, -1, 102 }, ACT_SOCKET, -1, -1, -1, -1, 0 },
	{ "mount", { 165, 40, 21 }, ACT_LEAVE_ROOT, -1, -1, -1, -1, 0 },
	{ "move_mount", { 429, 429, 429 }, ACT_LEAVE_ROOT, -1, -1, -1, -1, 0 },
	{ "chroot", { 161, 51, 61 }, ACT_LEAVE_ROOT, -1, -1, -1, -1, 0 },
	{ "pivot_root", { 155, 41, 217 }, ACT_LEAVE_ROOT, -1, -1, -1, -1, 0 },
	{ "io_uring_setup", { 425, 425, 425 }, ACT_URING, -1, -1, -1, -1, 0 },
};
/* clang-format on */

const size_t calls_count = ARRAY_LEN(calls_table);

enum call_arch
call_arch_of(uint32_t audit_arch)
{
	switch (audit_arch) {
	case AUDIT_ARCH_X86_64:
		return CALL_X86_64;
	case AUDIT_ARCH_AARCH64:
		return CALL_AARCH64;
	case AUDIT_ARCH_I386:
		return CALL_I386;
	default:
		return CALL_UNKNOWN;
	}
}

enum call_arch
call_arch_native(void)
{
#if defined(__x86_64__)
	return CALL_X86_64;
#else
	return CALL_AARCH64;
#endif
}

const struct call *
call_find(enum call_arch arch, uint64_t number)
{
	if (arch >= CALL_ARCHES || number >= CALL_NUMBER_MAX)
		return NULL;
	for (size_t i = 0; i < calls_count; i++)
		if (calls_table[i].number[arch] == (int16_t)number)
			return &calls_table[i];
	return NULL;
}

unsigned int
call_of_socketcall(uint64_t number)
{
	/* linux/net.h, SYS_* */
	switch (number) {
	case 2:
		return ACT_BIND;
	case 3:
		return ACT_CONNECT;
	case 9: /* send: sendto without an address */
	case 11:
		return ACT_SEND;
	case 16:
		return ACT_SEND_MESSAGE;
	case 20:
		return ACT_SEND_MESSAGES;
	default:
		return 0;
	}
}
