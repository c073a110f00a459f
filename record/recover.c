/*
 * The role `recover`: puts the ledger of sessions right after a crash. It may do nothing but read,
 * write, make and remove files below the one directory it was handed.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/fd.h"
#include "base/str.h"
#include "record/internal.h"

static int
say(const char *prefix, const char *text)
{
	autobuf struct buf b = BUF_INIT;

	if (buf_adds(&b, prefix) < 0 || str_printable(&b, slice_of(text)) < 0 ||
	    buf_addc(&b, '\n') < 0)
		return -ENOMEM;
	return fd_write_all(STDERR_FILENO, b.p, b.n);
}

/* What a person should know; that waiting lines were appended is of no interest. */
static void
tell(const struct audit_recovery *done)
{
	autobuf struct buf b = BUF_INIT;
	int r = 0;

	if (done->torn_bytes)
		r = buf_addf(&b,
			     "the ledger of sessions ended with a torn line; it is kept beside it "
			     "as ledger.torn-*. ");
	if (done->lost_lines && r == 0)
		r = buf_addf(
			&b,
			"the ledger of sessions has %llu lines less than it had; what was known "
			"of them is kept beside it as ledger.head-*. ",
			(unsigned long long)done->lost_lines);
	if (done->refused && r == 0)
		r = buf_addf(
			&b,
			"%u files in audit/ledger.pending are no entries of the ledger; look at "
			"them and remove them. ",
			done->refused);
	if (r < 0 || b.n == 0)
		return;
	b.p[--b.n] = '\0';
	(void)!say("  [nono] Warning: ", buf_str(&b));
}

int
record_recover(int audit_dir)
{
	struct audit_recovery done;
	struct err e = ERR_INIT;
	int r = record_confine_below(audit_dir);

	if (r < 0)
		(void)err_set_errno(&e, r, "cannot confine nono-record, which recovers the ledger");
	else if (audit_recover(audit_dir, &done, &e) == 0) {
		tell(&done);
		return 0;
	}
	(void)!say("nono: ", e.text);
	return EXIT_NONO;
}
