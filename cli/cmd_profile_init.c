/* `profile init`: the beginning of a profile, in the order in which people fill it in. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "cli/cmd_profile.h"
#include "profiles/presets.h"
#include "profiles/schema.h"
#include "profiles/store.h"

struct init {
	struct listing *l;
	const char *name, *extends, *description;
	const char *groups; /* separated by commas */
	bool full;
};

/* ---- what may be asked for ---- */

/* A refusal whose text stands without "nono:", as one that only needs another command. */
static int
advise(struct listing *l, const char *warning, const char *name, const char *base)
{
	out_warning_line(&l->note, warning);
	out_puts(&l->note, "  Try: nono profile init ");
	out_text(&l->note, name);
	out_puts(&l->note, "-local --extends ");
	out_text(&l->note, base);
	out_puts(&l->note, "\n");
	l->exit_code = EXIT_NONO;
	return 0;
}

/* NAMESPACE/NAME, perhaps with a version. */
static int
advise_pack(struct init *in, struct err *e)
{
	const char *slash = strchr(in->name, '/');
	autobuf struct buf warning = BUF_INIT, name = BUF_INIT;

	if (buf_addf(&warning, "warning: '%s' is a pack reference, not a profile name.", in->name) <
		    0 ||
	    buf_add(&name, slash + 1, strcspn(slash + 1, "@")) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return advise(in->l, buf_str(&warning), buf_str(&name), in->name);
}

static int
advise_preset(struct init *in, struct err *e)
{
	autobuf struct buf warning = BUF_INIT;

	if (buf_addf(&warning, "warning: it conflicts with the built-in '%s' profile", in->name) <
	    0)
		return err_set(e, -ENOMEM, "out of memory");
	return advise(in->l, buf_str(&warning), in->name, in->name);
}

static int
check_base(struct init *in, struct err *e)
{
	struct policy_notes notes = { 0 };
	struct err why = ERR_INIT;
	struct profile *p = NULL;
	struct profile_request rq = { .reference = in->extends,
				      .environment = in->l->environment,
				      .flags = PROFILE_ALONE | PROFILE_QUIET };
	int r = in->extends ? profile_load(&p, &rq, &notes, &why) : 0;

	policy_notes_clear(&notes);
	profile_free(p);
	if (r == -ENOENT)
		return err_set(e, r,
			       "Base profile '%s' not found (built-in, user, or installed pack). "
			       "`nono profile list` shows them",
			       in->extends);
	return r < 0 ? err_set(e, r, "%s", why.text) : 0;
}

/* Calls `use` for each name of the list; a name ends at a comma. */
static int
each_group(const char *list, int (*use)(void *context, const char *name, struct err *e),
	   void *context, struct err *e)
{
	int r = 0;

	while (list && *list && r == 0) {
		size_t n = strcspn(list, ",");
		char name[256];

		if (n >= sizeof(name))
			return err_set(e, -EINVAL, "a name of --groups is too long");
		memcpy(name, list, n);
		name[n] = '\0';
		if (n > 0)
			r = use(context, name, e);
		list += n + (list[n] == ',');
	}
	return r;
}

static int
check_group(void *context, const char *name, struct err *e)
{
	(void)context;
	if (group_find(name))
		return 0;
	return err_set(e, -ENOENT,
		       "Unknown security group '%s'. Use `nono profile groups` to list available "
		       "groups",
		       name);
}

/* ---- the text ---- */

static int
write_group(void *context, const char *name, struct err *e)
{
	(void)e;
	json_string(context, NULL, name);
	return 0;
}

static void
write_empty(struct json *j, const char *dotted)
{
	const struct key *key = schema_at(dotted);
	const char *dot = strrchr(dotted, '.'), *name = dot ? dot + 1 : dotted;

	if (!key) {
		j->error = -EINVAL;
	} else if (key->type == KEY_BOOL) {
		json_boolean(j, name, false);
	} else if (key->type == KEY_MAP || key->type == KEY_OBJECT) {
		json_object(j, name);
		json_end(j);
	} else {
		json_array(j, name);
		json_end(j);
	}
}

/* The keys of the list, up to NULL, each empty. */
static void
write_section(struct json *j, const char *name, const char *const *dotted)
{
	json_object(j, name);
	for (; *dotted; dotted++)
		write_empty(j, *dotted);
	json_end(j);
}

/*
 * Keys whose mere presence changes what is inherited are left out: network_profile, credentials,
 * open_urls, allow_gpu, allow_launch_services.
 */
static const char *const commands_keys[] = { "commands.allow", "commands.deny", NULL };
static const char *const filesystem_keys[] = { "filesystem.allow", "filesystem.read", NULL };
static const char *const filesystem_full[] = { "filesystem.allow",
					       "filesystem.read",
					       "filesystem.write",
					       "filesystem.allow_file",
					       "filesystem.read_file",
					       "filesystem.write_file",
					       "filesystem.deny",
					       "filesystem.bypass_protection",
					       "filesystem.suppress_save_prompt",
					       NULL };
static const char *const network_keys[] = {
	"network.block",       "network.allow_domain",	     "network.open_port",
	"network.listen_port", "network.custom_credentials", NULL
};
static const char *const rollback_keys[] = { "rollback.exclude_patterns", "rollback.exclude_globs",
					     NULL };

static int
write_text(struct init *in, struct buf *text, struct err *e)
{
	struct json j = JSON_INIT(text);

	json_object(&j, NULL);
	if (in->extends)
		json_string(&j, "extends", in->extends);
	json_object(&j, "meta");
	json_string(&j, "name", in->name);
	if (in->description)
		json_string(&j, "description", in->description);
	json_end(&j);
	json_object(&j, "groups");
	json_array(&j, "include");
	(void)each_group(in->groups, write_group, &j, e);
	json_end(&j);
	if (in->full)
		write_empty(&j, "groups.exclude");
	json_end(&j);
	if (in->full)
		write_section(&j, "commands", commands_keys);
	json_object(&j, "workdir");
	json_string(&j, "access", "readwrite");
	json_end(&j);
	write_section(&j, "filesystem", in->full ? filesystem_full : filesystem_keys);
	if (in->full) {
		write_section(&j, "network", network_keys);
		write_empty(&j, "env_credentials");
		write_empty(&j, "hooks");
		write_section(&j, "rollback", rollback_keys);
	}
	json_end(&j);
	return json_finish(&j) < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
}

/* ---- the file ---- */

static int
find_place(struct init *in, struct buf *path, struct err *e)
{
	const char *output = opt_value(in->l->o, FLAG_OUTPUT);
	int r;

	if (output)
		return buf_adds(path, output) < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
	r = profile_config_root(path, in->l->environment, e);
	if (r < 0)
		return r;
	return buf_addf(path, "/profiles/%s.json", in->name) < 0
		       ? err_set(e, -ENOMEM, "out of memory")
		       : 0;
}

static int
refuse_existing(struct err *e, const char *path)
{
	return err_set(e, -EEXIST, "Profile file already exists: %s\nUse --force to overwrite",
		       path);
}

/* The user's profile of that name may also be a .jsonc, which would stay the stronger one. */
static int
check_free(struct init *in, const char *path, struct err *e)
{
	autobuf struct buf root = BUF_INIT, file = BUF_INIT;
	int r;

	if (opt_has(in->l->o, FLAG_INIT_FORCE))
		return 0;
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return refuse_existing(e, path);
	if (opt_value(in->l->o, FLAG_OUTPUT))
		return 0;
	r = profile_config_root(&root, in->l->environment, e);
	if (r == 0)
		r = profile_user_file(&file, buf_str(&root), in->name);
	return r > 0 ? refuse_existing(e, buf_str(&file)) : r;
}

static int
write_file(struct init *in, const char *path, struct slice text, struct err *e)
{
	bool replace = opt_has(in->l->o, FLAG_INIT_FORCE);
	autobuf struct buf directory = BUF_INIT;
	const char *base = path_basename(path);
	int r;

	if (base == path)
		r = buf_adds(&directory, ".");
	else
		r = buf_add(&directory, path, base - path == 1 ? 1 : (size_t)(base - path) - 1);
	if (r == 0 && !opt_value(in->l->o, FLAG_OUTPUT))
		r = store_make_directory(buf_str(&directory));
	if (r == 0)
		r = store_write(buf_str(&directory), base, text, replace);
	if (r == -EEXIST)
		return refuse_existing(e, path);
	return r < 0 ? err_set_errno(e, r, "cannot write '%s'", path) : 0;
}

int
profile_init(struct listing *l, struct err *e)
{
	struct init in = { .l = l,
			   .name = l->o->program.item[0],
			   .extends = opt_value(l->o, FLAG_INIT_EXTENDS),
			   .description = opt_value(l->o, FLAG_DESCRIPTION),
			   .groups = opt_value(l->o, FLAG_INIT_GROUPS),
			   .full = opt_has(l->o, FLAG_FULL) };
	autobuf struct buf path = BUF_INIT, text = BUF_INIT;
	enum profile_ref_kind kind;
	struct err ignored = ERR_INIT;
	int r;

	if (profile_ref_classify(in.name, &kind, &ignored) == 0 && kind == PROFILE_REF_REGISTRY)
		return advise_pack(&in, e);
	if (!profile_name_is_valid(in.name))
		return err_set(e, -EINVAL,
			       "Profile parse error: Invalid profile name '%s': must be "
			       "alphanumeric with hyphens only",
			       in.name);
	if ((r = find_place(&in, &path, e)) < 0 || (r = check_free(&in, buf_str(&path), e)) < 0)
		return r;
	if (preset_find(in.name))
		return advise_preset(&in, e);
	if ((r = check_base(&in, e)) < 0 || (r = each_group(in.groups, check_group, NULL, e)) < 0 ||
	    (r = write_text(&in, &text, e)) < 0 ||
	    (r = write_file(&in, buf_str(&path), (struct slice){ text.p, text.n }, e)) < 0)
		return r;
	out_puts(&l->note, "Created profile at ");
	out_text(&l->note, buf_str(&path));
	out_puts(&l->note, "\nValidate with: nono profile validate ");
	out_text(&l->note, opt_value(l->o, FLAG_OUTPUT) ? buf_str(&path) : in.name);
	out_puts(&l->note,
		 "\nFor editor autocomplete: nono profile schema -o nono-profile.schema.json\n");
	return 0;
}
