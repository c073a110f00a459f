/*
 * Where profiles are found, what they build on, whom they are believed, and what every one of them
 * has: in a temporary home with a project beside it.
 */
#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/str.h"
#include "profiles/profile.h"
#include "tests/harness/unit.h"

struct world {
	char root[64], home[80], config[100];
	char home_entry[128], xdg_entry[160];
	char *environment[3];
	struct policy_notes notes;
	struct err e;
	struct profile_problem problem;
	struct profile *p;
};

static void
world_init(struct world *w)
{
	*w = (struct world){ .root = "/var/tmp/nono-load-XXXXXX" };
	CU_ASSERT_FATAL(mkdtemp(w->root) != NULL);
	CU_ASSERT_EQUAL_FATAL(chdir(w->root), 0);
	(void)snprintf(w->home, sizeof(w->home), "%s/home", w->root);
	(void)snprintf(w->config, sizeof(w->config), "%s/.config/nono", w->home);
	(void)snprintf(w->home_entry, sizeof(w->home_entry), "HOME=%s", w->home);
	w->environment[0] = w->home_entry;
	CU_ASSERT_EQUAL_FATAL(mkdir(w->home, 0700), 0);
}

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
forget(struct world *w)
{
	profile_free(w->p);
	w->p = NULL;
	policy_notes_clear(&w->notes);
}

