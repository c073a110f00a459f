/*
 * The question about the working directory. It is asked on the terminal itself, so that neither
 * a pipe nor type-ahead can answer it, and only by the foreground process group.
 */
#include "cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "plan/format.h"

enum { ANSWER_MAX = 64 };

int
prompt_read_line(int fd, char *line, size_t size)
{
	size_t n = 0;

	for (;;) {
		char c;
		ssize_t r = read(fd, &c, 1);

		if (r == -1 && errno == EINTR)
			continue;
		if (r != 1)
			return -EIO;
		if (c == '\n')
			break;
		if (n < size - 1)
			line[n++] = c;
	}
	line[n] = '\0';
	return (int)n;
}

bool
prompt_read_yes(int fd)
{
	char answer[ANSWER_MAX];

	return prompt_read_line(fd, answer, sizeof(answer)) >= 0 &&
	       (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0);
}

bool
prompt_ask_yes(struct out *o, int tty, int limit_ms)
{
	struct pollfd ready = { .fd = tty, .events = POLLIN };
	int r;

	if (out_flush(o) < 0)
		return false;
	/* A terminal is ready when it has a whole line. */
	do
		r = limit_ms < 0 ? 1 : poll(&ready, 1, limit_ms);
	while (r == -1 && errno == EINTR);
	if (r == 0) {
		out_putf(o, "\n  No answer within %d s: taken as no.\n", limit_ms / 1000);
		(void)out_flush(o);
	}
	return r == 1 && prompt_read_yes(tty);
}

bool
prompt_share_directory(void *context, const char *directory, unsigned int access)
{
	static const char *const mode[] = { "", "read", "write", "read+write" };
	const struct prompt *p = context;
	struct out *o = p->out;
	autofd int tty = -1;

	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty == -1 || isatty(STDERR_FILENO) != 1 || tcgetpgrp(tty) != getpgrp()) {
		out_puts(o, "  Skipping CWD prompt (no terminal to ask on). Use --allow-cwd to "
			    "grant the working directory.\n");
		(void)out_flush(o);
		return false;
	}
	/* What was typed before the question cannot be meant as its answer. */
	(void)tcflush(tty, TCIFLUSH);
	out_puts(o, "  Share ");
	out_text(o, directory);
	out_putf(o, " with %s access? [y/N] ", mode[access & 3]);
	return prompt_ask_yes(o, tty, p->limit_ms);
}
