/* approved-hooks.json: {"version": 1, "approved": [{"path", "sha256"}]}. */
#include "cli/hook_trust.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json_write.h"
#include "base/sha256.h"
#include "base/str.h"
#include "cli/approvals.h"
#include "cli/prompt.h"
#include "profiles/json.h"
#include "profiles/store.h"

#define APPROVALS_FILE "approved-hooks.json"

static bool
ask(const struct hook_trust *t)
{
	autofd int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (tty == -1 || isatty(STDERR_FILENO) != 1 || tcgetpgrp(tty) != getpgrp() || t->out->quiet)
		return false;
	(void)tcflush(tty, TCIFLUSH);
	out_puts(t->out, "  Profile '");
	out_text(t->out, t->profile);
	out_puts(t->out, "' wants to run a script WITHOUT a sandbox:\n    ");
	out_text(t->out, t->script);
	out_puts(t->out, "\n  Run it, now and as long as it does not change? [y/N] ");
	return prompt_ask_yes(t->out, tty, t->prompt_ms);
}

int
hook_trust_check(const struct hook_trust *t, struct err *e)
{
	unsigned char value[SHA256_BYTES];
	struct node *approvals;
	struct pool pool = { 0 };
	char hash[SHA256_HEX_MAX];
	int r = sha256_fd(t->fd, value);

	if (r < 0)
		return err_set_errno(e, r, "cannot read hook script '%s'", t->script);
	sha256_hex(hash, value);
	if ((r = approvals_read(&approvals, &pool, t->state, APPROVALS_FILE, e)) == 0 &&
	    !approvals_have(approvals, t->script, hash)) {
		if (ask(t))
			r = approvals_write(t->state, APPROVALS_FILE, approvals, t->script, hash,
					    e);
		else
			r = err_set(e, -EPERM,
				    "hook script '%s' of profile '%s' is not approved; start on a "
				    "terminal to be asked, put the profile among yours, or use "
				    "--no-session-hooks",
				    t->script, t->profile);
	}
	pool_clear(&pool);
	return r;
}

int
hook_approvals(const struct node **ret, struct pool *pool, const char *state, struct err *e)
{
	struct node *root = NULL;
	int r = approvals_read(&root, pool, state, APPROVALS_FILE, e);

	*ret = node_find(root, "approved");
	return r;
}

int
hook_approvals_revoke(const char *state, const char *script, struct err *e)
{
	struct pool pool = { 0 };
	struct node *root = NULL;
	int r = approvals_read(&root, &pool, state, APPROVALS_FILE, e);
	bool found = false;

	for (const struct node *n = node_first(node_find(root, "approved")); n; n = n->next)
		found |= str_equal(node_text(node_find(n, "path"), ""), script);
	if (r == 0 && found &&
	    (r = approvals_write(state, APPROVALS_FILE, root, script, NULL, e)) == 0)
		r = 1;
	pool_clear(&pool);
	return r;
}
