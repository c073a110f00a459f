/*
 * One file system object that a user named: opened once with O_PATH, identified by device and
 * inode, named by the kernel. launch/ opens it again by name and refuses when it is another one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "profiles/internal.h"

/* statfs(2) */
enum { FS_9P = 0x01021997, FS_FUSE = 0x65735546, FS_NFS = 0x6969 };
#define FS_CIFS 0xff534d42UL
#define FS_SMB2 0xfe534d42UL

int
object_open(struct assembly *a, const char *path, struct object *ret)
{
	autobuf struct buf name = BUF_INIT;
	autofd int fd = -1;
	struct stat st;
	int r;

	*ret = (struct object){ .fd = -1 };
	if ((fd = path_open_plain(path)) >= 0)
		r = path_absolute(&name, a->host.cwd, path);
	else if ((fd = open(path, O_PATH | O_CLOEXEC)) == -1)
		return -errno;
	else
		r = path_of_fd(&name, fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) == -1)
		return -errno;
	ret->name = pool_take(&a->pool, &name);
	if (!ret->name)
		return -ENOMEM;
	ret->device = st.st_dev;
	ret->inode = st.st_ino;
	ret->type = st.st_mode & S_IFMT;
	ret->fd = fd_take(&fd);
	return 0;
}

/* Once per file system, not once per grant. */
static bool
seen_before(struct assembly *a, long type, uint64_t id)
{
	for (size_t i = 0; i < a->fs_seen_count; i++)
		if (a->fs_seen[i].type == type && a->fs_seen[i].id == id)
			return true;
	if (a->fs_seen_count < ARRAY_LEN(a->fs_seen))
		a->fs_seen[a->fs_seen_count++] = (struct fs_seen){ type, id };
	return false;
}

int
object_note_file_system(struct assembly *a, const struct object *o)
{
	const char *remote = NULL;
	struct statfs fs;
	uint64_t id;

	if (o->fd < 0 || fstatfs(o->fd, &fs) == -1)
		return 0;
	switch ((unsigned long)fs.f_type & 0xffffffffUL) {
	case FS_9P:
		break;
	case FS_FUSE:
		remote = "FUSE";
		break;
	case FS_NFS:
		remote = "NFS";
		break;
	case FS_CIFS:
	case FS_SMB2:
		remote = "CIFS";
		break;
	default:
		return 0;
	}
	id = (uint64_t)(uint32_t)fs.f_fsid.__val[0] << 32 | (uint32_t)fs.f_fsid.__val[1];
	if (seen_before(a, fs.f_type, id))
		return 0;
	if (!remote)
		return note_add(a, POLICY_NOTE_WARNING,
				"'%s' is on a 9P filesystem, where Landlock rules are not reliably "
				"enforced; keep the project on a native file system",
				o->name);
	return note_add(a, POLICY_NOTE_WARNING,
			"'%s' is on a %s filesystem: server-side changes are not visible to the "
			"sandbox",
			o->name, remote);
}
