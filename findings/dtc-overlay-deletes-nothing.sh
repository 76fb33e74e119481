#!/usr/bin/env bash
# device-tree-compiler 1.6.1. In an overlay `/delete-property/` and `/delete-node/` are taken, and delete nothing.
# Expected: what is valid in a device tree's source works, or dtc says that an overlay cannot express it.
# Seen: dtc deletes from the overlay itself, in which there is nothing yet, without a warning; fdtoverlay then leaves the base as it was.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian device-tree-compiler=1.6.1-4+b1
steps <<'SH'
cat >base.dts <<'DTS'
/dts-v1/;
/ {
  compatible = "acme,board";
  uart: serial {
    compatible = "acme,uart";
    status = "disabled";
    dma-names = "rx", "tx";
    child { compatible = "acme,modem"; };
  };
};
DTS
cat >overlay.dts <<'DTS'
/dts-v1/;
/plugin/;
&uart {
  status = "okay";
  /delete-property/ dma-names;
  /delete-node/ child;
};
DTS
cat base.dts >whole.dts
sed 1,2d overlay.dts >>whole.dts
dtc -@ -o base.dtb base.dts
dtc -@ -o overlay.dtbo overlay.dts 2>&1 && echo 'dtc says nothing of the overlay'
fdtoverlay -i base.dtb -o changed.dtb overlay.dtbo
dtc -o whole.dtb whole.dts
for tree in changed whole; do
  echo "$tree: status $(fdtget $tree.dtb /serial status), properties $(fdtget -p $tree.dtb /serial | xargs), nodes $(fdtget -l $tree.dtb /serial | xargs)"
done
SH
seen <<'TEXT'
dtc says nothing of the overlay
changed: status okay, properties compatible status dma-names phandle, nodes child
whole: status okay, properties compatible status, nodes 
TEXT
