#!/usr/bin/env bash
# Draws the sample pictures anew, into this folder, the same each time. Wanted from Debian 12: imagemagick webp
# libavif-bin fonts-dejavu-core. Nobody needs to run it: the pictures are kept in the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export MAGICK_THREAD_LIMIT=1 LC_ALL=C

# ---- What pictures are made of: each prints ImageMagick's drawing language (MVG) ----

# awk with a random generator of its own, so that every awk draws the same.
draw_awk() { # draw_awk SEED PROGRAM [VARIABLE=VALUE]...
  local variables=() pair
  for pair in "${@:3}"; do variables+=(-v "$pair"); done
  awk -v state="$1" "${variables[@]}" 'function random() { state = (state * 16807) % 2147483647; return state / 2147483647 }
    BEGIN { pi = 3.14159265358979; for (i = 0; i < 9; i++) random(); '"$2"' }'
}

# A chain of mountains or hills, filled down to the lower edge.
ridge() { # ridge SEED COLOUR WIDTH HEIGHT TOP AMPLITUDE
  draw_awk "$1" '
    for (k = 1; k <= 7; k++) { phase[k] = random() * 2 * pi; pace[k] = 0.7 + 0.6 * random() }
    printf "fill %s polygon 0,%d", colour, height
    for (x = 0; x <= width + 8; x += 8) {
      y = 0
      for (k = 1; k <= 7; k++) y += (1 - 2 * sqrt(sin(x / width * pi * k * 1.3 * pace[k] + phase[k]) ^ 2)) / k ^ 1.25
      printf " %d,%.1f", x, top - amplitude * y / 2
    }
    printf " %d,%d\n", width + 8, height' colour="$2" width="$3" height="$4" top="$5" amplitude="$6"
}

stars() { # stars SEED COUNT WIDTH HEIGHT
  draw_awk "$1" '
    for (n = 0; n < count; n++) {
      x = random() * width; y = random() * height; r = 0.4 + 1.7 * random() ^ 4
      printf "fill rgba(255,255,%d,%.2f) circle %.1f,%.1f %.1f,%.1f\n", 200 + 55 * random(), 0.35 + 0.65 * random(), x, y, x + r, y
    }' count="$2" width="$3" height="$4"
}

firs() { # firs SEED COLOUR COUNT WIDTH GROUND SIZE
  draw_awk "$1" '
    printf "fill %s\n", colour
    for (n = 0; n < count; n++) {
      x = random() * width; h = size * (0.6 + 0.7 * random()); base = ground + size * 0.35 * random()
      for (k = 0; k < 4; k++) {
        w = h * (0.10 + 0.055 * k); y = base - h + h * 0.22 * k
        printf "polygon %.1f,%.1f %.1f,%.1f %.1f,%.1f\n", x, y, x - w, y + h * 0.34, x + w, y + h * 0.34
      }
    }' colour="$2" count="$3" width="$4" ground="$5" size="$6"
}

# A fish of about 200 by 100 units around its middle. SCALE may be negative in x: it then swims to the left.
fish() { # fish X Y XSCALE YSCALE BODY STRIPE FIN
  cat <<MVG
push graphic-context translate $1,$2 scale $3,$4 stroke none
fill $7 path 'M -70,0 C -95,-18 -108,-46 -118,-44 C -112,-15 -112,15 -118,44 C -108,46 -95,18 -70,0 Z'
path 'M -20,-38 C -5,-72 40,-66 52,-34 Z' path 'M -15,38 C -25,62 10,66 22,40 Z'
fill $5 path 'M -84,0 C -50,-58 55,-62 92,0 C 55,62 -50,58 -84,0 Z'
fill $6 path 'M 22,-44 C 40,-20 40,20 22,44 C 30,43 40,40 46,37 C 60,14 60,-14 46,-37 C 40,-40 30,-43 22,-44 Z'
path 'M -30,-37 C -16,-14 -16,14 -30,37 C -22,40 -14,42 -6,43 C 6,15 6,-15 -6,-43 C -14,-42 -22,-40 -30,-37 Z'
fill $7 path 'M 8,6 C -8,8 -26,26 -22,34 C -6,34 10,24 8,6 Z'
fill white circle 68,-10 78,-10 fill black circle 70,-10 75,-10 fill white circle 72,-12 74,-12
fill none stroke rgba(0,0,0,0.5) stroke-width 2 path 'M 88,9 C 80,14 74,14 70,10'
pop graphic-context
MVG
}

