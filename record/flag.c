/*
 * A path as the plan sees it, and the narrowest flag that would grant it. Decisions are those of
 * plan_query_path(), so the explanation cannot differ from the enforcement. The file system is
 * looked at as it is now; the program may have changed what its names lead to.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/str.h"
#include "record/internal.h"

enum { ACCESS_BOTH = PLAN_READ | PLAN_WRITE };

static int
make_absolute(struct buf *b, const struct plan *p, const char *printed)
{
	if (strncmp(printed, "~/", 2) == 0)
		return path_join(b, plan_string(p, p->settings->home), printed + 2);
	if (printed[0] == '/')
		return buf_adds(b, printed);
	return path_join(b, plan_string(p, p->settings->start_directory), printed);
}

int
place_find(struct place *ret, const struct plan *p, const char *printed, unsigned int wanted)
{
	static const unsigned int single[] = { PLAN_READ, PLAN_WRITE };
	autobuf struct buf absolute = BUF_INIT;
	struct plan_answer answer;
	struct stat st;
	int r;

	*ret = (struct place)PLACE_INIT;
	if ((r = make_absolute(&absolute, p, printed)) < 0)
		return r;
	/* What these names mean in the program, they do not mean here. */
	if (plan_alias_of(buf_str(&absolute), PLAN_READ) != PLAN_ALIAS_NONE)
		r = path_absolute(&ret->path, "/", buf_str(&absolute));
	else
		r = path_canonical(&ret->path, "/", buf_str(&absolute));
	if (r < 0) {
		place_clear(ret);
		return r;
	}
	ret->exists = stat(buf_str(&ret->path), &st) == 0;
	ret->is_directory = ret->exists && S_ISDIR(st.st_mode);
	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		answer = plan_query_path(p, buf_str(&ret->path), single[i]);
		if (answer.allowed)
			ret->granted |= single[i];
		else if (answer.reason == PLAN_REASON_SENSITIVE)
			ret->deny = answer.deny;
	}
	ret->missing = wanted & ~ret->granted;
	return 0;
}

void
place_clear(struct place *place)
{
	buf_clear(&place->path);
}

static const char *
flag_name(unsigned int access, bool is_file)
{
	static const char *const names[2][4] = {
		{ NULL, "--read", "--write", "--allow" },
		{ NULL, "--read-file", "--write-file", "--allow-file" },
	};

	return names[is_file][access & ACCESS_BOTH];
}

/* Append the directory of a path. */
static int
add_parent(struct buf *b, const char *path)
{
	const char *slash = strrchr(path, '/');

	return buf_add(b, path, slash && slash > path ? (size_t)(slash - path) : 1);
}

static bool
overlaps(const char *path, bool is_directory, const char *kept)
{
	return path_is_beneath(path, kept) || (is_directory && path_is_beneath(kept, path));
}

/*
 * Would the next start refuse this grant? Home and what lies above, because they hold nono's own
 * records and settings, and these themselves (profiles/roots.c). The path comes from text that the
 * program wrote: a lie must not lead to the advice `--allow /`.
 */
static int
is_never_granted(bool *ret, const struct plan *p, const char *path, bool is_directory,
		 unsigned int access)
{
	static const struct {
		const char *name;
		bool for_reading;
	} kept[] = { { ".local/state/nono", true }, { ".nono", true }, { ".config/nono", false } };
	const char *home = plan_string(p, p->settings->home);
	const char *state = plan_string(p, p->settings->state_directory);
	bool found = is_directory && path_is_beneath(home, path);

	if (*state && overlaps(path, is_directory, state))
		found = true;
	for (size_t i = 0; i < ARRAY_LEN(kept) && !found; i++) {
		autobuf struct buf name = BUF_INIT;
		int r = path_join(&name, home, kept[i].name);

		if (r < 0)
			return r;
		found = (kept[i].for_reading || (access & PLAN_WRITE)) &&
			overlaps(path, is_directory, buf_str(&name));
	}
	*ret = found;
	return 0;
}

int
grant_flag_find(struct grant_flag *ret, const struct plan *p, const struct place *place,
		unsigned int access)
{
	const char *parent;
	struct stat st;
	bool never = false;
	int r;

	*ret = (struct grant_flag){
		.path = BUF_INIT,
		.access = access & ACCESS_BOTH,
		.in_manifest = p->settings->flags & PLAN_MANIFEST,
	};
	if (place->exists) {
		ret->is_file = !place->is_directory;
		r = buf_adds(&ret->path, buf_str(&place->path));
	} else {
		r = add_parent(&ret->path, buf_str(&place->path));
		parent = buf_str(&ret->path);
		/*
		 * Some directories are not granted whole, and a missing one cannot be: then the
		 * path itself, once it was made.
		 */
		if (r == 0)
			r = is_never_granted(&never, p, parent, true, access);
		if (r == 0 && (never || stat(parent, &st) == -1)) {
			buf_reset(&ret->path);
			ret->is_file = true;
			ret->must_be_made = true;
			r = buf_adds(&ret->path, buf_str(&place->path));
		}
	}
	ret->name = flag_name(access, ret->is_file);
	if (r == 0)
		r = is_never_granted(&ret->refused, p, buf_str(&ret->path), !ret->is_file, access);
	if (r < 0)
		grant_flag_clear(ret);
	return r;
}

void
grant_flag_clear(struct grant_flag *f)
{
	buf_clear(&f->path);
}

static int
add_entry(struct buf *b, const struct grant_flag *f)
{
	static const char *const access[] = { "", "read", "write", "readwrite" };
	autobuf struct buf quoted = BUF_INIT;
	int r = 0;

	for (const char *c = buf_str(&f->path); *c && r == 0; c++) {
		if (*c == '"' || *c == '\\')
			r = buf_addc(&quoted, '\\');
		if (r == 0)
			r = buf_addc(&quoted, *c);
	}
	if (r < 0 || (r = buf_adds(b, "{ \"path\": \"")) < 0 ||
	    (r = str_printable(b, (struct slice){ quoted.p, quoted.n })) < 0)
		return r;
	return buf_addf(b, "\", \"access\": \"%s\", \"type\": \"%s\" }", access[f->access],
			f->is_file ? "file" : "directory");
}

int
grant_flag_add(struct buf *b, const struct grant_flag *f)
{
	autobuf struct buf quoted = BUF_INIT;
	int r;

	if (f->in_manifest)
		return add_entry(b, f);
	if ((r = str_shell_quote(&quoted, buf_str(&f->path))) < 0 ||
	    (r = buf_adds(b, f->name)) < 0 || (r = buf_addc(b, ' ')) < 0)
		return r;
	return str_printable(b, (struct slice){ quoted.p, quoted.n });
}
