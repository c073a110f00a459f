/* G-6: System V memory and queues of the same user's other programs. */
#include "tests/escape/attack.h"

#include <stddef.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/shm.h>

int
main(void)
{
	struct msqid_ds status;
	void *at = shmat((int)attack_env_number("ESC_MEMORY"), NULL, SHM_RDONLY);
	int own = shmget(IPC_PRIVATE, 1, IPC_CREAT | 0600);

	attack_result("memory", at == (void *)-1 ? -1 : 0);
	attack_result("messages", msgctl((int)attack_env_number("ESC_QUEUE"), IPC_STAT, &status));
	at = shmat(own, NULL, 0);
	attack_twin("own-memory", own != -1 && at != (void *)-1);
	(void)shmctl(own, IPC_RMID, NULL);
	return 0;
}
