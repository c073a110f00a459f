#!/bin/sh
# Tells an agent that a failure comes from the sandbox it runs in. Installed by nono (hooks of a
# profile), started by the agent at one of its events. Outside of a sandbox it says nothing.
[ -n "$NONO_CAP_FILE" ] && [ -r "$NONO_CAP_FILE" ] || exit 0
command -v sed >/dev/null 2>&1 || exit 0

# The agent names its event on standard input.
event=$(sed -n 's/.*"hook_event_name" *: *"\([A-Za-z]*\)".*/\1/p' 2>/dev/null | sed -n '1p')

# Paths stay as nono escaped them: what is a JSON string there is part of one here.
text='\(\([^"\\]\|\\.\)*\)'
grants=$(sed 's/},{"original"/}\n{"original"/g' "$NONO_CAP_FILE" 2>/dev/null |
	sed -n 's/^.*{"original":"'"$text"'","path":"'"$text"'","access":"\([a-z+]*\)","is_file":[a-z]*,"source":"\(user\|profile\)[^"]*"}.*$/  \3 (\5)\\n/p' |
	sed '64q' | tr -d '\n')
if sed -n '/"net_blocked" *: *true/q1' "$NONO_CAP_FILE" 2>/dev/null; then
	network='the network is open'
else
	network='the network is blocked'
fi

printf '{"hookSpecificOutput":{"hookEventName":"%s","additionalContext":"' "${event:-PostToolUseFailure}"
printf '%s' '[nono] This failure may come from the nono sandbox you run in. Its limits hold for '
printf '%s' 'everything you start and cannot be lifted or worked around from inside: do not try '
printf '%s' 'other paths, copies, sudo or chmod.\n\nGranted beside the system directories:\n'
printf '%s' "${grants:-  nothing\\n}"
printf '%s' "Network: $network.\\n\\n"
printf '%s' 'If access to a path was refused, say so and which one, and ask the user to leave and '
printf '%s' 'start again with it granted: nono run --allow <path> -- claude (--read <path> for '
printf '%s' 'reading only), or to review a profile draft with nono profile promote.'
printf '%s\n' '"}}'
