/*
 * What the attacks attack. Runs outside of any sandbox, as the same user.
 *
 *   outside serve DIRECTORY PIPE   be the victim: a process with a secret in memory, environment
 *                                  and descriptors, with listening sockets, a second terminal
 *                                  and a key; writes DIRECTORY/env (NAME=VALUE lines), logs the
 *                                  signals it gets to ESC_VICTIM_LOG, ends when PIPE does
 *   outside fds COMMAND...         run a command with descriptors 7 to 11 left open
 *   outside key COMMAND...         run a command with a key in its session keyring
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/harness/patience.h"

enum { KEY_USER_ALL = 0x3f3f0000, KEY_SECONDS = 900 };

static char secret[64] = "outside-secret";
static int log_fd = -1;

static void
die(const char *what)
{
	fprintf(stderr, "outside: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
check(const char *what, int ret)
{
	if (ret == -1)
		die(what);
	return ret;
}

static void
on_signal(int number)
{
	char line[] = "signal 00\n";

	line[7] = (char)('0' + number / 10);
	line[8] = (char)('0' + number % 10);
	(void)!write(log_fd, line, sizeof(line) - 1);
}

static void
place(int from, int at)
{
	check("dup2", dup2(from, at));
	if (from != at)
		(void)close(from);
}

static int
listen_inet(int type, in_port_t *ret_port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t bytes = sizeof(sa);
	int fd = check("socket", socket(AF_INET, type | SOCK_CLOEXEC, 0));

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check("bind", bind(fd, (struct sockaddr *)&sa, sizeof(sa)));
	if (type == SOCK_STREAM)
		check("listen", listen(fd, 64));
	check("getsockname", getsockname(fd, (struct sockaddr *)&sa, &bytes));
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

static int
listen_unix(int type, const char *name, bool abstract)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = check("socket", socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
	socklen_t bytes = sizeof(sa);

	(void)snprintf(sa.sun_path + abstract, sizeof(sa.sun_path) - 1, "%s", name);
	if (abstract)
		bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	check("bind", bind(fd, (struct sockaddr *)&sa, bytes));
	if (type == SOCK_STREAM)
		check("listen", listen(fd, 64));
	return fd;
}

static void
drain(int fd, bool accepts)
{
	char bytes[256];
	int client;

	if (!accepts) {
		(void)recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		return;
	}
	client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (client != -1)
		(void)close(client);
}

static long
make_user_key(void)
{
	long key = syscall(SYS_add_key, "user", "nono-escape-user", secret, strlen(secret),
			   KEY_SPEC_USER_KEYRING);

	if (key == -1)
		return 1; /* no keys on this kernel: the control will say so */
	(void)syscall(SYS_keyctl, KEYCTL_SETPERM, key, KEY_USER_ALL);
	(void)syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, key, KEY_SECONDS * patience());
	return key;
}

static void
catch_signals(const char *log)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	log_fd = check(log, open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
	check("sigaction", sigaction(SIGUSR1, &sa, NULL));
	check("sigaction", sigaction(SIGIO, &sa, NULL));
	check("sigaction", sigaction(SIGURG, &sa, NULL));
}

