/* Saving profiles. Writers hold the lock of the directory, as those of `nono profile` do. */
#include "profiles/save.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "profiles/json.h"
#include "profiles/presets.h"
#include "profiles/profile.h"
#include "profiles/store.h"

enum { ATTEMPTS = 2 }; /* an editor may write while we read; not for ever */

const char *
save_name_doubt(const char *name)
{
	if (!profile_name_is_valid(name))
		return "is not a profile name: letters, digits and single hyphens";
	if (preset_find(name))
		return "would shadow an existing built-in or pack profile";
	return NULL;
}

/* Does it load? */
static int
check_text(struct slice text, const char *name, const char *shown, char *const *environment,
	   struct err *e)
{
	struct policy_notes notes = { 0 };
	struct profile *profile = NULL;
	struct profile_request rq = {
		.reference = name,
		.environment = environment,
		.flags = PROFILE_QUIET | PROFILE_TRUST_ANY | PROFILE_PROJECT_PRESETS,
	};
	int r = profile_load_text(&profile, text, shown, &rq, &notes, e);

	policy_notes_clear(&notes);
	profile_free(profile);
	return r;
}

int
save_profile_new(struct buf *ret_path, const char *name, struct slice text,
		 char *const *environment, struct err *e)
{
	autobuf struct buf directory = BUF_INIT, file = BUF_INIT, other = BUF_INIT;
	autofd int lock = -1;
	int r = profile_config_root(&directory, environment, e);

	if (r < 0)
		return r;
	if (buf_adds(&directory, "/profiles") < 0 || buf_addf(&file, "%s.json", name) < 0 ||
	    buf_addf(&other, "%s/%s.jsonc", buf_str(&directory), name) < 0 ||
	    path_join(ret_path, buf_str(&directory), buf_str(&file)) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	if ((r = check_text(text, name, buf_str(ret_path), environment, e)) < 0)
		return r;
	r = store_make_directory(buf_str(&directory));
	if (r == 0)
		r = lock = store_lock(buf_str(&directory));
	if (r >= 0 && faccessat(AT_FDCWD, buf_str(&other), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		r = -EEXIST;
	if (r >= 0)
		r = store_write(buf_str(&directory), buf_str(&file), text, false);
	if (r == -EEXIST)
		return err_set(e, r, "Profile file already exists: %s; choose another name",
			       buf_str(ret_path));
	return r < 0 ? err_set_errno(e, r, "cannot write the profile '%s'", buf_str(ret_path)) : 0;
}

/* ---- an existing one ---- */

struct update {
	const char *path, *name;
	struct buf directory;
	const struct save_additions *additions;
	char *const *environment;
	struct buf old, new;
	size_t added;
};

/* The additions beside the profile, for a person to merge. */
static int
write_alone(const struct update *u, struct err *e)
{
	autobuf struct buf file = BUF_INIT;
	int r;

	if (buf_addf(&file, "%s.new", path_basename(u->path)) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r = store_write(buf_str(&u->directory), buf_str(&file), u->additions->alone, true);
	if (r < 0)
		return err_set_errno(e, r, "cannot write '%s.new'", u->path);
	return err_set(e, -EBADMSG,
		       "'%s' is written in a way that leaves no place for additions; they are in "
		       "'%s.new', to be merged by hand",
		       u->path, u->path);
}

static int
make_text(struct update *u, struct err *e)
{
	struct err refused = ERR_INIT;
	int r;

	buf_reset(&u->old);
	buf_reset(&u->new);
	r = store_read(&u->old, u->path, JSON_BYTES_MAX);
	if (r == -ELOOP || r == -EINVAL)
		return err_set(e, r,
			       "'%s' is not a regular file, and is not replaced; edit the file it "
			       "leads to",
			       u->path);
	if (r < 0)
		return err_set_errno(e, r, "cannot read the profile '%s'", u->path);
	r = edit_add(&u->new, (struct slice){ u->old.p, u->old.n }, u->additions->item,
		     u->additions->count, &u->added);
	if (r == -ENOMEM)
		return err_set(e, r, "out of memory");
	if (r == 0)
		r = check_text((struct slice){ u->new.p, u->new.n }, u->name, u->path,
			       u->environment, &refused);
	return r < 0 ? write_alone(u, e) : 0;
}

static bool
is_unchanged(const struct update *u)
{
	autobuf struct buf now = BUF_INIT;

	return store_read(&now, u->path, JSON_BYTES_MAX) == 0 &&
	       slice_equal((struct slice){ now.p, now.n }, (struct slice){ u->old.p, u->old.n });
}

/* Old text first, so that at no time neither is there. */
static int
write_both(const struct update *u, struct err *e)
{
	const char *directory = buf_str(&u->directory), *file = path_basename(u->path);
	autobuf struct buf backup = BUF_INIT;
	struct stat st;
	int r;

	if (buf_addf(&backup, "%s~", file) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	if (lstat(u->path, &st) == -1)
		return err_set_errno(e, -errno, "cannot look at '%s'", u->path);
	r = store_write(directory, buf_str(&backup), (struct slice){ u->old.p, u->old.n }, true);
	if (r == 0)
		r = store_write(directory, file, (struct slice){ u->new.p, u->new.n }, true);
	if (r < 0)
		return err_set_errno(e, r, "cannot write the profile '%s'", u->path);
	/* It was made 0600 and ours; what it had before is not less private than it was. */
	if ((st.st_uid != geteuid() || st.st_gid != getegid()) &&
	    fchownat(AT_FDCWD, u->path, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) == -1)
		return err_set_errno(e, -errno, "'%s' was updated, but is yours now", u->path);
	if (fchmodat(AT_FDCWD, u->path, st.st_mode & 07777, 0) == -1)
		return err_set_errno(e, -errno, "'%s' was updated, but its mode is 0600 now",
				     u->path);
	return 0;
}

static int
update(struct update *u, struct err *e)
{
	autofd int lock = -1;
	int r;

	if (buf_add(&u->directory, u->path, (size_t)(path_basename(u->path) - u->path)) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	lock = store_lock(buf_str(&u->directory));
	if (lock < 0)
		return err_set_errno(e, lock, "cannot lock '%s'", buf_str(&u->directory));
	for (int i = 0; i < ATTEMPTS; i++) {
		if ((r = make_text(u, e)) < 0)
			return r;
		if (u->added == 0)
			return 0;
		if (is_unchanged(u))
			return write_both(u, e);
	}
	return err_set(e, -EBUSY,
		       "'%s' is being changed by another program; nothing was written, try again "
		       "when that is done",
		       u->path);
}

int
save_profile_add(const char *path, const char *name, const struct save_additions *additions,
		 char *const *environment, size_t *ret_added, struct err *e)
{
	struct update u = {
		.path = path,
		.name = name,
		.additions = additions,
		.environment = environment,
	};
	int r = update(&u, e);

	*ret_added = u.added;
	buf_clear(&u.directory);
	buf_clear(&u.old);
	buf_clear(&u.new);
	return r;
}