bubbles() { # bubbles SEED COUNT WIDTH HEIGHT
  draw_awk "$1" '
    print "push graphic-context fill rgba(255,255,255,0.12) stroke rgba(255,255,255,0.55) stroke-width 1.5"
    for (n = 0; n < count; n++) {
      x = random() * width; y = random() * height; r = 2 + height * 0.022 * random() ^ 2
      printf "circle %.1f,%.1f %.1f,%.1f\n", x, y, x + r, y
    }
    print "pop graphic-context"' count="$2" width="$3" height="$4"
}

weeds() { # weeds SEED COLOUR COUNT WIDTH HEIGHT
  draw_awk "$1" '
    printf "push graphic-context fill none stroke %s stroke-linecap round\n", colour
    for (n = 0; n < count; n++) {
      x = random() * width; h = height * (0.12 + 0.3 * random()); bend = h * 0.16 * (random() < 0.5 ? -1 : 1)
      printf "stroke-width %.1f path \"M %.1f,%d C %.1f,%.1f %.1f,%.1f %.1f,%.1f\"\n", 3 + height * 0.008 * random(), x, height,
        x + bend * 2, height - h * 0.3, x - bend * 2, height - h * 0.6, x + bend, height - h
    }
    print "pop graphic-context"' colour="$2" count="$3" width="$4" height="$5"
}

curve() { # curve STEPS X Y: a polyline; X and Y are awk expressions of t from 0 to 1
  draw_awk 1 "printf \"polyline\"; for (i = 0; i <= $1; i++) { t = i / $1; printf \" %.2f,%.2f\", $2, $3 } print \"\""
}

# ---- Whole pictures: each writes a lossless one to $work ----

# paint NAME ARGUMENT...: convert with the drawing of standard input on top of what the arguments make
paint() { convert "${@:2}" -draw "$(cat)" -depth 8 "$work/$1.png"; }

# blend FROM TO: five colours from the one to the other, one a line
blend() { convert xc:"$1" xc:"$2" +append -filter Triangle -resize '5x1!' -depth 8 txt:- | awk '/^[0-9]/ { print $3 }'; }

# write_title NAME TEXT: along the lower edge
write_title() {
  local size
  [[ -n $2 ]] || return 0
  size=$(identify -format '%[fx:max(11,round(min(w,h)/22))]' "$work/$1.png")
  convert "$work/$1.png" -font DejaVu-Serif-Bold -pointsize "$size" -gravity SouthEast \
    -fill 'rgba(0,0,0,0.45)' -annotate "+$((size - 1))+$((size * 2 / 3 - 1))" "$2" \
    -fill 'rgba(255,255,255,0.92)' -annotate "+$size+$((size * 2 / 3))" "$2" "$work/$1.png"
}

