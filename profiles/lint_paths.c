/*
 * Rules about paths. A grant that a person wrote is judged by what it covers here; grants of groups
 * and presets only by what could run later outside the sandbox.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "plan/format.h"
#include "profiles/groups.h"
#include "profiles/internal.h"
#include "profiles/lint_internal.h"
#include "profiles/place.h"

/* ---- P008 ---- */

static bool
covers(const struct lint_path *wide, const struct lint_path *narrow)
{
	if (wide->group || narrow->group || wide->socket != narrow->socket ||
	    (wide->access & narrow->access) != narrow->access)
		return false;
	if (wide->socket)
		return str_equal(wide->list, narrow->list) &&
		       str_equal(wide->canonical, narrow->canonical);
	if (str_equal(wide->canonical, narrow->canonical))
		return true;
	return !wide->file_list && wide->directory &&
	       path_is_inside(narrow->canonical, wide->canonical);
}

static void
check_covered(struct lint *l, size_t i)
{
	const struct lint_path *narrow = &l->path[i];

	/* Where somebody works is no entry that could be taken out. */
	if (str_equal(narrow->list, "workdir"))
		return;
	for (size_t k = 0; k < l->paths; k++) {
		const struct lint_path *wide = &l->path[k];

		/* Of two that are equal the later one is too many. */
		if (k == i || !covers(wide, narrow) || (covers(narrow, wide) && k > i))
			continue;
		lint_add(l, "P008", LINT_WARN, narrow->node, lint_pointer(l, narrow), "take it out",
			 "'%s' is already granted by '%s' (%s)", narrow->written, wide->written,
			 wide->list);
		return;
	}
}

/* ---- P101 to P104 ---- */

static bool
is_bypassed(const struct lint *l, const struct lint_deny *d, const char *path)
{
	for (size_t i = 0; i < l->bypasses; i++)
		if (path_is_beneath(path, l->bypass[i].canonical) ||
		    path_is_beneath(d->canonical, l->bypass[i].canonical))
			return true;
	return false;
}

static void
check_inside_deny(struct lint *l, const struct lint_path *p)
{
	for (size_t i = 0; i < l->denies; i++) {
		const struct lint_deny *d = &l->deny[i];
		autobuf struct buf fix = BUF_INIT;

		if (!path_is_beneath(p->canonical, d->canonical) || is_bypassed(l, d, p->canonical))
			continue;
		if (buf_addf(&fix, "add \"%s\" to filesystem.bypass_protection", p->written) < 0)
			l->failed = true;
		lint_add(l, "P101", LINT_ERROR, p->node, lint_pointer(l, p), buf_str(&fix),
			 "'%s' lies at or in the protected path '%s' (%s)", p->written, d->written,
			 d->group ? d->group->name : "filesystem.deny");
		return;
	}
}

static void
check_around_deny(struct lint *l, const struct lint_path *p)
{
	const char *overlap = node_text(profile_get(l->p, "linux.deny_overlap"), "refuse");
	const struct lint_deny *first = NULL;
	size_t more = 0;

	if (!str_equal(overlap, "refuse") || p->file_list || p->socket)
		return;
	for (size_t i = 0; i < l->denies; i++) {
		const struct lint_deny *d = &l->deny[i];

		/* Entries that every profile has give way to a person's grant. */
		if ((d->group && d->group->extended) ||
		    !path_is_inside(d->canonical, p->canonical) || is_bypassed(l, d, d->canonical))
			continue;
		more += first != NULL;
		if (!first)
			first = d;
	}
	if (!first)
		return;
	lint_add(l, "P102", LINT_ERROR, p->node, lint_pointer(l, p),
		 "grant a narrower directory, or set linux.deny_overlap to auto",
		 "the denied path '%s' lies below '%s'%s; a program would not be started",
		 first->written, p->written, more ? ", and others" : "");
}

