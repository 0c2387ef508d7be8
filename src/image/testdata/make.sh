#!/usr/bin/env bash
# Makes the pictures of this folder anew. Wanted: imagemagick webp libavif-bin libheif-examples libjxl-tools.
# Their types and sizes stand in golden.txt; the files under not_an_image/ are written by hand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export MAGICK_THREAD_LIMIT=1

picture() { convert -size "$1" gradient:tomato-navy -strip -define png:exclude-chunks=date,time "${@:2}"; }
# bytes NUMBER COUNT: a big-endian number
bytes() { local i; for ((i = $2 - 1; i >= 0; i--)); do printf '%b' "\\x$(printf %02x $(($1 >> (8 * i) & 255)))"; done; }
# segment MARKER FILE: a JPEG segment with the file as its payload
segment() { printf '\xff%b' "\\x$1"; bytes $(($(wc -c < "$2") + 2)) 2; cat "$2"; }

picture 37x23 baseline.jpg
picture 41x29 -interlace JPEG progressive.jpg
picture 19x31 -colorspace gray grey.jpg
picture 21x17 -colorspace CMYK cmyk.jpg
# EXIF with the orientation "turned by 90 degrees" and a thumbnail that has a frame header of its own, then ten
# segments of a colour profile: the frame header lies 32 KB into the file.
picture 8x6 "$work/thumbnail.jpg"
{
  printf 'Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\6\0\0\0\0\0\0'
  cat "$work/thumbnail.jpg"
} > "$work/exif"
{ printf 'ICC_PROFILE\0\1\12'; head -c 3200 /dev/zero; } > "$work/profile"
{
  head -c 2 baseline.jpg
  segment e1 "$work/exif"
  for _ in 1 2 3 4 5 6 7 8 9 10; do segment e2 "$work/profile"; done
  tail -c +3 baseline.jpg
} > long_metadata.jpg

picture 1x1 dot.png
picture 37x23 truecolour.png
picture 300x2 -depth 16 -colorspace gray deep_grey.png
picture 33x44 -colors 8 -interlace PNG palette_interlaced.png

picture 40x30 -colors 8 still.gif
picture 17x11 -colors 4 GIF87:old.gif
convert -size 48x36 xc:navy xc:tomato xc:gold -loop 0 -delay 20 animated.gif

picture 61x47 "$work/source.png"
picture 61x47 -alpha set -channel A -evaluate set 50% +channel "$work/translucent.png"
cwebp -quiet -q 50 "$work/source.png" -o lossy.webp
cwebp -quiet -lossless "$work/source.png" -o lossless.webp
cwebp -quiet -q 50 "$work/translucent.png" -o extended.webp
gif2webp -quiet animated.gif -o animated.webp

avif() { avifenc --jobs 1 --speed 8 --min 50 --max 60 "$@" > "$work/avif.log"; }
picture 160x128 "$work/grid.png"
avif "$work/source.png" still.avif
avif "$work/translucent.png" alpha.avif
avif --grid 2x2 "$work/grid.png" grid.avif
avif --irot 1 "$work/source.png" turned.avif
avif -y 444 --clap 41,1,31,1,0,1,0,1 --irot 3 "$work/source.png" cropped_turned.avif
# The one file that differs each time: it carries the time of its making.
picture 48x36 -negate "$work/second.png"
picture 48x36 "$work/first.png"
avif "$work/first.png" "$work/second.png" sequence.avif

picture 130x90 "$work/photo.png"
heif-enc -q 10 "$work/photo.png" -o still.heic
heif-enc -q 10 "$work/source.png" -o odd.heic
heif-enc -q 10 -t 32 "$work/photo.png" -o thumbnail.heic

picture 13x9 BMP3:info.bmp
picture 14x10 BMP2:core.bmp
picture 15x11 -alpha set BMP:v5.bmp
# The info header with its height negated: the rows stand from top to bottom.
{ head -c 22 info.bmp; printf '\xf7\xff\xff\xff'; tail -c +27 info.bmp; } > top_down.bmp

picture 26x18 -compress zip -endian LSB little_endian.tiff
picture 27x19 -compress zip -endian MSB big_endian.tiff
picture 28x20 -compress zip TIFF64:big.tiff
convert -size 30x22 gradient: -size 12x8 gradient: -strip -compress zip pages.tiff

convert -size 64x64 xc:tomato -define icon:auto-resize=16,32,24 sizes.ico
convert -size 256x256 xc:tomato -colors 2 -compress zip large.ico

picture 64x64 "$work/square.png"
picture 48x32 "$work/wide.png"
jxl() { cjxl --quiet -d 8 "$@" 2> "$work/jxl.log"; }
jxl "$work/source.png" odd.jxl
jxl "$work/square.png" square.jxl
jxl "$work/wide.png" wide.jxl
jxl --container=1 "$work/source.png" boxed.jxl
