/* What kind of machine this is: decides what setup explains, never what is enforced. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stdbool.h>

/* Does this kernel belong to WSL2? Asked of the kernel; environment variables can be forged. */
bool machine_is_wsl2(void);

/* "docker", "podman", ... when this is a container that says so, else NULL. */
const char *machine_container(void);

#endif
