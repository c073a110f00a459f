/*
 * The canonical text of a child plan, for tests: two launches with equal arguments must dump equal
 * text, mode fields excepted. Descriptors appear as device:inode and rights, random names as NAME.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "launch/internal.h"

static int
add_descriptor(struct buf *b, const char *name, int fd)
{
	struct stat st;

	if (fd == -1)
		return buf_addf(b, "%s none\n", name);
	if (fstat(fd, &st) == -1)
		return -errno;
	return buf_addf(b, "%s %llu:%llu\n", name, (unsigned long long)st.st_dev,
			(unsigned long long)st.st_ino);
}

static int
add_rules(struct buf *b, const struct launch *l)
{
	int r = buf_addf(b, "handled fs=%llx net=%llx scoped=%llx\n",
			 (unsigned long long)l->handled_fs, (unsigned long long)l->handled_net,
			 (unsigned long long)l->scoped);

	for (size_t i = 0; i < l->records_count && r == 0; i++) {
		const struct rule_record *rec = &l->records[i];

		if (rec->port)
			r = buf_addf(b, "rule port %llu %llx\n", (unsigned long long)rec->port,
				     (unsigned long long)rec->access);
		else if (strcmp(rec->path, "private temporary directory") == 0 ||
			 strcmp(rec->path, "state file") == 0)
			r = buf_addf(b, "rule NAME %llx %s\n", (unsigned long long)rec->access,
				     rec->path);
		else
			r = buf_addf(b, "rule %llu:%llu %llx %s\n", (unsigned long long)rec->device,
				     (unsigned long long)rec->inode,
				     (unsigned long long)rec->access, rec->path);
	}
	for (size_t i = 0; i < l->rules_count && r == 0; i++)
		r = buf_addf(b, "child rule %s %llx\n", l->rules[i].path,
			     (unsigned long long)l->rules[i].access);
	return r;
}

static int
add_words(struct buf *b, const struct launch *l)
{
	const struct child_plan *c = &l->child;
	int r = 0;

	for (char *const *w = c->argv; *w && r == 0; w++)
		r = buf_addf(b, "argv %s\n", *w);
	for (char *const *w = c->environment; *w && r == 0; w++) {
		if (*w == l->tmpdir_entry)
			r = buf_adds(b, "environment TMPDIR=NAME\n");
		else if (*w == l->state_entry)
			r = buf_adds(b, "environment NONO_CAP_FILE=NAME\n");
		else if (strncmp(*w, "NONO_SESSION_ID=", 16) == 0)
			r = buf_adds(b, "environment NONO_SESSION_ID=NAME\n");
		else
			r = buf_addf(b, "environment %s\n", *w);
	}
	return r;
}

int
launch_dump(struct buf *b, const struct launch *l)
{
	const struct child_plan *c = &l->child;
	int r;

	/* The mode fields (parent, report_fd, death_signal, signal_mask) are set by the caller later. */
	r = buf_addf(b,
		     "program %s\nclose_fds %d\nlimit_core %d\nnew_keyring %d\n"
		     "namespaces user=%d mount=%d ipc=%d pid=%d tree=%d masks=%zu\n",
		     c->program, c->close_fds, c->limit_core, c->new_keyring, c->user_ns_fd != -1,
		     c->mount_ns_fd != -1, c->new_ipc, c->pid_ns_fd != -1, l->read_only_tree,
		     l->masks_count);
	if (r == 0)
		r = buf_addf(b, "drop_capabilities %d\ndrop_bounding %d\nkeep_capabilities %llx\n",
			     c->drop_capabilities, c->drop_bounding,
			     (unsigned long long)c->keep_capabilities);
	if (r == 0)
		r = add_descriptor(b, "start_directory", c->start_directory_fd);
	for (size_t i = 0; i < c->keep_fds_count && r == 0; i++) {
		r = buf_addf(b, "keep %d ", c->keep_fds[i]);
		if (r == 0)
			r = add_descriptor(b, "is", c->keep_fds[i]);
	}
	if (r == 0)
		r = add_rules(b, l);
	if (r == 0)
		r = buf_addf(b, "filter net=%d truncate=%d length=%u\n", (int)l->filter_choice.net,
			     l->filter_choice.guard_truncate, c->filter.len);
	return r < 0 ? r : add_words(b, l);
}