static void
check_bypass(struct lint *l, const struct lint_path *b)
{
	bool covered = false, matches = false;

	for (size_t i = 0; i < l->paths; i++)
		covered |= !l->path[i].group &&
			   (path_is_beneath(l->path[i].canonical, b->canonical) ||
			    path_is_beneath(b->canonical, l->path[i].canonical));
	for (size_t i = 0; i < l->denies; i++)
		matches |= path_is_beneath(b->canonical, l->deny[i].canonical) ||
			   path_is_beneath(l->deny[i].canonical, b->canonical);
	if (!matches)
		lint_add(l, "P104", LINT_WARN, b->node, lint_pointer(l, b), "take it out",
			 "bypass_protection '%s' matches no denied path", b->written);
	else if (!covered)
		lint_add(l, "P103", LINT_ERROR, b->node, lint_pointer(l, b),
			 "add a grant of it, or take it out",
			 "bypass_protection '%s' grants nothing by itself, and no grant covers it",
			 b->written);
	else if (!b->exists)
		lint_add(l, "P104", LINT_WARN, b->node, lint_pointer(l, b), NULL,
			 "bypass_protection '%s' does not exist here", b->written);
}

/* ---- P105, P106 ---- */

static void
check_roots(struct lint *l, const struct lint_path *p)
{
	static const char *const places[] = { "state", "configuration" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		autobuf struct buf root = BUF_INIT, real = BUF_INIT;
		struct err ignored = ERR_INIT;
		bool state = i == 0, drafts;
		int r = state ? place_state(&root, l->environment, &ignored)
			      : place_config(&root, l->environment, &ignored);

		if (r < 0 || path_canonical(&real, "/", buf_str(&root)) < 0)
			continue;
		if (!path_is_beneath(p->canonical, buf_str(&real)) &&
		    !(p->directory && !p->file_list &&
		      path_is_beneath(buf_str(&real), p->canonical)))
			continue;
		drafts = !state && str_equal(path_basename(p->canonical), "profile-drafts");
		if (drafts || (!state && !(p->access & PLAN_WRITE)))
			continue;
		lint_add(l, "P105", LINT_ERROR, p->node, lint_pointer(l, p),
			 state ? "grant other directories"
			       : "programs write drafts, in $NONO_CONFIG/profile-drafts",
			 "'%s' gives access to nono's own %s", p->written,
			 state ? "records" : "configuration");
		return;
	}
}

static void
check_wide(struct lint *l, const struct lint_path *p)
{
	static const char *const wide[] = {
		"/", "/home", "/etc", "/root", "/var", "/proc", "/sys"
	};
	bool found = str_equal(p->canonical, inspect_home(l->in));

	if (p->file_list || p->socket)
		return;
	for (size_t i = 0; i < ARRAY_LEN(wide); i++)
		found |= str_equal(p->canonical, wide[i]);
	if (found)
		lint_add(l, "P106", p->access & PLAN_WRITE ? LINT_ERROR : LINT_WARN, p->node,
			 lint_pointer(l, p), "grant the directories in it that are needed",
			 "%s of '%s' is far more than a program needs",
			 p->access & PLAN_WRITE ? "writing" : "reading", p->written);
}

/* ---- P107: what would run later, outside ---- */

static const char *const run_later[] = {
	"~/.local/bin",
	"~/.config/autostart",
	"~/.config/systemd/user",
	"~/.local/share/systemd/user",
	"~/.config/environment.d",
	"~/.local/share/applications",
	"~/.local/share/dbus-1/services",
	"~/.config/git",
	"~/.gitconfig",
	"~/.ssh/rc",
	"~/.pam_environment",
	"~/.xprofile",
	"~/.xsession",
	"~/.bashrc",
	"~/.bash_profile",
	"~/.profile",
	"~/.zshrc",
	"~/.zprofile",
	"~/.zshenv",
	"~/.config/fish",
	"~/.vimrc",
	"~/.config/nvim",
	"~/.emacs.d",
	"~/.config/Code/User",
	"~/.vscode/extensions",
	"~/.claude",
	"~/.codex",
	"~/.config/opencode",
	"~/.cargo/config.toml",
	"~/.npmrc",
	"~/.config/pip",
	"/var/spool/cron",
	"/etc/cron.d",
};

