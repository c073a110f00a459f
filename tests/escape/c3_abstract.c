/* C3: abstract sockets have no path that a file rule could cover. ESC_ABSTRACT is an outsider's. */
#include "tests/escape/attack.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static socklen_t
abstract(struct sockaddr_un *sa, const char *name)
{
	sa->sun_family = AF_UNIX;
	(void)snprintf(sa->sun_path + 1, sizeof(sa->sun_path) - 1, "%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

static int
connect_to(const char *name)
{
	struct sockaddr_un sa = { 0 };
	socklen_t bytes = abstract(&sa, name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret;

	if (fd == -1)
		return -1;
	ret = connect(fd, (struct sockaddr *)&sa, bytes);
	if (ret == -1) {
		int saved = errno;

		(void)close(fd);
		errno = saved;
		return -1;
	}
	(void)close(fd);
	return 0;
}

int
main(void)
{
	char own[64];
	int pair[2];
	struct sockaddr_un sa = { 0 };
	socklen_t bytes;
	int fd;

	attack_result("connect", connect_to(attack_env("ESC_ABSTRACT")));

	attack_twin("stream-pair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	/* With the network blocked there are no named sockets at all. */
	if (strcmp(attack_env("ESC_SCENE"), "block") == 0)
		return 0;
	(void)snprintf(own, sizeof(own), "nono-escape-own-%d", getpid());
	bytes = abstract(&sa, own);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	attack_twin("own-abstract", fd != -1 && bind(fd, (struct sockaddr *)&sa, bytes) == 0 &&
					    listen(fd, 1) == 0 && connect_to(own) == 0);
	return 0;
}
