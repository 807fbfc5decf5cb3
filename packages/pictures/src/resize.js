// Runs by itself, in the sandbox: `node --jitless resize.js <file> <order as JSON>`. JavaScript,
// because stripping types needs WebAssembly, which `--jitless` takes away.
import sharp from 'sharp'
import { confine, openPicture } from './untrusted-picture.js'

const QUALITY = 82

/**
 * @typedef {object} Order
 * @property {number[]} widths ascending
 * @property {boolean} isSquare
 * @property {number} maxSide
 */

const [path, order] = process.argv.slice(2)
if (path === undefined) process.stdout.write(`${sharp.versions.sharp}\n`)
else process.stdout.write(framed(await resize(path, JSON.parse(order))))

/**
 * The picture in each width as WebP, upright, in sRGB, without anything else that was in the file;
 * of an animation its first picture.
 *
 * @param {string} path
 * @param {Order} order
 */
async function resize(path, { widths, isSquare, maxSide }) {
  confine()
  const { picture, width, height } = await openPicture(path, maxSide)
  const widest = Math.min(widths.at(-1), isSquare ? Math.min(width, height) : width)
  const fit = isSquare ? { width: widest, height: widest, fit: 'cover' } : { width: widest }
  const { data, info } = await picture.resize(fit).raw().toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  const smaller = (limit) =>
    sharp(data, { raw })
      .resize({ width: Math.min(limit, widest) })
      .webp({ quality: QUALITY })
      .toBuffer()
  const pictures = []
  for (const limit of widths) pictures.push(await smaller(limit))
  return pictures
}

/** @param {Buffer[]} parts a line with the length of each comes first */
function framed(parts) {
  return Buffer.concat([Buffer.from(`${parts.map(({ length }) => length).join(' ')}\n`), ...parts])
}