landscape() { # landscape NAME TITLE SEED WIDTHxHEIGHT SKY_TOP SKY_LOW SUN FAR NEAR TREES
  local width=${4%x*} height=${4#*x} i shades
  mapfile -t shades < <(blend "$8" "$9")
  {
    draw_awk "$3" 'x = w * (0.2 + 0.6 * random()); y = h * (0.22 + 0.14 * random()); r = (w < h ? w : h) * 0.055
      for (k = 6; k >= 0; k--) printf "fill %s fill-opacity %.2f circle %.1f,%.1f %.1f,%.1f\n", sun, k ? 0.07 : 1, x, y, x + r * (1 + k * 0.55), y
      print "fill-opacity 1"' w="$width" h="$height" sun="$7"
    for i in 0 1 2 3 4; do
      ridge $(($3 * 31 + i)) "${shades[i]}" "$width" "$height" $((height * (46 + i * 11) / 100)) $((height * (26 - i * 4) / 100))
    done
    firs "$3" "${10}" $((width / 22)) "$width" $((height * 97 / 100)) $((height / 7))
  } | paint "$1" -size "$4" gradient:"$5-$6"
  write_title "$1" "$2"
}

# The upper part of a landscape, mirrored in water.
lake() { # lake NAME TITLE WATER
  local half
  half=$(identify -format '%[fx:round(h*0.68)]' "$work/$1.png")
  convert "$work/$1.png" -gravity North -crop "x$half+0+0" +repage "$work/shore.png"
  convert "$work/shore.png" \( +clone -flip -motion-blur 0x6+90 -wave 2x37 -gravity center -crop "x$half+0+0" +repage \
    -fill "$3" -colorize 34 \) -append +repage "$work/$1.png"
  write_title "$1" "$2"
}

aquarium() { # aquarium NAME TITLE SEED WIDTHxHEIGHT TOP BOTTOM COUNT
  local width=${4%x*} height=${4#*x}
  {
    weeds "$3" 'rgba(20,90,70,0.75)' $((width / 22)) "$width" "$height"
    draw_awk "$3" '
      split("tomato orange gold deepskyblue orchid limegreen coral hotpink", body)
      split("white white navy white gold white navy white", stripe)
      split("firebrick darkorange goldenrod royalblue purple seagreen chocolate deeppink", fin)
      for (n = 0; n < count; n++) {
        s = h / 520 * (0.35 + 0.9 * (n + 1) / count); c = 1 + int(random() * 8)
        printf "%.1f %.1f %.3f %.3f %s %s %s\n", w * (0.08 + 0.84 * random()), h * (0.12 + 0.7 * random()),
          random() < 0.6 ? s : -s, s, body[c], stripe[c], fin[c]
      }' w="$width" h="$height" count="$7" | while read -r -a one; do fish "${one[@]}"; done
    bubbles $(($3 + 5)) $((width / 16)) "$width" "$height"
  } | paint "$1" -size "$4" gradient:"$5-$6"
  write_title "$1" "$2"
}

clouds() { # clouds NAME TITLE SEED WIDTHxHEIGHT COLOUR...: plasma in a palette
  local colour palette=()
  for colour in "${@:5}"; do palette+=("xc:$colour"); done
  convert "${palette[@]}" +append -filter Cubic -resize '512x1!' "$work/palette.png"
  convert -size "$4" -seed "$3" plasma:grey40-grey60 -colorspace gray -blur 0x2 -normalize "$work/palette.png" -clut -depth 8 \
    "$work/$1.png"
  write_title "$1" "$2"
}

# ---- Files ----

jpeg() { convert "$work/$1.png" -strip -sampling-factor 4:2:0 -quality "$3" "${@:4}" "$2/$1.jpg"; }
png() { convert "$work/$1.png" -strip -define png:exclude-chunks=date,time -define png:compression-level=9 "${@:3}" "$2/$1.png"; }
gif() { convert "$work/$1.png" -strip -colors "$3" "$2/$1.gif"; }
webp() { cwebp -quiet -m 6 "${@:3}" "$work/$1.png" -o "$2/$1.webp"; }
avif() { avifenc --jobs 1 --speed 4 --min "$3" --max "$3" "$work/$1.png" "$2/$1.avif" > "$work/avifenc.log"; }

mkdir -p landscapes aquarium clouds shapes drawings icons

# Landscapes, from noon to night.
landscape dawn "Dawn" 11 1600x900 '#3b4a7a' '#f7b08a' '#fff2c9' '#a9849a' '#2b2340' '#1a1730'
jpeg dawn landscapes 78
landscape noon "Noon over the hills" 23 1280x720 '#3f8fd9' '#d9efff' '#fffbe0' '#9dc3c9' '#2f6b3a' '#1f4f2c'
jpeg noon landscapes 76
landscape dusk "Dusk" 37 1024x683 '#2a1a4a' '#f0713f' '#ffd27a' '#b0506a' '#1c1030' '#120a20'
jpeg dusk landscapes 82 -interlace JPEG
landscape alps "First snow" 41 1500x1000 '#6f9fd0' '#eef5fb' '#ffffff' '#dfe8f2' '#5b7594' '#2d4560'
webp alps landscapes -q 62
landscape desert "Red desert" 59 1400x788 '#e8a15c' '#fbe3b5' '#fff6d8' '#d98a55' '#7a2f1d' '#5b2416'
avif desert landscapes 30
landscape autumn "" 67 800x880 '#7fa6c4' '#f7e6c4' '#fff4cf' '#c9a06a' '#8a3b1c' '#a5501f'
lake autumn "Autumn lake" '#24506e'
jpeg autumn landscapes 78
landscape polar "Polar day" 73 640x400 '#8fd3e8' '#f5fbff' '#fffde8' '#cfe9f4' '#6fa8c4' '#3c7390'
png polar landscapes -colors 128
landscape mist "Mist" 83 480x640 '#b9c6cc' '#eef1f0' '#ffffff' '#c9d2d4' '#4c6066' '#2f4248'
webp mist landscapes -q 70
{
  stars 97 700 1600 700
  draw_awk 3 'for (k = 12; k >= 0; k--) printf "fill rgba(240,236,210,%.2f) circle 1180,220 %.1f,220\n", k ? 0.03 : 1, 1240 + k * 9'
  ridge 101 '#1d2c4f' 1600 800 470 180
  ridge 103 '#142040' 1600 800 560 140
  ridge 107 '#0b1229' 1600 800 640 100
  firs 109 '#060a18' 70 1600 790 110
} | paint night -size 1600x800 gradient:'#0a1030-#30457f'
write_title night "Night"
avif night landscapes 32

# Fish.
aquarium reef "Reef" 5 1200x800 '#3fc1d9' '#07325c' 14
jpeg reef aquarium 80
aquarium shoal "Shoal" 13 1600x1000 '#2c8fc0' '#04203f' 40
avif shoal aquarium 34
aquarium lagoon "Lagoon" 29 1000x667 '#8fe8d8' '#0f7f8f' 9
webp lagoon aquarium -q 72
aquarium tank "Tank" 43 720x540 '#bfe9f2' '#3a8fa8' 6
png tank aquarium -colors 200
aquarium deep "Deep" 61 600x900 '#1a4f86' '#020816' 11
jpeg deep aquarium 80 -interlace JPEG
for side in 128 96 64; do
  fish $((side / 2)) $((side / 2)) "$(awk "BEGIN { print $side / 250 }")" "$(awk "BEGIN { print $side / 250 }")" tomato white firebrick |
    paint "fish-$side" -size "${side}x$side" xc:none
  png "fish-$side" icons
done
for frame in {0..11}; do
  {
    weeds 7 'rgba(10,80,60,0.8)' 14 320 180
    fish $(((frame * 40 + 150) % 480 - 80)) $((90 + (frame % 4 - 2) * (frame % 2 * 2 - 1) * 4)) 0.6 0.6 orange white chocolate
    fish $((400 - (frame * 40 + 200) % 480)) $((52 + frame % 3 * 3)) -0.35 0.35 deepskyblue gold royalblue
    fish $((400 - (frame * 40 + 120) % 480)) $((140 - frame % 3 * 3)) -0.28 0.28 orchid white purple
  } | paint "frame-$frame" -size 320x180 gradient:'#5fd0e0-#0b4a78'
done
convert -delay 12 -loop 0 "$work"/frame-{0,1,2,3,4,5,6,7,8,9,10,11}.png +dither -colors 48 -layers Optimize \
  aquarium/swimming.gif

# Clouds: plasma in palettes.
clouds embers "Embers" 7 1200x675 '#120305' '#4a0d0a' '#b32d0c' '#f58a1f' '#ffe9a8'
jpeg embers clouds 72
clouds ocean "Ocean from above" 19 1600x1067 '#03213f' '#0a5078' '#18a0a8' '#a8e8d0' '#fdf6e0'
avif ocean clouds 36
clouds moss "Moss" 31 900x1200 '#10190c' '#2c4a1c' '#6f8f2c' '#cfd77a'
webp moss clouds -q 45
clouds nebula "Nebula" 47 1000x1000 '#05030f' '#1c1250' '#7a1f8f' '#f05a9a' '#ffe6f0'
jpeg nebula clouds 70
clouds marble "Marble" 53 512x512 '#f8f6f2' '#d8d3cc' '#f4f1ec' '#8f8a86' '#fbfaf8'
webp marble clouds -q 60
clouds dunes "Dunes" 71 640x360 '#5a3418' '#c98a4a' '#f5d79a' '#fff4d8'
gif dunes clouds 64

# Shapes.
draw_awk 1 'print "fill none stroke-width 1.2"
  for (k = 0; k < 36; k++) printf "stroke hsl(%d,85%%,62%%) push graphic-context translate 400,400 rotate %d ellipse 0,150 90,220 0,360 pop graphic-context\n", k * 10, k * 10' |
  paint rosette -size 800x800 radial-gradient:'#2a2350-#0b0918'
png rosette shapes -colors 200
{
  echo "fill none stroke-width 1.6"
  for k in 0 1 2 3 4; do
    echo "stroke hsl($((k * 50 + 170)),80%,60%)"
    curve 900 "450 + 400 * sin(2 * pi * t * 5 + $k * 0.09) * cos(2 * pi * t * 0.5 + $k * 0.05)" "300 + 260 * sin(2 * pi * t * 7 + $k * 0.07)"
  done
} | paint lissajous -size 900x600 gradient:'#101820-#203040'
write_title lissajous "Lissajous"
webp lissajous shapes -q 70
draw_awk 1 'for (k = 0; k < 1400; k++) { a = k * 2.39996323; r = 10.4 * sqrt(k); d = 1.8 + 7 * k / 1400
  printf "fill hsl(%d,85%%,%d%%) circle %.1f,%.1f %.1f,%.1f\n", 14 + k / 34, 48 + k / 60, 420 + r * cos(a), 420 + r * sin(a), 420 + r * cos(a) + d, 420 + r * sin(a) }' |
  paint sunflower -size 840x840 xc:'#1b1408'
jpeg sunflower shapes 80
draw_awk 17 'for (n = 0; n < 90; n++) printf "%d,%d hsl(%d,%d%%,%d%%) ", random() * 960, random() * 640, 180 + 90 * random(), 45 + 40 * random(), 35 + 40 * random()' > "$work/cells"
convert -size 960x640 xc: -sparse-color Voronoi "$(< "$work/cells")" -blur 0x0.7 -depth 8 "$work/cells.png"
write_title cells "Cells"
png cells shapes -colors 160
draw_awk 5 'print "stroke-width 9 fill none stroke-linecap butt"
  for (y = 0; y < 10; y++) for (x = 0; x < 16; x++) { X = x * 40; Y = y * 40; flip = random() < 0.5
    printf "stroke hsl(%d,70%%,%d%%) ", 330 - x * 7 - y * 4, 45 + y * 2
    if (flip) printf "arc %d,%d %d,%d 0,90 arc %d,%d %d,%d 180,270\n", X - 20, Y - 20, X + 20, Y + 20, X + 20, Y + 20, X + 60, Y + 60
    else printf "arc %d,%d %d,%d 90,180 arc %d,%d %d,%d 270,360\n", X + 20, Y - 20, X + 60, Y + 20, X - 20, Y + 20, X + 20, Y + 60 }' |
  paint tiles -size 640x400 xc:'#fbf3e4'
gif tiles shapes 48
draw_awk 1 'for (k = 0; k < 48; k++) { a = k * pi / 24; b = a + pi / 48
  printf "fill %s polygon 300,520 %.1f,%.1f %.1f,%.1f\n", k % 2 ? "#f6c445" : "#f29b38", 300 + 900 * cos(a), 520 + 900 * sin(a), 300 + 900 * cos(b), 520 + 900 * sin(b) }
  print "fill #d8452e circle 300,520 300,400 fill none stroke #fff4d8 stroke-width 10 rectangle 18,18 582,882"' |
  paint poster -size 600x900 xc:'#f9d976'
