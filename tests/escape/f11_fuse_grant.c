/*
 * F-11: f11_fuse_grant NONO MODE: a grant on a file system whose server can change what a path
 * means. Landlock cannot see that; nono must warn. This program is the server of a FUSE mount in
 * namespaces of its own (no root needed) and looks for the warning.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_BYTES = FUSE_MIN_READ_BUFFER + 65536 };

static void
reply(int dev, uint64_t unique, int error, const void *body, size_t bytes)
{
	char message[sizeof(struct fuse_out_header) + 256];
	struct fuse_out_header h = {
		.len = (uint32_t)(sizeof(h) + bytes),
		.error = error,
		.unique = unique,
	};

	memcpy(message, &h, sizeof(h));
	if (bytes > 0)
		memcpy(message + sizeof(h), body, bytes);
	(void)!write(dev, message, sizeof(h) + bytes);
}

/* One empty directory. */
static void
answer(int dev, const struct fuse_in_header *in)
{
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
	};
	struct fuse_attr_out attr = { .attr_valid = 60 };
	struct fuse_statfs_out statfs_out = { .st = { .bsize = 4096, .namelen = 255 } };
	struct fuse_open_out opened = { 0 };

	switch (in->opcode) {
	case FUSE_INIT:
		reply(dev, in->unique, 0, &init, sizeof(init));
		break;
	case FUSE_GETATTR:
		attr.attr = (struct fuse_attr){ .ino = 1,
						.mode = S_IFDIR | 0755,
						.nlink = 2,
						.uid = getuid(),
						.gid = getgid() };
		reply(dev, in->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_STATFS:
		reply(dev, in->unique, 0, &statfs_out, sizeof(statfs_out));
		break;
	case FUSE_OPENDIR:
		reply(dev, in->unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_READDIR:
	case FUSE_RELEASEDIR:
		reply(dev, in->unique, 0, NULL, 0);
		break;
	case FUSE_LOOKUP:
		reply(dev, in->unique, -ENOENT, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply(dev, in->unique, -ENOSYS, NULL, 0);
	}
}

static pid_t
start_server(int dev)
{
	static union {
		struct fuse_in_header in;
		char bytes[REQUEST_BYTES];
	} request;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (;;) {
		ssize_t n = read(dev, &request, sizeof(request));

		if (n >= (ssize_t)sizeof(request.in))
			answer(dev, &request.in);
		else if (n == -1 && errno != EINTR && errno != ENOENT)
			_exit(0);
	}
}

/* Run nono on this directory; true when its stderr has both words. */
static bool
warns(const char *nono, const char *mode, const char *directory, const char *word)
{
	char text[65536];
	size_t n = 0;
	ssize_t got;
	int err[2];
	pid_t pid;

	if (pipe2(err, O_CLOEXEC) == -1)
		exit(3);
	pid = fork();
	if (pid == 0) {
		(void)dup2(err[1], 2);
		(void)execl(nono, nono, mode, "--read", directory, "--", "/bin/true", (char *)NULL);
		_exit(3);
	}
	(void)close(err[1]);
	while (n < sizeof(text) - 1 && (got = read(err[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = 0;
	(void)close(err[0]);
	(void)waitpid(pid, NULL, 0);
	fprintf(stderr, "%s", text);
	return strcasestr(text, "warning") && strstr(text, word);
}

int
main(int argc, char **argv)
{
	char options[128];
	const char *mount_point = attack_work_path("fuse");
	pid_t server;
	int dev;

	if (argc != 3)
		return 2;
	(void)mkdir(mount_point, 0755);
	if (!attack_own_mounts()) {
		attack_skip("fuse", "no user namespace to mount in");
		return 0;
	}
	dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (dev == -1) {
		attack_skip("fuse", "no /dev/fuse");
		return 0;
	}
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%u,group_id=%u", dev,
		       getuid(), getgid());
	if (mount("fuse", mount_point, "fuse", MS_NOSUID | MS_NODEV, options) == -1) {
		attack_skip("fuse", "FUSE cannot be mounted here");
		return 0;
	}
	server = start_server(dev);
	attack_effect("fuse", !warns(argv[1], argv[2], mount_point, "FUSE"), "warned");
	errno = 0;
	attack_twin("ordinary-no-warning",
		    !warns(argv[1], argv[2], attack_env("ESC_READ_ONLY_DIR"), "FUSE"));
	(void)umount2(mount_point, MNT_DETACH);
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	return 0;
}
