/*
 * What the shim tells about the program (shim/shim.h). It is confined like the program: nothing is
 * believed but what the kernel confirms, and how the program ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/procstat.h"
#include "broker/internal.h"

int
job_open(struct job *j, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return err_set_errno(e, -errno, "cannot make a pipe for job control");
	j->read_end = ends[0];
	j->write_end = ends[1];
	return 0;
}

void
job_started(struct job *j)
{
	j->write_end = fd_close(j->write_end);
}

void
job_clear(struct job *j)
{
	j->read_end = fd_close(j->read_end);
	j->write_end = fd_close(j->write_end);
	j->program_fd = fd_close(j->program_fd);
}

/* The program behind the shim; the number is believed only as far as the kernel confirms it. */
static void
on_started(struct job *j, pid_t shim, pid_t pid)
{
	struct procstat st;

	if (j->program_fd != -1 || pid <= 1)
		return;
	j->program_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (j->program_fd != -1 && (procstat_read(&st, pid) < 0 || st.parent != shim))
		j->program_fd = fd_close(j->program_fd);
}

bool
job_read(struct job *j, pid_t shim)
{
	struct shim_report report;
	bool stopped = false;
	ssize_t n;

	if (j->read_end == -1)
		return false;
	while ((n = read(j->read_end, &report, sizeof(report))) == sizeof(report)) {
		if (report.event == SHIM_STARTED)
			on_started(j, shim, report.value);
		else if (report.event == SHIM_EXITED || report.event == SHIM_KILLED)
			j->last = report;
		stopped |= report.event == SHIM_STOPPED;
	}
	if (n == 0)
		j->read_end = fd_close(j->read_end);
	return stopped;
}
