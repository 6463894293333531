#!/bin/sh
# Draws the tray icons (16 px, @2x 32 px) and the program's own (Windows shows it) from their SVG sources by Chromium; run
# it after changing one and commit the result.
set -eu
cd "$(dirname "$0")"
draw() {
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --default-background-color=00000000 \
    --window-size=16,16 --force-device-scale-factor="$2" --screenshot="$PWD/$3" "file://$PWD/$1" 2>/dev/null
}
for side in 16 24 32 48 64 256; do
  draw recording.svg "$(awk "BEGIN { print $side / 16 }")" "app-$side.png"
done
for icon in idle recording paused offline; do
  draw "$icon.svg" 1 "$icon.png"
  draw "$icon.svg" 2 "$icon@2x.png"
done