/* The first place that a write grant covers, or that it lies in; appended. */
static bool
find_run_later(struct lint *l, const struct lint_path *p, struct buf *ret)
{
	const char *path = environment_get(l->environment, "PATH");

	for (size_t i = 0; i < ARRAY_LEN(run_later); i++) {
		autobuf struct buf place = BUF_INIT, real = BUF_INIT;
		struct err ignored = ERR_INIT;

		if (inspect_expand(&place, l->in, run_later[i], &ignored) < 0 ||
		    path_canonical(&real, "/", buf_str(&place)) < 0)
			continue;
		if (path_is_beneath(p->canonical, buf_str(&real)) ||
		    (!p->file_list && path_is_beneath(buf_str(&real), p->canonical))) {
			l->failed |= buf_adds(ret, run_later[i]) < 0;
			return true;
		}
	}
	while (path && *path) {
		size_t n = strcspn(path, ":");
		autobuf struct buf entry = BUF_INIT, real = BUF_INIT;

		if (n > 0 && path[0] == '/' && buf_add(&entry, path, n) == 0 &&
		    path_canonical(&real, "/", buf_str(&entry)) == 0 &&
		    (path_is_beneath(p->canonical, buf_str(&real)) ||
		     (!p->file_list && path_is_beneath(buf_str(&real), p->canonical)))) {
			l->failed |= buf_addf(ret, "%s, a directory of $PATH", buf_str(&entry)) < 0;
			return true;
		}
		path += n + (path[n] == ':');
	}
	return false;
}

/* Files of a project that tools run by themselves. */
static bool
find_project_file(const struct lint_path *p, const char **ret)
{
	static const char *const names[] = { ".git/hooks", ".git/config", ".vscode/tasks.json",
					     ".envrc" };

	for (size_t i = 0; i < ARRAY_LEN(names) && p->directory; i++) {
		autobuf struct buf file = BUF_INIT;

		if (path_join(&file, p->canonical, names[i]) == 0 &&
		    access(buf_str(&file), F_OK) == 0) {
			*ret = names[i];
			return true;
		}
	}
	return false;
}

static void
check_run_later(struct lint *l, const struct lint_path *p)
{
	autobuf struct buf place = BUF_INIT;
	const char *name;

	if (!(p->access & PLAN_WRITE))
		return;
	if (find_run_later(l, p, &place))
		lint_add(
			l, "P107", lint_is_ours(p) ? LINT_WARN : LINT_ERROR, p->node,
			lint_pointer(l, p), "grant a narrower directory, or reading only",
			"writing '%s' lets the program change what runs later outside the sandbox: "
			"%s",
			p->written, buf_str(&place));
	else if (!p->group && find_project_file(p, &name))
		lint_add(l, "P107", LINT_INFO, p->node, lint_pointer(l, p), NULL,
			 "writing '%s' lets the program change %s, which your tools run",
			 p->written, name);
}

/* ---- P108 to P112 ---- */

static void
check_secret(struct lint *l, const struct lint_path *p)
{
	if (!(p->access & PLAN_READ) || p->file_list || p->group || !p->node || lint_is_ours(p))
		return;
	for (size_t i = 0; i < l->denies; i++) {
		const struct lint_deny *d = &l->deny[i];

		if (!d->group || !d->group->extended ||
		    !path_is_inside(d->canonical, p->canonical) || is_bypassed(l, d, d->canonical))
			continue;
		lint_add(l, "P108", LINT_WARN, p->node, lint_pointer(l, p),
			 str_ends_with(p->written, "/.cargo")
				 ? "grant .cargo/bin, .cargo/registry, .cargo/git, "
				   ".cargo/config.toml, .cargo/env"
				 : "grant the directories in it that are needed",
			 "'%s' holds secrets that this grant opens: %s", p->written, d->written);
		return;
	}
}