static void
world_clear(struct world *w)
{
	forget(w);
	CU_ASSERT_EQUAL(chdir("/"), 0);
	(void)nftw(w->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* A file below the root, with its directories. */
static void
put(const struct world *w, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", w->root, name);
	for (char *slash = path + strlen(w->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	f = fopen(path, "we");
	CU_ASSERT_FATAL(f != NULL);
	CU_ASSERT(fputs(text, f) >= 0);
	CU_ASSERT_EQUAL(fclose(f), 0);
	CU_ASSERT_EQUAL(chmod(path, 0600), 0);
}

static void
user(const struct world *w, const char *name, const char *text)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "home/.config/nono/profiles/%s", name);
	put(w, path, text);
}

static int
go_with(struct world *w, const char *reference, unsigned int flags, const char *const *extends,
	size_t count)
{
	struct profile_request rq = {
		.reference = reference,
		.extends = { extends, count },
		.environment = w->environment,
		.flags = flags,
		.problem = &w->problem,
	};

	forget(w);
	w->e = (struct err)ERR_INIT;
	return profile_load(&w->p, &rq, &w->notes, &w->e);
}

static int
go(struct world *w, const char *reference)
{
	return go_with(w, reference, 0, NULL, 0);
}

/* Refused, with these words. */
static bool
fails(struct world *w, const char *reference, const char *words)
{
	if (go(w, reference) < 0 && strstr(w->e.text, words))
		return true;
	printf("    %s: '%s' has no '%s'\n", reference, w->e.text, words);
	return false;
}

static const char *
binary_of(const struct world *w)
{
	return node_text(profile_get(w->p, "binary"), "none");
}

/* ---- references ---- */

static void
test_classify(void)
{
	static const struct {
		const char *text;
		int kind;
	} v[] = {
		{ "a", PROFILE_REF_NAME },
		{ "a-b9", PROFILE_REF_NAME },
		{ "ns/pack", PROFILE_REF_REGISTRY },
		{ "ns/pack@1.2", PROFILE_REF_REGISTRY },
		{ "./ns/pack", PROFILE_REF_PATH },
		{ "dir/x.json", PROFILE_REF_PATH },
		{ "dir/x.jsonc", PROFILE_REF_PATH },
		{ "a/b/c", PROFILE_REF_PATH },
		{ "~/x", PROFILE_REF_PATH },
		{ "/x", PROFILE_REF_PATH },
		{ "x.json", PROFILE_REF_PATH },
		{ ".x/y", PROFILE_REF_PATH },
		{ "", 0 },
		{ "-a", 0 },
		{ "a-", 0 },
		{ "a_b", 0 },
		{ "..", 0 },
		{ "a b", 0 },
		{ "a.b", 0 },
	};

	for (size_t i = 0; i < UNIT_COUNT(v); i++) {
		enum profile_ref_kind kind = 0;
		struct err e = ERR_INIT;
		int r = profile_ref_classify(v[i].text, &kind, &e);

		CU_ASSERT_EQUAL(r, v[i].kind ? 0 : -EINVAL);
		CU_ASSERT_EQUAL(kind, (enum profile_ref_kind)v[i].kind);
		CU_ASSERT(r == 0 || strstr(e.text, "must be alphanumeric with hyphens only"));
	}
}

/* ---- the order of 5.2 ---- */

static void
test_order(void)
{
	struct world w;

	world_init(&w);
	CU_ASSERT(fails(&w, "mine", "Profile not found: mine"));
	CU_ASSERT_STRING_EQUAL(w.problem.class_name, "Profile not found");
	CU_ASSERT_EQUAL(go(&w, "codex"), 0);
	CU_ASSERT_EQUAL(w.p->source->kind, PROFILE_FROM_PRESET);
	CU_ASSERT_FALSE(w.p->is_user);
	CU_ASSERT_EQUAL(go(&w, "always-further/codex"), 0);
	CU_ASSERT_STRING_EQUAL(w.p->name, "codex");
	CU_ASSERT_EQUAL(go(&w, "claude"), 0);
	CU_ASSERT_STRING_EQUAL(w.p->name, "claude-code");
	user(&w, "codex.json", "{\"binary\": \"json\"}");
	CU_ASSERT_EQUAL(go(&w, "codex"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "json");
	CU_ASSERT_EQUAL(w.p->source->kind, PROFILE_FROM_USER);
	CU_ASSERT_TRUE(w.p->is_user);
	user(&w, "codex.jsonc", "{\"binary\": \"jsonc\"}");
	CU_ASSERT_EQUAL(go(&w, "codex"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "jsonc");
	CU_ASSERT(fails(&w, "codexx", "did you mean 'codex'?"));
	CU_ASSERT(fails(&w, "../codex", "Profile read error at ../codex: profile file not found"));
	CU_ASSERT(fails(&w, "a_b", "Invalid profile name 'a_b'"));
	world_clear(&w);
}

static void
test_paths(void)
{
	struct world w;

	world_init(&w);
	put(&w, "p/x.jsonc", "{\"binary\": \"x\"}");
	put(&w, "p/y", "{}");
	CU_ASSERT_EQUAL(go(&w, "p/x.jsonc"), 0);
	CU_ASSERT_STRING_EQUAL(w.p->shown, "p/x.jsonc");
	CU_ASSERT_EQUAL(go(&w, "./p/y"), 0);
	/* What looks like a pack is one, and never a file by surprise. */
	CU_ASSERT(fails(&w, "p/y", "Write ./p/y for the file"));
	CU_ASSERT(fails(&w, "p/none.json", "Profile read error at p/none.json"));
	CU_ASSERT(fails(&w, "./p", "this is a directory"));
	put(&w, "p/bad.json", "{\n \"binry\": 1}");
	CU_ASSERT(fails(&w, "p/bad.json",
			"Profile parse error: p/bad.json:2:2: unknown key 'binry'"));
	CU_ASSERT_STRING_EQUAL(w.problem.file, "p/bad.json");
	CU_ASSERT_EQUAL(w.problem.place.line, 2);
	CU_ASSERT_EQUAL(w.problem.place.column, 2);
	CU_ASSERT_STRING_EQUAL(w.problem.place.hint, "did you mean 'binary'?");
	world_clear(&w);
}

static void
test_config_root(void)
{
	struct world w;

	world_init(&w);
	put(&w, "xdg/nono/profiles/x.json", "{\"binary\": \"xdg\"}");
	user(&w, "x.json", "{\"binary\": \"home\"}");
	(void)snprintf(w.xdg_entry, sizeof(w.xdg_entry), "XDG_CONFIG_HOME=%s/xdg", w.root);
	w.environment[1] = w.xdg_entry;
	CU_ASSERT_EQUAL(go(&w, "x"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "xdg");
	/* Neither a relative one nor one that does not exist counts. */
	w.environment[1] = (char[]){ "XDG_CONFIG_HOME=xdg" };
	CU_ASSERT_EQUAL(go(&w, "x"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "home");
	w.environment[1] = (char[]){ "XDG_CONFIG_HOME=/no/such/place" };
	CU_ASSERT_EQUAL(go(&w, "x"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "home");
	world_clear(&w);
}

static void
pack(const struct world *w, const char *name, const char *manifest, const char *profile)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "home/.config/nono/packages/%s/package.json", name);
	put(w, path, manifest);
	if (profile) {
		(void)snprintf(path, sizeof(path),
			       "home/.config/nono/packages/%s/profiles/offered.json", name);
		put(w, path, profile);
	}
}

static void
test_packs(void)
{
	static const char manifest[] = "{\"artifacts\": [{\"type\": \"instruction\"}, "
				       "{\"type\": \"profile\", \"install_as\": \"offered\", "
				       "\"aliases\": [\"other\"]}]}";
	struct world w;

	world_init(&w);
	pack(&w, "b-ns/pack", manifest, "{\"binary\": \"b\", \"packs\": [\"x/y\"]}");
	pack(&w, "a-ns/gone", manifest, NULL);
	pack(&w, "a-ns/broken", "{", "{}");
	CU_ASSERT_EQUAL(go(&w, "offered"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "b");
	CU_ASSERT_EQUAL(w.p->source->kind, PROFILE_FROM_PACK);
	CU_ASSERT_STRING_EQUAL(w.p->source->pack, "b-ns/pack");
	CU_ASSERT_FALSE(w.p->is_user);
	CU_ASSERT(node_item(profile_get(w.p, "packs"), "b-ns/pack") != NULL);
	CU_ASSERT(node_item(profile_get(w.p, "packs"), "x/y") != NULL);
	CU_ASSERT_EQUAL(go(&w, "other"), 0);
	CU_ASSERT_EQUAL(go(&w, "b-ns/pack@1.0"), 0);
	CU_ASSERT(fails(&w, "a-ns/gone", "Profile not found: a-ns/gone"));
	/* The first by name, and the user is told. */
	pack(&w, "a-ns/second", manifest, "{\"binary\": \"a\"}");
	CU_ASSERT_EQUAL(go(&w, "other"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "a");
	CU_ASSERT_EQUAL(w.notes.count, 1);
	CU_ASSERT(strstr(w.notes.item[0].text, "the packs a-ns/second, b-ns/pack") != NULL);
	/* Before presets, behind the user's own. */
	pack(&w, "c-ns/codex",
	     "{\"artifacts\": [{\"type\": \"profile\", \"install_as\": \"offered\", "
	     "\"aliases\": [\"codex\"]}]}",
	     "{\"extends\": \"codex\", \"binary\": \"c\"}");
	CU_ASSERT_EQUAL(go(&w, "codex"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "c");
	CU_ASSERT(node_item(profile_get(w.p, "filesystem.allow"), "$HOME/.codex") != NULL);
	user(&w, "codex.json", "{\"extends\": \"b-ns/pack\"}");
	CU_ASSERT_EQUAL(go(&w, "codex"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "b");
	CU_ASSERT(node_item(profile_get(w.p, "packs"), "b-ns/pack") != NULL);
	world_clear(&w);
}

/* ---- inheritance ---- */

static void
test_siblings(void)
{
	struct world w;

	world_init(&w);
	user(&w, "base.json", "{\"binary\": \"user\"}");
	put(&w, "p/child.json", "{\"extends\": \"base\"}");
	CU_ASSERT_EQUAL(go(&w, "p/child.json"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "user");
	put(&w, "p/base.json", "{\"binary\": \"json\"}");
	CU_ASSERT_EQUAL(go(&w, "p/child.json"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "json");
	put(&w, "p/base.jsonc", "{\"binary\": \"jsonc\"}");
	CU_ASSERT_EQUAL(go(&w, "p/child.json"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "jsonc");
	/* A user's profile does not look beside a project's. */
	user(&w, "global.json", "{\"extends\": \"base\"}");
	put(&w, "p/other.json", "{\"extends\": \"global\"}");
	CU_ASSERT_EQUAL(go(&w, "p/other.json"), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "user");
	world_clear(&w);
}

static void
test_own_name(void)
{
	struct world w;

	world_init(&w);
	/* A file may build on what it is called after... */
	put(&w, "p/codex.json", "{\"extends\": \"codex\", \"skipdirs\": [\"p\"]}");
	CU_ASSERT_EQUAL(go(&w, "p/codex.json"), 0);
	CU_ASSERT(node_item(profile_get(w.p, "filesystem.allow"), "$HOME/.codex") != NULL);
	user(&w, "codex.json", "{\"extends\": \"codex\", \"skipdirs\": [\"u\"]}");
	CU_ASSERT_EQUAL(go(&w, "codex"), 0);
	CU_ASSERT(node_item(profile_get(w.p, "filesystem.allow"), "$HOME/.codex") != NULL);
	/* ...and so may one that builds on that file. */
	CU_ASSERT_EQUAL(go(&w, "p/codex.json"), 0);
	CU_ASSERT(node_item(profile_get(w.p, "skipdirs"), "u") != NULL);
	/* But no project may say what a built-in name means. */
	put(&w, "p/second.json", "{\"extends\": \"codex\"}");
	CU_ASSERT(fails(&w, "p/second.json", "has the name of the built-in profile 'codex'"));
	CU_ASSERT_EQUAL(go_with(&w, "p/second.json", PROFILE_PROJECT_PRESETS, NULL, 0), 0);
	CU_ASSERT(node_item(profile_get(w.p, "skipdirs"), "p") != NULL);
	world_clear(&w);
}

static void
test_circles(void)
{
	struct world w;

	world_init(&w);
	user(&w, "a.json", "{\"extends\": \"b\"}");
	user(&w, "b.json", "{\"extends\": [\"default\", \"c\"]}");
	user(&w, "c.json", "{\n\"extends\": \"a\"}");
	CU_ASSERT(fails(&w, "a", "circular dependency detected: a -> b -> c -> a"));
	CU_ASSERT(strstr(w.e.text, "Profile inheritance error: ") == w.e.text);
	CU_ASSERT(strstr(w.e.text, "/profiles/c.json:2:12: ") != NULL);
	CU_ASSERT_STRING_EQUAL(w.problem.class_name, "Profile inheritance error");
	user(&w, "self.json", "{\"extends\": \"self\"}");
	CU_ASSERT(fails(&w, "self", "base profile 'self' not found"));
	world_clear(&w);
}

static void
test_depth(void)
{
	struct world w;
	char name[32], text[64];

	world_init(&w);
	for (int i = 0; i <= PROFILE_EXTENDS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "p%d.json", i);
		(void)snprintf(text, sizeof(text), "{\"extends\": \"p%d\", \"skipdirs\": [\"%d\"]}",
			       i + 1, i);
		user(&w, name, text);
	}
	user(&w, "p10.json", "{\"skipdirs\": [\"10\"]}");
	CU_ASSERT_EQUAL(go(&w, "p0"), 0);
	CU_ASSERT_EQUAL(profile_get(w.p, "skipdirs")->count, 11);
	CU_ASSERT_STRING_EQUAL(profile_get(w.p, "skipdirs")->first->text, "10");
	user(&w, "p10.json", "{\"extends\": \"p11\"}");
	user(&w, "p11.json", "{}");
	CU_ASSERT(fails(&w, "p0", "inheritance chain too deep (max 10): p0 -> p1 -> "));
	/* The same through a base that was already resolved at a smaller depth. */
	user(&w, "top.json", "{\"extends\": [\"p1\", \"p0\"]}");
	CU_ASSERT(fails(&w, "top", "inheritance chain too deep"));
	CU_ASSERT_EQUAL(go(&w, "p1"), 0);
	world_clear(&w);
}

static void
test_extends_flag(void)
{
	static const char *const bases[] = { "one", "two" };
	struct world w;

	world_init(&w);
	user(&w, "one.json", "{\"binary\": \"1\", \"skipdirs\": [\"1\"]}");
	user(&w, "two.json", "{\"binary\": \"2\", \"skipdirs\": [\"2\"]}");
	user(&w, "x.json", "{\"extends\": \"three\", \"skipdirs\": [\"x\"]}");
	user(&w, "three.json", "{\"skipdirs\": [\"3\"]}");
	CU_ASSERT_EQUAL(go_with(&w, "x", 0, bases, 2), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "2");
	CU_ASSERT_STRING_EQUAL(profile_get(w.p, "skipdirs")->first->text, "1");
	CU_ASSERT_STRING_EQUAL(profile_get(w.p, "skipdirs")->last->text, "x");
	CU_ASSERT_EQUAL(w.p->extends->count, 1);
	CU_ASSERT_EQUAL(go_with(&w, "x", 0, (const char *const[]){ "no" }, 1), -ENOENT);
	CU_ASSERT(strstr(w.e.text, "Profile inheritance error: --extends: base profile 'no'") ==
		  w.e.text);
	world_clear(&w);
}

static void
test_origins(void)
{
	const struct node *n;
	struct world w;

	world_init(&w);
	user(&w, "base.json", "{\"filesystem\": {\"read\": [\"/a\", \"/b\"]}}");
	user(&w, "x.json", "{\"extends\": \"base\",\n\"filesystem\": {\"read\": [\"/b\"]}}");
	CU_ASSERT_EQUAL_FATAL(go(&w, "x"), 0);
	n = profile_get(w.p, "filesystem.read")->first;
	CU_ASSERT_STRING_EQUAL(n->source->name, "base");
	CU_ASSERT_STRING_EQUAL(n->source->via->name, "x");
	CU_ASSERT_PTR_NULL(n->again);
	n = n->next;
	CU_ASSERT_STRING_EQUAL(n->source->name, "base");
	CU_ASSERT_PTR_NOT_NULL_FATAL(n->again);
	CU_ASSERT_STRING_EQUAL(n->again->source->name, "x");
	CU_ASSERT_EQUAL(n->again->line, 2);
	CU_ASSERT_EQUAL(w.p->sources_count, 2);
	world_clear(&w);
}

/* ---- what every profile has (9.3, B6) ---- */

static bool
has_group(const struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->groups_count; i++)
		if (str_equal(p->groups[i].name, name))
			return true;
	return false;
}

static void
test_groups(void)
{
	static const char *const texts[] = {
		"{}",
		"{\"meta\": {\"name\": \"default\"}}",
		"{\"extends\": []}",
		"{\"extends\": null, \"groups\": {\"include\": []}}",
		"{\"extends\": \"sibling\"}",
	};
	struct world w;

	world_init(&w);
	put(&w, "p/sibling.json", "{\"meta\": {\"name\": \"default\"}}");
	for (size_t i = 0; i < UNIT_COUNT(texts); i++) {
		put(&w, "p/x.json", texts[i]);
		CU_ASSERT_EQUAL_FATAL(go(&w, "p/x.json"), 0);
		for (size_t k = 0; k < groups_count; k++)
			if (groups_table[k].required && groups_table[k].linux_group)
				CU_ASSERT(has_group(w.p, groups_table[k].name));
		CU_ASSERT(has_group(w.p, "user_tools"));
		CU_ASSERT(has_group(w.p, "deny_credentials_extended"));
	}
	put(&w, "p/x.json",
	    "{\"groups\": {\"include\": [\"node_runtime\", \"nope\"], \"exclude\": "
	    "[\"user_tools\", \"deny_credentials_extended\", \"unknown\"]}}");
	CU_ASSERT_EQUAL_FATAL(go(&w, "p/x.json"), 0);
	CU_ASSERT_FALSE(has_group(w.p, "user_tools"));
	CU_ASSERT_FALSE(has_group(w.p, "deny_credentials_extended"));
	CU_ASSERT(has_group(w.p, "node_runtime"));
	CU_ASSERT_PTR_NULL(w.p->groups[w.p->groups_count - 1].group);
	put(&w, "p/x.json", "{\"groups\": {\"exclude\": [\"deny_credentials\"]}}");
	CU_ASSERT(fails(&w, "p/x.json", "Cannot exclude required groups: 'deny_credentials'"));
	CU_ASSERT_EQUAL(go_with(&w, "p/x.json", PROFILE_LENIENT, NULL, 0), 0);
	CU_ASSERT(has_group(w.p, "deny_credentials"));
	world_clear(&w);
}

/* ---- whom to believe (B18) ---- */

static void
set_mode(const struct world *w, const char *name, mode_t mode)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", w->root, name);
	CU_ASSERT_EQUAL(chmod(path, mode), 0);
}

static void
test_trust(void)
{
	struct world w;

	world_init(&w);
	user(&w, "x.json", "{}");
	CU_ASSERT_EQUAL(go(&w, "x"), 0);
	CU_ASSERT_EQUAL(w.notes.count, 0);
	set_mode(&w, "home/.config/nono/profiles/x.json", 0620);
	CU_ASSERT(fails(&w, "x", "others can change this profile: it can be written by others"));
	CU_ASSERT_EQUAL(go_with(&w, "x", PROFILE_TRUST_ANY, NULL, 0), 0);
	set_mode(&w, "home/.config/nono/profiles/x.json", 0600);
	set_mode(&w, "home/.config/nono/profiles", 0777);
	CU_ASSERT(fails(&w, "x", "profiles' can be written by others"));
	/* Above <cfg> is the user's own business. */
	set_mode(&w, "home/.config/nono/profiles", 0700);
	set_mode(&w, "home/.config", 0777);
	CU_ASSERT_EQUAL(go(&w, "x"), 0);
	put(&w, "p/y.json", "{}");
	set_mode(&w, "p", 0777);
	CU_ASSERT_EQUAL(go(&w, "p/y.json"), 0);
	CU_ASSERT_EQUAL(w.notes.count, 1);
	CU_ASSERT(strstr(w.notes.item[0].text, "can be changed by others") != NULL);
	put(&w, "p/y.json", "{\"binary\": \"sh\"}");
	CU_ASSERT(fails(&w, "p/y.json", "--allow-untrusted-profile"));
	put(&w, "p/y.json", "{\"filesystem\": {\"bypass_protection\": [\"~/.ssh\"]}}");
	CU_ASSERT(fails(&w, "p/y.json", "others can change this profile"));
	CU_ASSERT_EQUAL(go_with(&w, "p/y.json", PROFILE_TRUST_ANY, NULL, 0), 0);
	world_clear(&w);
}

static void
test_drafts(void)
{
	struct world w;
	char target[512], path[512];

	world_init(&w);
	put(&w, "home/.config/nono/profile-drafts/x.json", "{\"binary\": \"draft\"}");
	CU_ASSERT(fails(&w, "x", "Profile not found"));
	CU_ASSERT_EQUAL(go_with(&w, "x", PROFILE_DRAFT, NULL, 0), 0);
	CU_ASSERT_STRING_EQUAL(binary_of(&w), "draft");
	CU_ASSERT(go_with(&w, "../profiles/x", PROFILE_DRAFT, NULL, 0) < 0);
	/* The sandboxed program may write drafts: it must not make nono read another file. */
	(void)snprintf(target, sizeof(target), "%s/home/.config/nono/profile-drafts/x.json",
		       w.root);
	(void)snprintf(path, sizeof(path), "%s/home/.config/nono/profile-drafts/l.json", w.root);
	CU_ASSERT_EQUAL(symlink(target, path), 0);
	CU_ASSERT_EQUAL(go_with(&w, "l", PROFILE_DRAFT, NULL, 0), -ELOOP);
	world_clear(&w);
}

static void
test_alone(void)
{
	struct world w;

	world_init(&w);
	user(&w, "x.json",
	     "{\"extends\": [\"nothing\"], \"policy\": {\"add_allow_read\": [\"/x\"]}}");
	CU_ASSERT_EQUAL(go_with(&w, "x", PROFILE_ALONE, NULL, 0), 0);
	CU_ASSERT_EQUAL(w.notes.count, 0);
	CU_ASSERT_STRING_EQUAL(w.p->extends->first->text, "nothing");
	user(&w, "x.json", "{\"policy\": {\"add_allow_read\": [\"/x\"]}}");
	CU_ASSERT_EQUAL(go(&w, "x"), 0);
	CU_ASSERT_EQUAL(w.notes.count, 1);
	CU_ASSERT_EQUAL(w.notes.item[0].kind, POLICY_NOTE_DEPRECATED);
	CU_ASSERT_EQUAL(w.p->deprecated_keys, 1);
	CU_ASSERT_EQUAL(go_with(&w, "x", PROFILE_QUIET, NULL, 0), 0);
	CU_ASSERT_EQUAL(w.notes.count, 0);
	world_clear(&w);
}

/* Memory that runs out is told as that, at every allocation. */
static void
test_memory(void)
{
	struct world w;
	int code = -1;

	world_init(&w);
	user(&w, "base.json",
	     "{\"filesystem\": {\"read\": [{\"path\": \"/a\", \"when\": \"linux\"}]}}");
	user(&w, "x.json",
	     "{\"extends\": [\"base\", \"default\"], \"policy\": {\"add_deny_access\": [\"/d\"]}, "
	     "\"network\": {\"allow_domain\": [{\"domain\": \"a\", \"endpoints\": []}]}, "
	     "\"command_policies\": {\"commands\": {\"git\": {\"allow_direct_exec_bypass\": [\"/x\"]}}}, "
	     "\"remove\": {\"filesystem\": {\"read\": [\"/a\"]}}}");
	for (int n = 1; n < 5000 && code != 0; n++) {
		pid_t pid;
		int status;

		(void)fflush(stdout);
		pid = fork();
		if (pid == 0) {
			char number[16];
			int r;

			(void)snprintf(number, sizeof(number), "%d", n);
			(void)setenv("NONO_TEST_FAIL_ALLOC", number, 1);
			r = go(&w, "x");
			_exit(r == 0 ? 0 : r == -ENOMEM ? 1 : 2);
		}
		CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
		code = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
		CU_ASSERT_TRUE(code <= 1);
		if (code > 1)
			break;
	}
	CU_ASSERT_EQUAL(code, 0);
	world_clear(&w);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "names, paths and packs", test_classify },
		{ "the order of places", test_order },
		{ "paths", test_paths },
		{ "the configuration directory", test_config_root },
		{ "packs", test_packs },
		{ "files beside the profile", test_siblings },
		{ "a profile of the same name", test_own_name },
		{ "circles", test_circles },
		{ "depth", test_depth },
		{ "--extends", test_extends_flag },
		{ "who asked for an entry", test_origins },
		{ "groups that every profile has", test_groups },
		{ "who could have written it", test_trust },
		{ "drafts", test_drafts },
		{ "one text alone", test_alone },
		{ "memory", test_memory },
	};

	return unit_run("profile load", tests, UNIT_COUNT(tests));
}
