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
#include "cli/prompt.h"
#include "profiles/json.h"
#include "profiles/store.h"

#define APPROVALS_FILE "approved-hooks.json"

enum { APPROVALS_BYTES_MAX = 1 << 20 };

/* The approvals there are, in the pool; NULL: none. */
static int
read_approvals(struct node **ret, struct pool *pool, const char *state, struct err *e)
{
	autobuf struct buf path = BUF_INIT, text = BUF_INIT;
	struct err reason = ERR_INIT;
	int r;

	*ret = NULL;
	if (buf_addf(&path, "%s/" APPROVALS_FILE, state) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r = store_read(&text, buf_str(&path), APPROVALS_BYTES_MAX);
	if (r < 0 && errno_is_missing(r))
		return 0;
	if (r < 0)
		return err_set_errno(e, r, "cannot read '%s'", buf_str(&path));
	r = json_parse(ret, pool, (struct slice){ text.p, text.n }, NULL, JSON_PLAIN, NULL,
		       &reason);
	return r < 0 ? err_set(e, r,
			       "'%s' is not what nono wrote (%s); remove it to be asked again",
			       buf_str(&path), reason.text)
		     : 0;
}

static bool
is_approved(const struct node *approvals, const char *script, const char *hash)
{
	for (const struct node *n = node_first(node_find(approvals, "approved")); n; n = n->next)
		if (str_equal(node_text(node_find(n, "path"), ""), script) &&
		    str_equal(node_text(node_find(n, "sha256"), ""), hash))
			return true;
	return false;
}

/* All that there are but those of `script`, and that with `hash` unless it is NULL. */
static int
write_approvals(const char *state, const struct node *old, const char *script, const char *hash,
		struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	struct json j = JSON_INIT(&text);
	int r;

	json_object(&j, NULL);
	json_number(&j, "version", 1);
	json_array(&j, "approved");
	for (const struct node *n = node_first(node_find(old, "approved")); n; n = n->next)
		if (!str_equal(node_text(node_find(n, "path"), ""), script))
			node_write(&j, NULL, n);
	if (hash) {
		json_object(&j, NULL);
		json_string(&j, "path", script);
		json_string(&j, "sha256", hash);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	r = json_finish(&j);
	if (r == 0)
		r = store_make_directory(state);
	if (r == 0)
		r = store_write(state, APPROVALS_FILE, (struct slice){ text.p, text.n }, true);
	return r < 0 ? err_set_errno(e, r, "cannot write '%s/" APPROVALS_FILE "'", state) : 0;
}

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
	if ((r = read_approvals(&approvals, &pool, t->state, e)) == 0 &&
	    !is_approved(approvals, t->script, hash)) {
		if (ask(t))
			r = write_approvals(t->state, approvals, t->script, hash, e);
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
	int r = read_approvals(&root, pool, state, e);

	*ret = node_find(root, "approved");
	return r;
}

int
hook_approvals_revoke(const char *state, const char *script, struct err *e)
{
	struct pool pool = { 0 };
	struct node *root = NULL;
	int r = read_approvals(&root, &pool, state, e);
	bool found = false;

	for (const struct node *n = node_first(node_find(root, "approved")); n; n = n->next)
		found |= str_equal(node_text(node_find(n, "path"), ""), script);
	if (r == 0 && found && (r = write_approvals(state, root, script, NULL, e)) == 0)
		r = 1;
	pool_clear(&pool);
	return r;
}
