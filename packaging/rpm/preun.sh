# $1: 0 at the removal, 1 at an upgrade
if [ "$1" = 0 ]; then
	if [ -d /run/systemd/system ]; then
		systemctl disable --now camwarden.service || :
	elif command -v systemctl >/dev/null; then
		systemctl disable camwarden.service || :
	fi
fi
