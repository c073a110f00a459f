/*
 * D1: io_uring performs socket, connect, send and open in the kernel without a system call that
 * a filter could see. `socket` gets a UDP socket through the ring.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RING_OP_SOCKET = 45 }; /* IORING_OP_SOCKET, newer than Debian 12's header */

static void *
map_ring(int ring, size_t bytes, off_t what)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);

	return p == MAP_FAILED ? NULL : p;
}

/* One submission: socket(AF_INET, SOCK_DGRAM, 0). The errno, or 0. */
static int
ring_socket(int ring, const struct io_uring_params *p)
{
	size_t sq_bytes = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	size_t cq_bytes = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	char *sq = map_ring(ring, sq_bytes, IORING_OFF_SQ_RING);
	char *cq = map_ring(ring, cq_bytes, IORING_OFF_CQ_RING);
	struct io_uring_sqe *sqe = map_ring(ring, p->sq_entries * sizeof(*sqe),
					    (off_t)IORING_OFF_SQES);
	struct io_uring_cqe cqe;

	if (!sq || !cq || !sqe)
		return errno;
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = RING_OP_SOCKET;
	sqe->fd = AF_INET;
	sqe->off = SOCK_DGRAM;
	*(uint32_t *)(sq + p->sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(sq + p->sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == -1)
		return errno;
	memcpy(&cqe, cq + p->cq_off.cqes, sizeof(cqe));
	return cqe.res < 0 ? -cqe.res : 0;
}

/* The call reached the kernel when it complains about an argument and not about the call. */
static int
reached(long ret)
{
	return ret == -1 && errno != EBADF && errno != EINVAL ? errno : 0;
}

int
main(void)
{
	struct io_uring_params p = { 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 4, &p);
	char path[64];

	attack_result("setup", ring);
	if (ring == -1)
		attack_errno("socket", errno);
	else
		attack_errno("socket", ring_socket(ring, &p));
	attack_errno("enter", reached(syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0)));
	attack_errno("register", reached(syscall(SYS_io_uring_register, -1,
						 IORING_UNREGISTER_BUFFERS, NULL, 0)));
	attack_twin("read", readlink("/proc/self/cwd", path, sizeof(path)) > 0);
	return 0;
}
