#!/usr/bin/env bash
# sigrok-cli 0.7.2 (libsigrok 0.5.2), iverilog 11.0. Of a signal with two names in a VCD file the second one is low all the time.
# Expected: simulators write a net that goes through several modules once, under one sign, with a $var for each of its names; each name has its values.
# Seen: the first name has them, the others are channels that never change.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian sigrok-cli=0.7.2-1+b1 iverilog=11.0-1.1+b1
steps <<'SH'
cat >design.v <<'VERILOG'
`timescale 1ns/1ns
module device(input wire line);
endmodule
module top;
  reg pulse = 0;
  device first(pulse);
  device second(pulse);
  initial begin
    $dumpfile("design.vcd");
    $dumpvars(0, top);
    #4 pulse = 1;
    #4 pulse = 0;
    #4 $finish;
  end
endmodule
VERILOG
iverilog -B root/usr/lib/x86_64-linux-gnu/ivl -o program design.v
vvp -M root/usr/lib/x86_64-linux-gnu/ivl program >/dev/null
grep -e '\$var' -e '\$scope' design.vcd
sigrok-cli -I vcd -i design.vcd -O bits:width=80 2>&1 | tail -n +4
SH
seen <<'TEXT'
$scope module top $end
$var reg 1 ! pulse $end
$scope module first $end
$var wire 1 ! line $end
$scope module second $end
$var wire 1 ! line $end
pulse:00001111 0000
line:00000000 0000
line:00000000 0000
TEXT
