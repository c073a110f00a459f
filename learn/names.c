/*
 * The look-ups run in a process of their own: the C library has no way to stop one, and its plugins
 * stay out of ours.
 */
#include "learn/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"

enum { ANSWERS_BYTES_MAX = 4 << 20, LINE_MAX_BYTES = 512 };

static bool
wants_name(const struct endpoint *p)
{
	return !p->listening && !p->name;
}

static void
answer(int fd, const char *address, const char *name)
{
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof(line), "%s %s\n", address, name);

	if (n > 0 && (size_t)n < sizeof(line))
		(void)!fd_write_all(fd, line, (size_t)n);
}

static void
ask_forward(int fd, const char *name)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;

	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return;
	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		char address[ENDPOINT_TEXT_MAX];

		if (getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof(address), NULL, 0,
				NI_NUMERICHOST) == 0)
			answer(fd, address, name);
	}
	freeaddrinfo(list);
}

static void
ask_reverse(int fd, const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	char name[DNS_NAME_MAX];
	int r = EAI_NONAME;

	if (inet_pton(AF_INET, address, &in.sin_addr) == 1)
		r = getnameinfo((struct sockaddr *)&in, sizeof(in), name, sizeof(name), NULL, 0,
				NI_NAMEREQD);
	else if (inet_pton(AF_INET6, address, &in6.sin6_addr) == 1)
		r = getnameinfo((struct sockaddr *)&in6, sizeof(in6), name, sizeof(name), NULL, 0,
				NI_NAMEREQD);
	if (r == 0)
		answer(fd, address, name);
}

static _Noreturn void
look_up(const struct endpoints *e, int fd)
{
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(NAMES_SECONDS_MAX);
	for (size_t i = 0; i < e->asked_count; i++)
		ask_forward(fd, e->asked[i]);
	for (size_t i = 0; i < e->count; i++)
		if (wants_name(&e->item[i]))
			ask_reverse(fd, e->item[i].address);
	_exit(0);
}

/* The first answer for an address counts: forward ones come first. */
static int
take_answer(struct endpoints *e, const char *address, const char *name)
{
	for (size_t i = 0; i < e->count; i++) {
		struct endpoint *p = &e->item[i];

		if (!wants_name(p) || !str_equal(p->address, address))
			continue;
		p->name = mem_strdup(name);
		if (!p->name)
			return -ENOMEM;
	}
	return 0;
}

static bool
is_needed(const struct endpoints *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (wants_name(&e->item[i]))
			return true;
	return false;
}

int
names_look_up(struct endpoints *e)
{
	autobuf struct buf text = BUF_INIT;
	autofd int out = -1;
	int fds[2], r;
	pid_t pid;

	if (!is_needed(e) || pipe2(fds, O_CLOEXEC) == -1)
		return 0;
	out = fds[0];
	pid = fork();
	if (pid == 0)
		look_up(e, fds[1]);
	(void)close(fds[1]);
	if (pid == -1)
		return 0;
	r = buf_read_fd(&text, out, ANSWERS_BYTES_MAX);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	if (r == -ENOMEM)
		return r;
	r = 0;
	for (char *line = text.p, *end; line && r == 0 && (end = strchr(line, '\n'));
	     line = end + 1) {
		char *name = strchr(line, ' ');

		*end = '\0';
		if (!name)
			continue;
		*name++ = '\0';
		r = take_answer(e, line, name);
	}
	return r;
}
