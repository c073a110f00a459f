/*
 * {"hooks": {EVENT: [{"matcher": M, "hooks": [{"type": "command", "command": C}]}]}}. Every change
 * is made twice, in the text and in the tree of the text, and counts only when the strict reader
 * finds in the changed text what the changed tree says.
 */
#include "profiles/agent_settings.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "profiles/edit.h"
#include "profiles/json.h"

struct settings {
	struct pool *pool;
	struct node *tree;
	struct node *hooks, *event; /* NULL: there is none */
};

/* Where a command stands: event[entry].hooks[item]. */
struct place {
	struct node *entry, *list, *item;
	size_t entry_index, item_index;
};

static int
out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

static bool
is_all_blank(struct slice text)
{
	while (text.n > 0 && strchr(" \t\r\n", *text.p) && *text.p)
		text.p++, text.n--;
	return text.n == 0;
}

static int
parse(struct settings *s, struct slice text, const struct agent_hook *hook, struct err *e)
{
	struct err reason = ERR_INIT;
	int r;

	if (is_all_blank(text))
		return err_set(e, -EBADMSG, "it is empty; write {} into it, or remove it");
	r = json_parse(&s->tree, s->pool, text, NULL, 0, NULL, &reason);
	if (r == -ENOMEM)
		return out_of_memory(e);
	if (r < 0)
		return err_set(e, r, "it cannot be read, and is left as it is: %s", reason.text);
	if (s->tree->kind != NODE_OBJECT)
		return err_set(e, -EBADMSG, "it holds no object, and is left as it is");
	s->hooks = node_find(s->tree, "hooks");
	if (s->hooks && s->hooks->kind != NODE_OBJECT)
		return err_set(e, -EBADMSG, "%u:%u: \"hooks\" is no object, and is left as it is",
			       s->hooks->line, s->hooks->column);
	s->event = node_find(s->hooks, hook->event);
	if (s->event && s->event->kind != NODE_ARRAY)
		return err_set(e, -EBADMSG, "%u:%u: \"%s\" is no list, and is left as it is",
			       s->event->line, s->event->column, hook->event);
	return 0;
}

static bool
find_command(struct place *ret, const struct settings *s, const char *command)
{
	struct place at = { 0 };

	if (!command)
		return false;
	for (at.entry = node_first(s->event); at.entry; at.entry = at.entry->next) {
		at.list = node_find(at.entry, "hooks");
		at.item_index = 0;
		if (!node_is(at.list, NODE_ARRAY))
			at.list = NULL;
		for (at.item = node_first(at.list); at.item; at.item = at.item->next) {
			if (str_equal(node_text(node_find(at.item, "command"), ""), command)) {
				*ret = at;
				return true;
			}
			at.item_index++;
		}
		at.entry_index++;
	}
	return false;
}

/* ---- trees ---- */

static struct node *
add_text(struct pool *pool, struct node *object, const char *key, const char *text)
{
	struct node *n = node_new_text(pool, text);

	if (n)
		node_set(object, key, n);
	return n;
}

static struct node *
make_entry(struct pool *pool, const struct agent_hook *hook)
{
	struct node *entry = node_new(pool, NODE_OBJECT), *list = node_new(pool, NODE_ARRAY);
	struct node *item = node_new(pool, NODE_OBJECT);

	if (!entry || !list || !item || !add_text(pool, entry, "matcher", hook->matcher) ||
	    !add_text(pool, item, "type", "command") ||
	    !add_text(pool, item, "command", hook->command))
		return NULL;
	node_append(list, item);
	node_set(entry, "hooks", list);
	return entry;
}

static int
write_node(struct buf *b, const struct node *n)
{
	struct json j = JSON_INIT(b);

	node_write(&j, NULL, n);
	return json_finish(&j);
}

/* The text is what the tree says. */
static int
check(const struct settings *s, const struct buf *text, struct err *e)
{
	struct node *made = NULL;
	int r = json_parse(&made, s->pool, (struct slice){ text->p, text->n }, NULL, 0, NULL, NULL);

	if (r == -ENOMEM)
		return out_of_memory(e);
	if (r < 0 || !node_equal(made, s->tree))
		return err_set(e, -EBADMSG,
			       "it is written in a way that leaves no place for a change, and is "
			       "left as it is");
	return 0;
}

static int
explain(int r, struct err *e)
{
	if (r == -ENOMEM)
		return out_of_memory(e);
	return err_set(
		e, r,
		"it is written in a way that leaves no place for a change, and is left as it "
		"is");
}

/* ---- adding ---- */

static int
add_entry(struct buf *ret, struct slice text, struct settings *s, const struct agent_hook *hook,
	  struct node *entry, unsigned int *ret_made)
{
	const struct edit_step steps[] = { { "hooks", 0 }, { hook->event, 0 } };
	struct node *value = node_copy(s->pool, entry), *list = s->event, *hooks = s->hooks;
	struct edit_path path = { steps, 2 };
	autobuf struct buf b = BUF_INIT;
	const char *key = NULL;
	int r;

