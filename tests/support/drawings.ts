import sharp from 'sharp'

const [WIDTH, HEIGHT] = [320, 180]
const times = (count: number, draw: (index: number) => string) =>
  Array.from({ length: count }, (_, n) => draw(n)).join('')

/** What the model tells apart at a glance. */
const DRAWINGS = [
  times(16, (n) => `<rect x="${n * 20}" width="10" height="${HEIGHT}" fill="#c00"/>`),
  times(8, (n) => `<circle cx="160" cy="90" r="${88 - n * 11}" fill="${n % 2 ? '#fff' : '#06c'}"/>`),
  times(60, (n) => `<circle cx="${(n % 10) * 32 + 16}" cy="${Math.floor(n / 10) * 30 + 15}" r="6" fill="#080"/>`),
  times(
    72,
    (n) =>
      `<rect x="${(n % 12) * 27}" y="${Math.floor(n / 12) * 30}" width="27" height="30" fill="${(n + Math.floor(n / 12)) % 2 ? '#000' : '#fff'}"/>`,
  ),
  '<polygon points="20,170 160,10 300,170" fill="#fa0"/><rect x="130" y="110" width="60" height="60" fill="#630"/>',
  '<circle cx="160" cy="90" r="70" fill="#fd0"/><circle cx="135" cy="70" r="9"/><circle cx="185" cy="70" r="9"/><path d="M120 110 Q160 150 200 110" stroke="#000" stroke-width="8" fill="none"/>',
  times(
    9,
    (n) => `<path d="M0 ${n * 20 + 10} q40 -20 80 0 t80 0 t80 0 t80 0" stroke="#09c" stroke-width="6" fill="none"/>`,
  ),
  times(
    24,
    (n) =>
      `<line x1="160" y1="90" x2="${160 + 200 * Math.cos((n * Math.PI) / 12)}" y2="${90 + 200 * Math.sin((n * Math.PI) / 12)}" stroke="#a0a" stroke-width="5"/>`,
  ),
]

/** A picture as PNG; there are eight. */
export async function drawing(index: number): Promise<Buffer> {
  const size = `width="${WIDTH}" height="${HEIGHT}"`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect ${size} fill="#eed"/>${DRAWINGS[index % DRAWINGS.length]}</svg>`
  return sharp(Buffer.from(svg)).png().toBuffer()
}

/** Part of a picture, as JPEG. */
export const partOf = (picture: Buffer): Promise<Buffer> =>
  sharp(picture).extract({ left: 20, top: 10, width: 270, height: 150 }).jpeg().toBuffer()
