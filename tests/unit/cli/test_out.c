/* Colours: who decides, how deep; foreign text loses its control bytes. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "cli/out.h"
#include "tests/harness/unit.h"

struct variant {
	const char *when;
	const char *environment[3];
	bool terminal;
	enum color_depth depth;
};

static const struct variant variants[] = {
	{ NULL, { "TERM=xterm" }, false, COLOR_NONE },
	{ NULL, { "TERM=xterm" }, true, COLOR_16 },
	{ NULL, { "TERM=xterm-256color" }, true, COLOR_256 },
	{ "auto", { "COLORTERM=truecolor" }, true, COLOR_TRUE },
	{ NULL, { "TERM=dumb" }, true, COLOR_NONE },
	{ NULL, { "CLICOLOR=0" }, true, COLOR_NONE },
	{ NULL, { "NO_COLOR=1" }, true, COLOR_NONE },
	{ NULL, { "NO_COLOR=" }, true, COLOR_16 },
	{ NULL, { "CLICOLOR_FORCE=1" }, false, COLOR_16 },
	{ NULL, { "CLICOLOR_FORCE=0" }, false, COLOR_NONE },
	{ NULL, { "NO_COLOR=1", "CLICOLOR_FORCE=1" }, true, COLOR_NONE },
	{ "always", { "NO_COLOR=1" }, false, COLOR_16 },
	{ "never", { "CLICOLOR_FORCE=1" }, true, COLOR_NONE },
};

static void
test_decision(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), pipe_fd[2];

	CU_ASSERT_TRUE_FATAL(master >= 0);
	CU_ASSERT_EQUAL_FATAL(pipe2(pipe_fd, O_CLOEXEC), 0);
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		const struct variant *v = &variants[i];
		struct out o;

		out_init(&o, v->terminal ? master : pipe_fd[1], v->when,
			 (char *const *)(uintptr_t)v->environment);
		CU_ASSERT_EQUAL(o.depth, v->depth);
	}
	(void)close(master);
	(void)close(pipe_fd[0]);
	(void)close(pipe_fd[1]);
}

static void
test_foreign_text(void)
{
	char *none[] = { NULL };
	struct out o;

	out_init(&o, -1, "never", none);
	out_text(&o, "a\033[31mb\033]0;title\007c\nd\xff");
	CU_ASSERT_STRING_EQUAL(buf_str(&o.text), "abc d\xef\xbf\xbd");
	buf_reset(&o.text);
	out_badge(&o, ROLE_GREEN, "  r  ");
	CU_ASSERT_STRING_EQUAL(buf_str(&o.text), "  r  ");
	buf_reset(&o.text);
	o.quiet = true;
	out_warning(&o, "x");
	CU_ASSERT_EQUAL(o.text.n, 0);
	out_clear(&o);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "decision", test_decision },
		{ "foreign text", test_foreign_text },
	};

	return unit_run("out", tests, UNIT_COUNT(tests));
}