convert "$work/poster.png" -font DejaVu-Sans-Bold -fill '#5b1f12' -gravity North -pointsize 74 -annotate +0+90 'CREEL' \
  -font DejaVu-Serif -pointsize 30 -annotate +0+190 'a basket for pictures' "$work/poster.png"
fish 300 520 0.95 0.95 '#fff4d8' '#f6c445' '#ffe9b0' | paint poster "$work/poster.png"
jpeg poster shapes 84
draw_awk 1 'print "stroke-width 3"
  for (y = 0; y < 22; y++) for (x = -1; x < 12; x++) { X = x * 64 + y % 2 * 32; Y = y * 16 + 20
    for (r = 32; r > 4; r -= 8) printf "fill %s stroke #f4ecd8 circle %d,%d %d,%d\n", r % 16 ? "#2f6f8f" : "#1d4560", X, Y, X + r, Y }' |
  paint waves -size 640x360 xc:'#1d4560'
png waves shapes -colors 32
draw_awk 33 'print "fill none stroke-linecap round"
  for (n = 0; n < 420; n++) { r = 30 + 980 * sqrt(random()); a = 360 * random(); x = 620; y = 560
    printf "stroke hsl(%d,%d%%,%d%%) stroke-opacity %.2f stroke-width %.1f ellipse %d,%d %.1f,%.1f %.1f,%.1f\n", 200 + 40 * random(), 40 * random(),
      60 + 35 * random(), 0.3 + 0.6 * random(), 0.8 + random(), x, y, r, r, a, a + 38 }' | cat - <(ridge 211 '#05070d' 1200 800 690 130) |
  paint trails -size 1200x800 gradient:'#04060f-#1c2b4f'