	if (!value)
		return -ENOMEM;
	if (!list) {
		if (!(list = node_new(s->pool, NODE_ARRAY)))
			return -ENOMEM;
		path.steps = 1;
		key = hook->event;
		*ret_made |= AGENT_MADE_EVENT;
	}
	if (!hooks) {
		if (!(hooks = node_new(s->pool, NODE_OBJECT)))
			return -ENOMEM;
		path.steps = 0;
		key = "hooks";
		*ret_made |= AGENT_MADE_HOOKS;
	}
	node_append(list, value);
	if (!s->event)
		node_set(hooks, hook->event, list);
	if (!s->hooks)
		node_set(s->tree, "hooks", hooks);
	r = write_node(&b, !s->hooks ? hooks : !s->event ? list : value);
	return r < 0 ? r : edit_value_add(ret, text, &path, key, (struct slice){ b.p, b.n });
}

static int
replace_command(struct buf *ret, struct slice text, const struct agent_hook *hook,
		const struct place *at)
{
	const struct edit_step steps[] = {
		{ "hooks", 0 }, { hook->event, 0 },	  { NULL, at->entry_index },
		{ "hooks", 0 }, { NULL, at->item_index }, { "command", 0 },
	};
	const struct edit_path path = { steps, ARRAY_LEN(steps) };
	struct node *command = node_find(at->item, "command");
	autobuf struct buf b = BUF_INIT;
	int r;

	command->text = hook->command;
	r = write_node(&b, command);
	return r < 0 ? r : edit_value_replace(ret, text, &path, (struct slice){ b.p, b.n });
}

int
agent_settings_add(struct buf *ret, struct slice text, const struct agent_hook *hook,
		   struct pool *pool, const struct node **ret_entry, unsigned int *ret_made,
		   struct err *e)
{
	struct settings s = { .pool = pool };
	enum agent_settings_result result = AGENT_SETTINGS_SAME;
	autobuf struct buf made = BUF_INIT;
	struct node *entry;
	struct place at;
	int r = parse(&s, text, hook, e);

	if (r < 0)
		return r;
	*ret_made = 0;
	if (find_command(&at, &s, hook->command)) {
		*ret_entry = at.entry;
		return AGENT_SETTINGS_SAME;
	}
	for (size_t i = 0; i < ARRAY_LEN(hook->old) && result == AGENT_SETTINGS_SAME; i++) {
		if (!find_command(&at, &s, hook->old[i]))
			continue;
		result = AGENT_SETTINGS_REPLACED;
		entry = at.entry;
		r = replace_command(&made, text, hook, &at);
	}
	if (result == AGENT_SETTINGS_SAME) {
		result = AGENT_SETTINGS_ADDED;
		if (!(entry = make_entry(pool, hook)))
			return out_of_memory(e);
		r = add_entry(&made, text, &s, hook, entry, ret_made);
	}
	if (r < 0)
		return explain(r, e);
	if ((r = check(&s, &made, e)) < 0)
		return r;
	*ret_entry = entry;
	r = buf_add(ret, made.p, made.n);
	return r < 0 ? out_of_memory(e) : (int)result;
}

/* ---- removing ---- */

/* One removal in the tree and in the text. */
static int
remove_one(struct buf *text, const struct edit_step *steps, size_t count, struct node *parent,
	   struct node *child)
{
	autobuf struct buf next = BUF_INIT;
	const struct edit_path path = { steps, count };
	struct buf swap;
	int r = edit_value_remove(&next, (struct slice){ text->p, text->n }, &path);

	if (r < 0)
		return r;
	node_remove(parent, child);
	swap = *text;
	*text = next;
	next = swap;
	return 0;
}

int
agent_settings_remove(struct buf *ret, struct slice text, const struct agent_hook *hook,
		      const struct node *entry, unsigned int made, struct err *e)
{
	struct pool pool = { 0 };
	struct settings s = { .pool = &pool };
	autobuf struct buf now = BUF_INIT;
	struct place at = { 0 };
	int r = parse(&s, text, hook, e);

	if (r < 0)
		goto out;
	r = AGENT_SETTINGS_SAME;
	if (!find_command(&at, &s, hook->command))
		goto out;
	r = AGENT_SETTINGS_KEPT;
	if (!node_equal(at.entry, entry))
		goto out;
	if ((r = buf_add(&now, text.p, text.n)) < 0) {
		r = out_of_memory(e);
		goto out;
	}
	const struct edit_step steps[] = {
		{ "hooks", 0 }, { hook->event, 0 },	 { NULL, at.entry_index },
		{ "hooks", 0 }, { NULL, at.item_index },
	};

	/* What else the entry runs is not ours. */
	if (at.list->count > 1)
		r = remove_one(&now, steps, 5, at.list, at.item);
	else
		r = remove_one(&now, steps, 3, s.event, at.entry);
	if (r == 0 && s.event->count == 0 && (made & AGENT_MADE_EVENT))
		r = remove_one(&now, steps, 2, s.hooks, s.event);
	if (r == 0 && s.hooks->count == 0 && (made & AGENT_MADE_HOOKS))
		r = remove_one(&now, steps, 1, s.tree, s.hooks);
	if (r < 0)
		r = explain(r, e);
	else if ((r = check(&s, &now, e)) == 0)
		r = buf_add(ret, now.p, now.n) < 0 ? out_of_memory(e) : AGENT_SETTINGS_REMOVED;
out:
	pool_clear(&pool);
	return r;
}

int
agent_settings_find(const struct node **ret, struct slice text, const struct agent_hook *hook,
		    struct pool *pool)
{
	struct settings s = { .pool = pool };
	struct place at;
	struct err ignored = ERR_INIT;
	int r = parse(&s, text, hook, &ignored);

	*ret = r == 0 && find_command(&at, &s, hook->command) ? at.entry : NULL;
	return r == -ENOMEM ? r : 0;
}
