/* Names are asked on the terminal itself, and only by the foreground process group. */
#include "cli/save_name.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/redact.h"
#include "base/str.h"
#include "profiles/presets.h"
#include "profiles/save.h"

int
save_open_terminal(void)
{
	int fd;

	if (isatty(STDERR_FILENO) != 1)
		return -1;
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd != -1 && tcgetpgrp(fd) != getpgrp())
		fd = fd_close(fd);
	return fd;
}

void
save_suggest_name(char text[SAVE_SUGGESTION_MAX], const char *base, const char *program)
{
	const char *word = path_basename(program);
	size_t n = 0;

	text[0] = '\0';
	if (base && preset_find(base) && strlen(base) + 7 < SAVE_SUGGESTION_MAX) {
		(void)stpcpy(stpcpy(text, base), "-local");
		return;
	}
	for (; *word && n < SAVE_SUGGESTION_MAX - 1; word++) {
		if (isalnum((unsigned char)*word))
			text[n++] = (char)tolower((unsigned char)*word);
		else if (n > 0 && text[n - 1] != '-')
			text[n++] = '-';
	}
	while (n > 0 && text[n - 1] == '-')
		n--;
	text[n] = '\0';
	if (save_name_doubt(text))
		text[0] = '\0';
}

void
save_put_run_line(struct out *o, const struct words *command, const char *name)
{
	autobuf struct buf line = BUF_INIT;
	struct redact state = { 0 };
	int r = 0;

	for (size_t i = 0; i < command->count && r == 0; i++) {
		autobuf struct buf word = BUF_INIT;

		if ((r = redact_word(&state, &word, command->item[i])) == 0 &&
		    (r = buf_addc(&line, ' ')) == 0)
			r = str_shell_quote(&line, buf_str(&word));
	}
	if (r < 0)
		o->failed = true;
	out_putf(o, "Run with: nono run --profile %s --", name);
	out_text(o, buf_str(&line));
	out_puts(o, "\n");
}
