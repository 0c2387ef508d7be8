import { deflateSync } from "node:zlib";

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (crcTable[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc(body), body.length + 4);
  return framed;
}

const rows = new Map<string, Buffer>();

/** Compressed rows of a picture all of whose pixels have the palette's first colour, at a bit a pixel. */
function plainRows(width: number, height: number): Buffer {
  const name = `${width}x${height}`;
  const known = rows.get(name) ?? deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * height));
  rows.set(name, known);
  return known;
}

/** A PNG of one colour; each `seed` has another, so that no two of them are the same bytes. */
export function png(width: number, height: number, seed: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1; // bits a pixel
  header[9] = 3; // colours by palette
  const palette = Buffer.from([(seed * 67) & 255, (seed * 29 + (seed >> 8)) & 255, (seed * 151) & 255]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("PLTE", palette),
    chunk("tEXt", Buffer.from(`Comment\0${seed}`, "latin1")),
    chunk("IDAT", plainRows(width, height)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
