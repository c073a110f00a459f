/*
 * What a session asks of namespaces.
 *
 * --deny-overlap=auto: a denied path below a grant is covered in the session's tree instead of
 * refusing the start (spec 02 5.2). Here it is decided which, and what cannot be covered.
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/str.h"
#include "profiles/internal.h"
#include "profiles/manifest.h"
#include "profiles/profile.h"

/* Without namespaces nothing can be covered: then a conflict stays one. */
bool
masks_wanted(const struct assembly *a)
{
	if (namespaces_wanted(a) == PLAN_NAMESPACES_OFF)
		return false;
	if (a->rq->deny_overlap != DENY_OVERLAP_UNSET)
		return a->rq->deny_overlap == DENY_OVERLAP_AUTO;
	return str_equal(node_text(profile_get(a->rq->profile, "linux.deny_overlap"), "refuse"),
			 "auto");
}

enum plan_namespaces
namespaces_wanted(const struct assembly *a)
{
	static const char *const words[] = {
		[PLAN_NAMESPACES_AUTO] = "auto",
		[PLAN_NAMESPACES_OFF] = "off",
		[PLAN_NAMESPACES_FULL] = "full",
		[PLAN_NAMESPACES_REQUIRE] = "require",
	};
	const char *word = a->rq->namespaces;

	/* Without the tree it would protect nothing; and Landlock does not ask who changes modes and owners. */
	if (protection_wanted(a) || file_caps_kept(a))
		return PLAN_NAMESPACES_REQUIRE;
	if (!word)
		word = node_text(profile_get(a->rq->profile, "linux.namespaces"), "auto");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_equal(word, words[i]))
			return (enum plan_namespaces)i;
	return PLAN_NAMESPACES_AUTO;
}

/*
 * Where all namespaces are asked for, processes are among them, unless the profile lets the program see
 * or signal those of others. `require` asks for these alone, too.
 */
int
processes_wanted(const struct assembly *a, struct plan_settings *s, struct err *e)
{
	const struct profile *p = a->rq->profile;
	const char *word = node_text(profile_get(p, "linux.pid_namespace"), "auto");
	const char *seen = node_text(
		a->rq->manifest ? manifest_get(a->rq->manifest, "process.process_info_mode")
				: profile_get(p, "security.process_info_mode"),
		"isolated");

	if (str_equal(word, "require")) {
		if (s->namespaces == PLAN_NAMESPACES_OFF)
			return err_set(
				e, -EINVAL,
				"linux.pid_namespace \"require\" cannot hold under "
				"--namespaces=off (linux.namespaces); leave one of them out");
		if (s->mode == PLAN_MODE_WRAP)
			return err_set(
				e, -EINVAL,
				"linux.pid_namespace \"require\" cannot hold under `nono wrap`, "
				"which becomes the program itself; use `nono run`");
		s->flags |= PLAN_OWN_PROCESSES | PLAN_NEED_PROCESSES;
	} else if (str_equal(word, "auto") && s->namespaces >= PLAN_NAMESPACES_FULL &&
		   s->mode != PLAN_MODE_WRAP && s->signal_mode != PLAN_ALLOW_ALL &&
		   !str_equal(seen, "allow_all")) {
		s->flags |= PLAN_OWN_PROCESSES;
	}
	return 0;
}

/* What is granted inside a masked path could not be reached: the mask covers all of it. */
static int
check_inside(const struct assembly *a, const struct deny *d, struct err *e)
{
	for (size_t i = 0; i < a->grants_count; i++) {
		const struct grant *g = &a->grants[i];

		if (g->alias == PLAN_ALIAS_NONE && path_is_beneath(g->place, d->resolved))
			return err_set(e, -EACCES,
				       "Sandbox initialization failed: '%s' is granted inside the "
				       "denied path '%s', which --deny-overlap=auto covers as a "
				       "whole; %s%s%sgrant narrower directories",
				       g->original, d->literal,
				       a->system->forbid_bypass
					       ? ""
					       : "lift all of it with --bypass-protection '",
				       a->system->forbid_bypass ? "" : d->literal,
				       a->system->forbid_bypass ? "" : "', or ");
	}
	if (path_is_beneath(workdir_start(a), d->resolved))
		return err_set(
			e, -EACCES,
			"Sandbox initialization failed: the program would start in the denied "
			"path '%s'; choose another directory with --workdir",
			d->literal);
	return 0;
}

int
masks_check(struct assembly *a, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < a->denies_count && r == 0; i++) {
		struct deny *d = &a->denies[i];
		struct stat st;

		if (!d->mask)
			continue;
		if ((r = check_inside(a, d, e)) < 0)
			break;
		d->absent = lstat(d->resolved, &st) == -1 && errno_is_missing(-errno);
		if (d->absent)
			r = note_add(
				a, POLICY_NOTE_WARNING,
				"denied path '%s' does not exist and cannot be covered: what is "
				"made there while the session runs can be reached",
				d->literal);
		if (r == -ENOMEM)
			return err_memory(e);
	}
	return r;
}
