#!/usr/bin/python3 -u
"""Serves BRIDGE-MIB and Q-BRIDGE-MIB of a Linux bridge to snmpd (pass_persist).

The bridge's ports are numbered from 1 in the order of their ifIndex; VLAN 1 is
forwarding database 1. Rows come from iproute2's view of the kernel.
"""
import json
import subprocess
import sys

BRIDGE = (1, 3, 6, 1, 2, 1, 17)


def iproute(*command):
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(out or "[]")


def rows():
    links = {link["ifname"]: link for link in iproute("ip", "-j", "link")}
    names = sorted((p["ifname"] for p in iproute("bridge", "-j", "link")), key=lambda n: links[n]["ifindex"])
    ports = {name: number for number, name in enumerate(names, 1)}
    base = links["br0"]["address"].replace(":", " ")
    table = {BRIDGE + (1, 1, 0): ("octet", base), BRIDGE + (1, 2, 0): ("integer", len(ports))}
    for name, port in ports.items():
        table[BRIDGE + (1, 4, 1, 1, port)] = ("integer", port)
        table[BRIDGE + (1, 4, 1, 2, port)] = ("integer", links[name]["ifindex"])
    for entry in iproute("bridge", "-j", "fdb", "show", "br", "br0"):
        mac = tuple(int(octet, 16) for octet in entry["mac"].split(":"))
        if entry.get("ifname") not in ports or mac[0] & 1:
            continue
        status = 4 if entry.get("state") == "permanent" else 3
        text = entry["mac"].replace(":", " ")
        table[BRIDGE + (4, 3, 1, 1) + mac] = ("octet", text)
        table[BRIDGE + (4, 3, 1, 2) + mac] = ("integer", ports[entry["ifname"]])
        table[BRIDGE + (4, 3, 1, 3) + mac] = ("integer", status)
        table[BRIDGE + (7, 1, 2, 2, 1, 2, 1) + mac] = ("integer", ports[entry["ifname"]])
        table[BRIDGE + (7, 1, 2, 2, 1, 3, 1) + mac] = ("integer", status)
    table[BRIDGE + (7, 1, 4, 2, 1, 3, 0, 1)] = ("gauge", 1)
    return table


def answer(command, name):
    table = rows()
    if command == "get":
        return name if name in table else None, table
    return min((row for row in table if row > name), default=None), table


def main():
    while True:
        command = sys.stdin.readline().strip()
        if command == "PING":
            print("PONG")
        elif command in ("get", "getnext"):
            name = tuple(int(arc) for arc in sys.stdin.readline().strip().strip(".").split("."))
            found, table = answer(command, name)
            if found is None:
                print("NONE")
                continue
            print("." + ".".join(map(str, found)), *table[found], sep="\n")
        elif not command:
            return
        else:
            print("NONE")


main()
