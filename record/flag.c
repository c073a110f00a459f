/*
 * A path as the plan sees it, and the narrowest flag that would grant it. Decisions are those of
 * plan_query_path(), so the explanation cannot differ from the enforcement. The file system is
 * looked at as it is now; the program may have changed what its names lead to.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Append the directory of a path. */
static int
add_parent(struct buf *b, const char *path)
{
	const char *slash = strrchr(path, '/');

	return buf_add(b, path, slash && slash > path ? (size_t)(slash - path) : 1);
}

/* Do owner and mode, or a mount that is read-only, refuse the user this as well? */
static bool
is_closed(const struct plan *p, const char *path, int mode)
{
	if (access(path, mode) == 0)
		return false;
	/* Root's rights to pass over modes were given up (confine.c); the program has its own. */
	return errno == EROFS || (errno == EACCES && p->settings->uid != 0);
}

/* The same for a name that is not there: what would refuse to make it. */
static int
creation_closed(unsigned int *ret, const struct plan *p, const char *path)
{
	autobuf struct buf above = BUF_INIT, next = BUF_INIT;
	struct stat st;
	int r;

	*ret = 0;
	if ((r = buf_adds(&above, path)) < 0)
		return r;
	do {
		buf_reset(&next);
		if ((r = add_parent(&next, buf_str(&above))) < 0)
			return r;
		buf_reset(&above);
		if ((r = buf_adds(&above, buf_str(&next))) < 0)
			return r;
	} while (above.n > 1 && stat(buf_str(&above), &st) == -1 && errno == ENOENT);
	if (is_closed(p, buf_str(&above), W_OK | X_OK))
		*ret = PLAN_WRITE;
	return 0;
}

/* What is there, and what of `wanted` the file system itself refuses. */
static int
look_at(struct place *ret, const struct plan *p, unsigned int wanted)
{
	const char *path = buf_str(&ret->path);
	struct stat st;
	int r;

	if (stat(path, &st) == 0) {
		ret->exists = true;
		ret->is_directory = S_ISDIR(st.st_mode);
		if (is_closed(p, path, R_OK))
			ret->closed |= PLAN_READ;
		if (is_closed(p, path, W_OK))
			ret->closed |= PLAN_WRITE;
	} else if (errno == EACCES) {
		ret->closed = p->settings->uid == 0 ? 0 : ACCESS_BOTH;
	} else {
		/* Reading what is not there fails with ENOENT: only making it can be refused. */
		if ((r = creation_closed(&ret->closed, p, path)) < 0)
			return r;
		wanted &= PLAN_WRITE;
	}
	ret->closed &= wanted;
	ret->missing = wanted & ~ret->closed;
	return 0;
}

int
place_find(struct place *ret, const struct plan *p, const char *printed, unsigned int wanted)
{
	static const unsigned int single[] = { PLAN_READ, PLAN_WRITE };
	autobuf struct buf absolute = BUF_INIT;
	struct plan_answer answer;
	int r;

	*ret = (struct place)PLACE_INIT;
	if ((r = make_absolute(&absolute, p, printed)) < 0)
		return r;
	/* What these names mean in the program, they do not mean here. */
	if (plan_alias_of(buf_str(&absolute), PLAN_READ) != PLAN_ALIAS_NONE)
		r = path_absolute(&ret->path, "/", buf_str(&absolute));
	else
		r = path_canonical(&ret->path, "/", buf_str(&absolute));
	if (r == 0)
		r = look_at(ret, p, wanted);
	if (r < 0) {
		place_clear(ret);
		return r;
	}
	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		answer = plan_query_path(p, buf_str(&ret->path), single[i]);
		if (answer.allowed)
			ret->granted |= single[i];
		else if (answer.reason == PLAN_REASON_SENSITIVE)
			ret->deny = answer.deny;
	}
	ret->missing &= ~ret->granted;
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

static bool
overlaps(const char *path, bool is_directory, const char *kept)
{
	return path_is_beneath(path, kept) || (is_directory && path_is_beneath(kept, path));
}

/*
 * Does a directory hold something protected? The next start would refuse it (profiles/deny.c), or
 * open with it what the user did not ask for.
 */
static bool
holds_protected(const struct plan *p, const char *directory)
{
	for (size_t i = 0; i < plan_count(p, PLAN_SEC_DENIES); i++) {
		const struct plan_deny *d = plan_deny_at(p, i);

		if (path_is_beneath(plan_string(p, d->literal), directory) ||
		    path_is_beneath(plan_string(p, d->resolved), directory))
			return true;
	}
	return false;
}

/*
 * Would the next start refuse this grant? Home and what lies above, because they hold nono's own
 * records and settings, these themselves (profiles/roots.c), and what lies above something
 * protected. The path comes from text that the program wrote: a lie must not lead to the advice
 * `--allow /`.
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
	bool found = is_directory && (path_is_beneath(home, path) || holds_protected(p, path));

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

/* $'caf\351', byte by byte: what a terminal or JSON cannot carry is still typed exactly. */
static int
quote_bytes(struct buf *b, const char *word)
{
	int r = buf_adds(b, "$'");

	for (; *word && r == 0; word++) {
		unsigned char c = (unsigned char)*word;

		if (c < 0x20 || c >= 0x7f)
			r = buf_addf(b, "\\%03o", (unsigned int)c);
		else if (c == '\'' || c == '\\')
			r = buf_addf(b, "\\%c", c);
		else
			r = buf_addc(b, (char)c);
	}
	return r < 0 ? r : buf_addc(b, '\'');
}

int
word_quote(struct buf *b, const char *word)
{
	autobuf struct buf shown = BUF_INIT;
	int r = str_printable(&shown, slice_of(word));

	if (r < 0)
		return r;
	return str_equal(buf_str(&shown), word) ? str_shell_quote(b, word) : quote_bytes(b, word);
}

int
grant_flag_add(struct buf *b, const struct grant_flag *f)
{
	int r;

	if (f->in_manifest)
		return add_entry(b, f);
	if ((r = buf_adds(b, f->name)) < 0 || (r = buf_addc(b, ' ')) < 0)
		return r;
	return word_quote(b, buf_str(&f->path));
}
