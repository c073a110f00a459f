/* The few lines the broker prints. Text from outside is made harmless first. */
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/str.h"
#include "broker/internal.h"

static void
print(const char *prefix, const char *text)
{
	autobuf struct buf b = BUF_INIT;

	/* Out of memory: the raw text is ours but for names in it; say that something failed. */
	if (buf_adds(&b, prefix) < 0 || str_printable(&b, slice_of(text)) < 0 ||
	    buf_addc(&b, '\n') < 0) {
		static const char poor[] = "nono: out of memory while reporting an error\n";

		(void)!write(STDERR_FILENO, poor, sizeof(poor) - 1);
		return;
	}
	(void)!fd_write_all(STDERR_FILENO, b.p, b.n);
}

void
message_error(const struct plan *p, const struct err *e)
{
	(void)p;
	print("nono: ", e->text);
}

void
message_line(const struct plan *p, const char *text)
{
	if (!(p->settings->flags & (PLAN_SILENT | PLAN_NO_DIAGNOSTICS)))
		print("[nono] ", text);
}

int
message_exit_code(const struct plan *p, const struct err *e)
{
	if (p->settings->error_exit_code)
		return (int)p->settings->error_exit_code;
	return e->exit_code ? e->exit_code : EXIT_NONO;
}
