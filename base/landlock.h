/*
 * Landlock as of ABI 7 (Linux 6.15). Debian 12's <linux/landlock.h> stops at ABI 2, so the numbers
 * stand here. Source: landlock(7), Documentation/userspace-api/landlock.rst.
 */
#ifndef BASE_LANDLOCK_H
#define BASE_LANDLOCK_H

#include <stdint.h>

enum {
	LANDLOCK_FS_EXECUTE = 1 << 0,
	LANDLOCK_FS_WRITE_FILE = 1 << 1,
	LANDLOCK_FS_READ_FILE = 1 << 2,
	LANDLOCK_FS_READ_DIR = 1 << 3,
	LANDLOCK_FS_REMOVE_DIR = 1 << 4,
	LANDLOCK_FS_REMOVE_FILE = 1 << 5,
	LANDLOCK_FS_MAKE_CHAR = 1 << 6,
	LANDLOCK_FS_MAKE_DIR = 1 << 7,
	LANDLOCK_FS_MAKE_REG = 1 << 8,
	LANDLOCK_FS_MAKE_SOCK = 1 << 9,
	LANDLOCK_FS_MAKE_FIFO = 1 << 10,
	LANDLOCK_FS_MAKE_BLOCK = 1 << 11,
	LANDLOCK_FS_MAKE_SYM = 1 << 12,
	LANDLOCK_FS_REFER = 1 << 13,	 /* ABI 2, Linux 5.19 */
	LANDLOCK_FS_TRUNCATE = 1 << 14,	 /* ABI 3, Linux 6.2 */
	LANDLOCK_FS_IOCTL_DEV = 1 << 15, /* ABI 5, Linux 6.10 */
};

enum {
	LANDLOCK_NET_BIND_TCP = 1 << 0, /* ABI 4, Linux 6.7 */
	LANDLOCK_NET_CONNECT_TCP = 1 << 1,
};

enum {
	LANDLOCK_SCOPE_ABSTRACT = 1 << 0, /* ABI 6, Linux 6.12 */
	LANDLOCK_SCOPE_SIGNALS = 1 << 1,
};

enum {
	LANDLOCK_CREATE_VERSION = 1 << 0,
	LANDLOCK_RULE_PATH = 1,
	LANDLOCK_RULE_PORT = 2,
};

/* The kernel takes shorter structs of older ABIs: 8 bytes to ABI 3, 16 to 5, 24 from 6. */
struct landlock_attr {
	uint64_t handled_fs;
	uint64_t handled_net;
	uint64_t scoped;
};

struct landlock_path_rule {
	uint64_t access;
	int32_t parent_fd;
} __attribute__((packed));

struct landlock_port_rule {
	uint64_t access;
	uint64_t port;
};

#endif
