# $1: 1 at the installation, 2 at an upgrade
getent group camwarden >/dev/null || groupadd --system camwarden || exit 1
getent passwd camwarden >/dev/null || useradd --system --gid camwarden --home-dir /var/lib/camwarden --no-create-home \
	--shell /usr/sbin/nologin --comment camwarden camwarden || exit 1
# A fresh installation begins a configuration, a later one writes nothing but
# what it is told.
if [ "$1" = 1 ] || env | grep -q '^CAMWARDEN_'; then
	camwarden setup || exit 1
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || :
	if [ "$1" = 1 ]; then
		systemctl enable --now camwarden.service || :
	else
		systemctl try-restart camwarden.service || :
	fi
elif [ "$1" = 1 ] && command -v systemctl >/dev/null; then
	systemctl enable camwarden.service || : # an image: it starts with the host
fi
