import sharp from 'sharp'

/** sharp reads much more by itself, among it SVG, PDF and what ImageMagick knows. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Heif'].map((name) => `VipsForeignLoad${name}`)

/** Leaves one thread and the loaders of what is taken. */
export function confine() {
  sharp.concurrency(1)
  sharp.cache(false)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: LOADERS })
}

/**
 * Opens a picture nobody trusts, upright; of an animation its first picture.
 *
 * @param {string} path
 * @param {number} maxSide in pixels
 */
export async function openPicture(path, maxSide) {
  const source = sharp(path, { limitInputPixels: maxSide * maxSide, failOn: 'error', sequentialRead: true })
  const { width, height } = (await source.metadata()).autoOrient
  if (Math.max(width, height) > maxSide) throw new Error('Input image exceeds pixel limit')
  return { picture: source.autoOrient(), width, height }
}