static int
serve(const char *directory, const char *pipe_path)
{
	char path[4096], name[64], slave_name[64];
	struct stat st;
	in_port_t tcp_port, udp_port;
	int master, slave, alive;
	struct pollfd fds[6];
	FILE *env;

	check("setsid", setsid());
	check(directory, chdir(directory));
	check("openpty", openpty(&master, &slave, slave_name, NULL, NULL));
	master = check("fcntl", fcntl(master, F_DUPFD_CLOEXEC, 20));
	slave = check("fcntl", fcntl(slave, F_DUPFD, 20));
	check("dup2", dup2(slave, 3));
	place(check("secret", open("out/secret", O_RDONLY)), 4);
	alive = check(pipe_path, open(pipe_path, O_RDONLY | O_CLOEXEC));
	(void)snprintf(path, sizeof(path), "%s/project/victim.log", directory);
	catch_signals(path);

	fds[0] = (struct pollfd){ .fd = alive, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = listen_inet(SOCK_STREAM, &tcp_port), .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = listen_inet(SOCK_DGRAM, &udp_port), .events = POLLIN };
	(void)snprintf(name, sizeof(name), "nono-escape-%d", getpid());
	fds[3] = (struct pollfd){ .fd = listen_unix(SOCK_STREAM, name, true), .events = POLLIN };
	fds[4] = (struct pollfd){ .fd = listen_unix(SOCK_DGRAM, "out/dgram", false),
				  .events = POLLIN };
	fds[5] = (struct pollfd){ .fd = master, .events = POLLIN };

	check("chdir", chdir("out"));
	env = fopen("../env.new", "we");
	if (!env)
		die("env");
	fprintf(env, "ESC_VICTIM=%d\nESC_VICTIM_ADDRESS=0x%lx\nESC_VICTIM_LOG=%s\n", getpid(),
		(unsigned long)(uintptr_t)secret, path);
	fprintf(env, "ESC_TCP=%u\nESC_UDP=%u\nESC_ABSTRACT=%s\n", (unsigned int)tcp_port,
		(unsigned int)udp_port, name);
	check("fstat", fstat(slave, &st));
	fprintf(env, "ESC_PTS_DEVICE=%lu\n", (unsigned long)st.st_dev);
	fprintf(env, "ESC_DGRAM=%s/out/dgram\nESC_PTS=%s\nESC_USER_KEY=%ld\n", directory,
		slave_name, make_user_key());
	if (fclose(env) != 0 || rename("../env.new", "../env") == -1)
		die("env");

	for (;;) {
		if (poll(fds, 6, -1) == -1)
			continue;
		if (fds[0].revents)
			return 0;
		for (size_t i = 1; i <= 4; i++)
			if (fds[i].revents)
				drain(fds[i].fd, i == 1 || i == 3);
		if (fds[5].revents)
			(void)!read(master, path, sizeof(path));
	}
}

static void
leave_descriptors(void)
{
	const char *out = getenv("ESC_OUT");
	const char *file = getenv("ESC_SECRET");
	struct io_uring_params p = { 0 };
	int pair[2], fd;

	if (!out || !file) {
		fprintf(stderr, "outside: ESC_OUT and ESC_SECRET are not set\n");
		exit(1);
	}
	/* Work above the numbers that are handed on. */
	fd = check(file, open(file, O_RDWR));
	place(fcntl(fd, F_DUPFD, 20), 7);
	place(fcntl(check(out, open(out, O_RDONLY | O_DIRECTORY)), F_DUPFD, 20), 8);
	check("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	place(fcntl(pair[0], F_DUPFD, 20), 9);
	fd = check("memfd_create", memfd_create("outside", 0));
	check("write", (int)write(fd, secret, strlen(secret)));
	place(fcntl(fd, F_DUPFD, 20), 10);
	fd = (int)syscall(SYS_io_uring_setup, 1, &p);
	place(fcntl(fd == -1 ? 7 : fd, F_DUPFD, 20), 11);
	check("fcntl", fcntl(11, F_SETFD, 0));
}

static void
make_session_key(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) == -1)
		die("keyctl");
	if (syscall(SYS_add_key, "user", "nono-escape", secret, strlen(secret),
		    KEY_SPEC_SESSION_KEYRING) == -1)
		die("add_key");
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2], argv[3]);
	if (argc >= 3 && strcmp(argv[1], "fds") == 0)
		leave_descriptors();
	else if (argc >= 3 && strcmp(argv[1], "key") == 0)
		make_session_key();
	else
		return 2;
	(void)execvp(argv[2], &argv[2]);
	die(argv[2]);
}
