/* {"version": 1, "hooks": [{...}]}; who writes it holds the lock of the state directory. */
#include "profiles/agent_record.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "base/json_write.h"
#include "base/str.h"
#include "profiles/agent_settings.h"
#include "profiles/internal.h"
#include "profiles/json.h"
#include "profiles/place.h"
#include "profiles/store.h"

#define RECORD_FILE "agent-hooks.json"

static const struct {
	unsigned int flag;
	const char *name;
} made_names[] = {
	{ AGENT_MADE_FILE, "file" },
	{ AGENT_MADE_HOOKS, "hooks" },
	{ AGENT_MADE_EVENT, "event" },
};

static int
read_row(struct agent_record *r, const struct node *n, struct agent_row ***last)
{
	struct agent_row row = { .entry = node_find(n, "entry") };
	const struct {
		const char *key, **value;
	} texts[] = {
		{ "target", &row.target },   { "script", &row.script },
		{ "sha256", &row.sha256 },   { "settings", &row.settings },
		{ "event", &row.event },     { "matcher", &row.matcher },
		{ "command", &row.command },
	};
	struct agent_row *copy;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!(*texts[i].value = node_text(node_find(n, texts[i].key), NULL)))
			return -EBADMSG;
	if (!row.entry)
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_LEN(made_names); i++)
		if (node_item(node_find(n, "made"), made_names[i].name))
			row.made |= made_names[i].flag;
	if (!(copy = pool_alloc(r->pool, sizeof(*copy))))
		return -ENOMEM;
	*copy = row;
	**last = copy;
	*last = &copy->next;
	return 0;
}

static int
read_rows(struct agent_record *record, const char *path, struct err *e)
{
	struct agent_row **last = &record->first;
	autobuf struct buf text = BUF_INIT;
	struct node *root = NULL;
	int r = store_read(&text, path, JSON_BYTES_MAX);

	if (r < 0 && errno_is_missing(r))
		return 0;
	if (r < 0)
		return err_set_errno(e, r, "cannot read '%s'", path);
	r = json_parse(&root, record->pool, (struct slice){ text.p, text.n }, NULL, JSON_PLAIN,
		       NULL, NULL);
	if (r == 0 && !node_is(node_find(root, "hooks"), NODE_ARRAY))
		r = -EBADMSG;
	for (const struct node *n = node_first(node_find(root, "hooks")); n && r == 0; n = n->next)
		r = read_row(record, n, &last);
	if (r == -ENOMEM)
		return err_memory(e);
	return r < 0 ? err_set(e, r,
			       "'%s' is not what nono wrote; move it away, and take the hooks out "
			       "of the agent's settings by hand",
			       path)
		     : 0;
}

int
agent_record_open(struct agent_record *ret, struct pool *pool, bool lock, char *const *environment,
		  struct err *e)
{
	autobuf struct buf state = BUF_INIT, path = BUF_INIT;
	int r = place_state(&state, environment, e);

	*ret = (struct agent_record){ .pool = pool, .lock = -1 };
	if (r < 0)
		return r;
	if (buf_addf(&path, "%s/" RECORD_FILE, buf_str(&state)) < 0 ||
	    !(ret->state = pool_take(pool, &state)))
		return err_memory(e);
	if (lock) {
		r = store_make_directory(ret->state);
		if (r == 0)
			r = ret->lock = store_lock(ret->state);
		if (r < 0)
			return err_set_errno(e, r, "cannot lock '%s'", ret->state);
	}
	return read_rows(ret, buf_str(&path), e);
}

int
agent_record_write(const struct agent_record *record, struct err *e)
{
	autobuf struct buf text = BUF_INIT;
	struct json j = JSON_INIT(&text);
	int r;

	json_object(&j, NULL);
	json_number(&j, "version", 1);
	json_array(&j, "hooks");
	for (const struct agent_row *row = record->first; row; row = row->next) {
		json_object(&j, NULL);
		json_string(&j, "target", row->target);
		json_string(&j, "script", row->script);
		json_string(&j, "sha256", row->sha256);
		json_string(&j, "settings", row->settings);
		json_string(&j, "event", row->event);
		json_string(&j, "matcher", row->matcher);
		json_string(&j, "command", row->command);
		json_array(&j, "made");
		for (size_t i = 0; i < ARRAY_LEN(made_names); i++)
			if (row->made & made_names[i].flag)
				json_string(&j, NULL, made_names[i].name);
		json_end(&j);
		node_write(&j, "entry", row->entry);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	r = json_finish(&j);
	if (r == 0)
		r = store_write(record->state, RECORD_FILE, (struct slice){ text.p, text.n }, true);
	return r < 0 ? err_set_errno(e, r, "cannot write '%s/" RECORD_FILE "'", record->state) : 0;
}

void
agent_record_close(struct agent_record *r)
{
	r->lock = fd_close(r->lock);
}

void
agent_record_set(struct agent_record *r, struct agent_row *row)
{
	struct agent_row **at = &r->first;

	while (*at &&
	       !(str_equal((*at)->settings, row->settings) && str_equal((*at)->event, row->event) &&
		 str_equal((*at)->command, row->command)))
		at = &(*at)->next;
	row->next = *at ? (*at)->next : NULL;
	*at = row;
}

void
agent_record_drop(struct agent_record *r, const struct agent_row *row)
{
	for (struct agent_row **at = &r->first; *at; at = &(*at)->next)
		if (*at == row) {
			*at = row->next;
			return;
		}
}