static void
check_existence(struct lint *l, const struct lint_path *p)
{
	const char *pointer;

	if (p->group || !p->node || str_equal(p->list, "workdir"))
		return;
	pointer = lint_pointer(l, p);
	if (!p->exists) {
		lint_add(l, "P109", LINT_INFO, p->node, pointer, NULL, "'%s' does not exist here",
			 p->written);
	} else if (!lint_is_ours(p) && !p->socket && p->file_list && p->directory) {
		lint_add(l, "P109", LINT_ERROR, p->node, pointer, "use the list for directories",
			 "'%s' is a directory, in filesystem.%s", p->written, p->list);
	} else if (!lint_is_ours(p) && !p->socket && !p->file_list && !p->directory &&
		   (p->access & PLAN_WRITE)) {
		lint_add(l, "P109", LINT_ERROR, p->node, pointer, "use the list for files",
			 "'%s' is a file, in filesystem.%s", p->written, p->list);
	}
	if (p->exists && !str_equal(p->path, p->canonical) && !lint_is_ours(p)) {
		autobuf struct buf parent = BUF_INIT;
		size_t n = strlen(p->path) - strlen(path_basename(p->path));

		/* The whole home behind a link is no news. */
		if (buf_add(&parent, p->path, n > 1 ? n - 1 : n) == 0 &&
		    !path_is_beneath(p->canonical, buf_str(&parent)))
			lint_add(l, "P110", LINT_WARN, p->node, pointer, "write the real path",
				 "'%s' leads through a symbolic link to '%s'", p->written,
				 p->canonical);
	}
}

static void
check_spelling(struct lint *l, const struct lint_path *p)
{
	const char *odd;

	if (p->group || !p->node || str_equal(p->list, "workdir"))
		return;
	odd = strpbrk(p->path, "*?[");
	if (strstr(p->path, "${"))
		lint_add(l, "P111", LINT_WARN, p->node, lint_pointer(l, p), "write $NAME",
			 "'%s': ${NAME} is not replaced", p->written);
	else if (strchr(p->path, '$'))
		lint_add(l, "P111", LINT_WARN, p->node, lint_pointer(l, p), NULL,
			 "'%s': a variable that is not set stays as it is written", p->written);
	else if (odd && !p->exists)
		lint_add(l, "P111", LINT_WARN, p->node, lint_pointer(l, p),
			 "name the directory above",
			 "'%s': '%c' is a character of a name; patterns are not looked for",
			 p->written, *odd);
}

static const struct {
	const char *path;
	bool daemon; /* starts containers, as root */
} services[] = {
	{ "/run/docker.sock", true },
	{ "/var/run/docker.sock", true },
	{ "/run/podman/podman.sock", true },
	{ "$XDG_RUNTIME_DIR/podman/podman.sock", true },
	{ "/run/containerd/containerd.sock", true },
	{ "$XDG_RUNTIME_DIR/bus", false },
	{ "/run/dbus/system_bus_socket", false },
	{ "$XDG_RUNTIME_DIR/systemd/private", false },
	{ "$SSH_AUTH_SOCK", false },
	{ "$XDG_RUNTIME_DIR/gnupg", false },
	{ "~/.gnupg", false },
	{ "/tmp/.X11-unix", false },
	{ "$XDG_RUNTIME_DIR/wayland-0", false },
};

static void
check_service(struct lint *l, const struct lint_path *p)
{
	for (size_t i = 0; i < ARRAY_LEN(services) && p->socket; i++) {
		autobuf struct buf service = BUF_INIT, real = BUF_INIT;
		struct err ignored = ERR_INIT;

		if (inspect_expand(&service, l->in, services[i].path, &ignored) < 0 ||
		    path_canonical(&real, "/", buf_str(&service)) < 0)
			continue;
		if (!path_is_beneath(p->canonical, buf_str(&real)) &&
		    !str_equal(p->path, buf_str(&service)) &&
		    !(!p->file_list && path_is_beneath(buf_str(&real), p->canonical)))
			continue;
		lint_add(l, "P112", services[i].daemon ? LINT_ERROR : LINT_WARN, p->node,
			 lint_pointer(l, p), NULL,
			 "'%s' reaches a service that acts outside the sandbox%s", p->written,
			 services[i].daemon ? ", as root" : "");
		return;
	}
}

void
lint_paths(struct lint *l)
{
	for (size_t i = 0; i < l->paths; i++) {
		const struct lint_path *p = &l->path[i];

		check_run_later(l, p);
		if (p->group)
			continue;
		check_covered(l, i);
		check_inside_deny(l, p);
		check_around_deny(l, p);
		check_roots(l, p);
		check_wide(l, p);
		check_secret(l, p);
		check_existence(l, p);
		check_spelling(l, p);
		check_service(l, p);
	}
	for (size_t i = 0; i < l->bypasses; i++)
		check_bypass(l, &l->bypass[i]);
}
