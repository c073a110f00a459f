/*
 * G4: keys of the user: tickets and passwords that other programs keep in kernel keyrings.
 * `outside key` put a key named nono-escape into the session keyring we inherit; ESC_USER_KEY is
 * the number of one in the user keyring.
 */
#include "tests/escape/attack.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static long
keyctl(int operation, long a, long b, long c, long d)
{
	return syscall(SYS_keyctl, operation, a, b, c, d);
}

int
main(void)
{
	char text[64];
	char cwd[4096];
	long key = attack_env_number("ESC_USER_KEY");

	attack_result("session-search", keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
					       (long)"user", (long)"nono-escape", 0));
	attack_result("session-request", syscall(SYS_request_key, "user", "nono-escape", NULL, 0));
	attack_result("user-read", keyctl(KEYCTL_READ, key, (long)text, sizeof(text), 0));
	attack_result("user-search", keyctl(KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, (long)"user",
					    (long)"nono-escape-user", 0));
	attack_result("describe", keyctl(KEYCTL_DESCRIBE, key, (long)text, sizeof(text), 0));
	attack_result("add-key", syscall(SYS_add_key, "user", "nono-escape-made", "x", 1,
					 KEY_SPEC_PROCESS_KEYRING));
	attack_result("join", keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0));
	attack_twin("getcwd", getcwd(cwd, sizeof(cwd)) != NULL);
	return 0;
}
