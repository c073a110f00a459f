#!/bin/bash
# Root's subset of the escape suite: see CONTROLS and run.sh.
exec "$(dirname "$0")/run.sh" "$@"
