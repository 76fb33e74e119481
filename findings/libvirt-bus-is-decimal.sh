#!/usr/bin/env bash
# libvirt 9.0.0. The bus of a PCI device is read as a decimal number, with a zero before it as an octal one; it is written as a hexadecimal one.
# Expected: in the XML of a domain `bus='10' slot='1f'` is the device that lspci and sysfs call 10:1f, or is refused; libvirt's own schema allows it.
# Seen: bus 10 is 0a, another device; 010 is 08; 08 and 1f are refused as no numbers. Only with 0x the bus is the one that is meant.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian libvirt0=9.0.0-4+deb12u2 libvirt-clients=9.0.0-4+deb12u2
steps <<'SH'
export XDG_CACHE_HOME=$PWD XDG_CONFIG_HOME=$PWD XDG_RUNTIME_DIR=$PWD
for bus in 10 010 08 1f 0x10; do
  cat >machine.xml <<XML
<domain type='test'>
  <name>machine</name>
  <memory>1048576</memory>
  <os><type>hvm</type></os>
  <devices>
    <hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0' bus='$bus' slot='0' function='0'/></source></hostdev>
  </devices>
</domain>
XML
  echo "$bus: $(virsh -c test:///default 'define machine.xml; dumpxml machine' 2>&1 | grep -o -e "bus='0x[^']*'" -e 'XML error.*')"
done
SH
seen <<'TEXT'
10: bus='0x0a'
010: bus='0x08'
08: XML error: Invalid value for attribute 'bus' in element 'address': '08'. Expected non-negative integer value
1f: XML error: Invalid value for attribute 'bus' in element 'address': '1f'. Expected non-negative integer value
0x10: bus='0x10'
TEXT
