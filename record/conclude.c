/*
 * The role `conclude`: one process, one session. First it gives everything up, then it reads what
 * the broker knows and what the program printed, and says what follows from it.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"
#include "record/internal.h"

static int
fail(const struct err *e)
{
	autobuf struct buf b = BUF_INIT;

	if (buf_adds(&b, "nono: ") < 0 || str_printable(&b, slice_of(e->text)) < 0 ||
	    buf_addc(&b, '\n') < 0) {
		static const char poor[] = "nono: out of memory while explaining the session\n";

		(void)!fd_write_all(STDERR_FILENO, poor, sizeof(poor) - 1);
		return EXIT_NONO;
	}
	(void)!fd_write_all(STDERR_FILENO, b.p, b.n);
	return EXIT_NONO;
}

static unsigned int
terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == -1 ? 0 : size.ws_col;
}

static int
print_footer(const struct session *s, const struct verdict *v)
{
	autobuf struct buf lines = BUF_INIT, shown = BUF_INIT;
	int r;

	if ((r = footer_text(&lines, s, v)) < 0 || lines.n == 0)
		return r;
	if (!(s->facts.flags & RECORD_TERMINAL))
		return fd_write_all(STDERR_FILENO, lines.p, lines.n);
	r = lines_for_terminal(&shown, (struct slice){ lines.p, lines.n }, terminal_columns());
	return r < 0 ? r : fd_write_all(STDERR_FILENO, shown.p, shown.n);
}

static int
print_json(const struct session *s, const struct verdict *v, int fd)
{
	autobuf struct buf text = BUF_INIT;
	int r;

	if (!(s->facts.flags & RECORD_DIAGNOSTICS_JSON))
		return 0;
	if ((r = diagnostics_json(&text, s, v)) < 0)
		return r;
	return fd_write_all(fd >= 0 ? fd : STDERR_FILENO, text.p, text.n);
}

/* 0, RECORD_OFFERS_SAVE, or -errno. */
static int
write_list(const struct session *s, const struct verdict *v, int fd)
{
	autofree struct save_list *list = NULL;
	int r;

	if (!s->context.p || !footer_is_wanted(s))
		return 0;
	if ((r = save_find(&list, s, v)) < 0 || list->count == 0)
		return r;
	r = fd_write_all(fd, list, sizeof(*list) + list->count * sizeof(struct save_row));
	return r < 0 ? r : RECORD_OFFERS_SAVE;
}

int
record_conclude(const struct confine_fds *fds)
{
	struct err e = ERR_INIT;
	struct session s;
	struct verdict v;
	int r;

	if ((r = record_confine(fds)) < 0) {
		(void)err_set_errno(
			&e, r, "cannot confine nono-record, which explains how a session ends");
		return fail(&e);
	}
	if (session_load(&s, fds, &e) < 0) {
		session_clear(&s);
		return fail(&e);
	}
	r = verdict_find(&v, &s);
	if (r == 0 && (r = print_footer(&s, &v)) == 0)
		r = print_json(&s, &v, fds->json);
	if (r == 0)
		r = write_list(&s, &v, fds->list);
	verdict_clear(&v);
	session_clear(&s);
	/* A reader that left is no failure of ours. */
	if (r < 0 && r != -EPIPE) {
		(void)err_set_errno(&e, r, "cannot explain how the session ended");
		return fail(&e);
	}
	return r < 0 ? 0 : r;
}