write_title trails "Around the pole"
jpeg trails landscapes 76
draw_awk 77 'for (n = 0; n < 110; n++) { x = 1100 * random(); y = 700 * random(); r = 14 + 60 * random() ^ 2
  printf "fill hsl(%d,85%%,62%%) fill-opacity %.2f circle %.1f,%.1f %.1f,%.1f\n", random() < 0.6 ? 20 + 35 * random() : 300 + 40 * random(), 0.12 + 0.3 * random(), x, y, x + r, y }' |
  paint bokeh -size 1100x700 gradient:'#170a1c-#3d1630'
convert "$work/bokeh.png" -blur 0x2 "$work/bokeh.png"
write_title bokeh "City lights"
webp bokeh shapes -q 60
draw_awk 1 'for (k = 90; k > 0; k--) { r = k * 2.6; a = k * 0.23
  printf "fill hsl(%d,60%%,%d%%) circle %.1f,%.1f %.1f,%.1f\n", 160 + k * 1.4, 22 + k % 2 * 42, 240 + k * 0.5 * cos(a), 240 + k * 0.5 * sin(a), 240 + k * 0.5 * cos(a) + r, 240 + k * 0.5 * sin(a) }' |
  paint tunnel -size 480x480 xc:'#10202c'
jpeg tunnel shapes 82
convert -size 256x256 gradient:'#ff9a5a-#7a1fa0' -rotate 90 -swirl 340 -depth 8 "$work/swirl.png"
webp swirl icons -q 80
draw_awk 1 'for (y = 0; y < 16; y++) for (x = 0; x < 16; x++) if (int(x / 2 + y / 3) % 3 == 0 || (x * y) % 7 == 1) printf "fill hsl(%d,75%%,55%%) roundrectangle %d,%d %d,%d 3,3\n", x * 18 + y * 5, x * 12 + 1, y * 12 + 1, x * 12 + 10, y * 12 + 10' |
  paint mosaic -size 192x192 xc:'#16181d'
