/* cli/approvals.h: {"version": 1, "approved": [{"path", "sha256"}]}. */
#include "cli/approvals.h"

#include <errno.h>

#include "base/json_write.h"
#include "base/str.h"
#include "profiles/json.h"
#include "profiles/store.h"

enum { APPROVALS_BYTES_MAX = 1 << 20 };

int
approvals_read(struct node **ret, struct pool *pool, const char *state, const char *file,
	       struct err *e)
{
	autobuf struct buf path = BUF_INIT, text = BUF_INIT;
	struct err reason = ERR_INIT;
	int r;

	*ret = NULL;
	if (buf_addf(&path, "%s/%s", state, file) < 0)
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

bool
approvals_have(const struct node *approvals, const char *path, const char *hash)
{
	for (const struct node *n = node_first(node_find(approvals, "approved")); n; n = n->next)
		if (str_equal(node_text(node_find(n, "path"), ""), path) &&
		    (!hash || str_equal(node_text(node_find(n, "sha256"), ""), hash)))
			return true;
	return false;
}

int
approvals_write(const char *state, const char *file, const struct node *old, const char *path,
		const char *hash, struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	struct json j = JSON_INIT(&text);
	int r;

	json_object(&j, NULL);
	json_number(&j, "version", 1);
	json_array(&j, "approved");
	for (const struct node *n = node_first(node_find(old, "approved")); n; n = n->next)
		if (!str_equal(node_text(node_find(n, "path"), ""), path))
			node_write(&j, NULL, n);
	if (hash) {
		json_object(&j, NULL);
		json_string(&j, "path", path);
		json_string(&j, "sha256", hash);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	r = json_finish(&j);
	if (r == 0)
		r = store_make_directory(state);
	if (r == 0)
		r = store_write(state, file, (struct slice){ text.p, text.n }, true);
	return r < 0 ? err_set_errno(e, r, "cannot write '%s/%s'", state, file) : 0;
}
