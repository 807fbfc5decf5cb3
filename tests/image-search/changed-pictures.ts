import sharp from 'sharp'

type Change = (picture: Buffer) => Promise<Buffer>

const caption = (width: number, height: number) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect y="${height * 0.8}" width="${width}" height="${height * 0.2}" fill="#000"/>${[0.1, 0.35, 0.6].map((x) => `<rect x="${width * x}" y="${height * 0.86}" width="${width * 0.2}" height="${height * 0.07}" fill="#fff"/>`).join('')}</svg>`,
  )

const cropped: Change = async (picture) => {
  const { width, height } = await sharp(picture).metadata()
  const place = { left: Math.round(width * 0.1), top: Math.round(height * 0.15) }
  return sharp(picture)
    .extract({ ...place, width: Math.round(width * 0.75), height: Math.round(height * 0.75) })
    .jpeg()
    .toBuffer()
}
const captioned: Change = async (picture) => {
  const { width, height } = await sharp(picture).metadata()
  return sharp(picture)
    .composite([{ input: caption(width, height) }])
    .jpeg()
    .toBuffer()
}
const mirrored: Change = (picture) => sharp(picture).flop().jpeg().toBuffer()
const darkened: Change = (picture) => sharp(picture).linear(0.55, 0).jpeg().toBuffer()
const compressed: Change = (picture) => sharp(picture).jpeg({ quality: 12 }).toBuffer()

/** What happens to pictures on their way through the net, each as JPEG. */
export const changes: Readonly<Record<string, Change>> = {
  cropped,
  '96 pixels wide': (picture) => sharp(picture).resize(96).jpeg().toBuffer(),
  grey: (picture) => sharp(picture).greyscale().jpeg().toBuffer(),
  'turned by 8°': (picture) => sharp(picture).rotate(8, { background: '#000' }).jpeg().toBuffer(),
  mirrored,
  'with a border': (picture) =>
    sharp(picture).extend({ top: 40, bottom: 40, left: 60, right: 60, background: '#fff' }).jpeg().toBuffer(),
  captioned,
  darkened,
  faded: (picture) => sharp(picture).linear(0.5, 100).jpeg().toBuffer(),
  blurred: (picture) => sharp(picture).blur(3).jpeg().toBuffer(),
  compressed,
  'all of it: cropped, captioned, darkened, compressed': async (picture) =>
    compressed(await darkened(await captioned(await cropped(picture)))),
}