avif mosaic icons 20

# Drawings: SVG.
svg() { # svg NAME ATTRIBUTES: the elements come from standard input
  { printf '<svg xmlns="http://www.w3.org/2000/svg" %s>\n' "$2" && cat && echo '</svg>'; } > "drawings/$1.svg"
}
svg fish 'width="480" height="320" viewBox="0 0 240 160"' <<'SVG'
  <defs><linearGradient id="sea" x2="0" y2="1"><stop stop-color="#7fe0e8"/><stop offset="1" stop-color="#0c4f80"/></linearGradient></defs>
  <rect width="240" height="160" fill="url(#sea)"/>
  <g transform="translate(124 82)">
    <path d="M-70 0C-95-18-108-46-118-44c6 29 6 59 0 88C-108 46-95 18-70 0Z" fill="#c8401f"/>
    <path d="M-84 0C-50-58 55-62 92 0 55 62-50 58-84 0Z" fill="#ff8a2a"/>
    <path d="M22-44c18 24 18 64 0 88 8-1 18-4 24-7 14-23 14-51 0-74-6-3-16-6-24-7Z" fill="#fff"/>
    <circle cx="68" cy="-10" r="10" fill="#fff"/><circle cx="70" cy="-10" r="5"/>
  </g>
  <g fill="none" stroke="#fff" stroke-opacity=".7"><circle cx="222" cy="60" r="5"/><circle cx="216" cy="38" r="8"/><circle cx="226" cy="16" r="4"/></g>
