import { crc32 } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'

/** Left half red, right half blue, the top quarter white: tells what was turned or cut. */
export async function sample(width = 320, height = 200): Promise<Sharp> {
  const half = Math.floor(width / 2)
  const plain = (background: string, w: number, h: number) => ({
    create: { width: w, height: h, channels: 3 as const, background },
  })
  const drawn = sharp(plain('red', width, height)).composite([
    { input: plain('blue', width - half, height), left: half, top: 0 },
    { input: plain('white', width, Math.max(1, Math.floor(height / 4))), left: 0, top: 0 },
  ])
  return sharp(await drawn.png().toBuffer())
}

/** A PNG that claims a size and has hardly any bytes. */
export function claimingPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', Buffer.alloc(64)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}
