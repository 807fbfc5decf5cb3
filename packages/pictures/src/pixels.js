// Runs by itself, in the sandbox: `node --jitless pixels.js <order as JSON> <file>…`, for what
// looks at pixels instead of showing them. JavaScript for the same reason as resize.js.
import sharp from 'sharp'
import { confine, openPicture } from './untrusted-picture.js'

const [order, ...paths] = process.argv.slice(2)
if (order === undefined) process.stdout.write(`${sharp.versions.sharp}\n`)
else await writePixels(paths, JSON.parse(order))

/**
 * For each file a byte, 1 or 0 where it is no picture; after a 1 its pixels, stretched to a square:
 * RGB, line by line.
 *
 * @param {string[]} paths
 * @param {{ side: number, maxSide: number }} order
 */
async function writePixels(paths, { side, maxSide }) {
  confine()
  for (const path of paths) {
    const pixels = await read(path, side, maxSide).catch(() => undefined)
    process.stdout.write(pixels ? Buffer.concat([Buffer.of(1), pixels]) : Buffer.of(0))
  }
}

/** What can be seen through shows white. */
async function read(path, side, maxSide) {
  const { picture } = await openPicture(path, maxSide)
  return await picture
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .resize(side, side, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer()
}