SVG
svg hills 'viewBox="0 0 800 400"' <<'SVG'
  <rect width="800" height="400" fill="#fde8c8"/>
  <circle cx="590" cy="130" r="62" fill="#f7923a"/>
  <path d="M0 250C130 130 250 140 380 240S640 180 800 230V400H0Z" fill="#c58f8f"/>
  <path d="M0 300C160 220 260 260 420 300S680 250 800 300V400H0Z" fill="#8a5a78"/>
  <path d="M0 350C200 300 340 330 480 350S700 330 800 350V400H0Z" fill="#46304f"/>
SVG
{
  echo '  <rect width="360" height="360" rx="40" fill="#101a2c"/><g transform="translate(180 180)">'
  draw_awk 1 'for (k = 0; k < 60; k++) printf "    <path d=\"M0-150V%d\" stroke=\"#d8e2f0\" stroke-width=\"%d\" transform=\"rotate(%d)\"/>\n", k % 5 ? -142 : -130, k % 5 ? 2 : 5, k * 6'
  echo '    <path d="M0 20V-80" stroke="#fff" stroke-width="9" stroke-linecap="round" transform="rotate(305)"/>'
  echo '    <path d="M0 28V-122" stroke="#fff" stroke-width="6" stroke-linecap="round" transform="rotate(60)"/>'
  echo '    <path d="M0 34V-128" stroke="#ff6b4a" stroke-width="2.5" transform="rotate(200)"/><circle r="8" fill="#ff6b4a"/></g>'
} | svg clock 'width="360px" height="360px"'
{
  echo '  <rect width="900" height="500" fill="#141a3a"/><circle cx="730" cy="110" r="46" fill="#f5efcf"/>'
  draw_awk 21 'for (x = 0; x < 900; x += w) { w = 45 + int(random() * 60); h = 120 + int(random() * 270)
    printf "  <rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"hsl(%d 35%% %d%%)\"/>\n", x, 500 - h, w, h, 220 + random() * 30, 14 + random() * 12
    for (Y = 500 - h + 14; Y < 480; Y += 22) for (X = x + 8; X < x + w - 12; X += 15) if (random() < 0.4) printf "  <rect x=\"%d\" y=\"%d\" width=\"7\" height=\"11\" fill=\"#ffd76a\"/>\n", X, Y }'
} | svg city 'width="900" height="500"'
