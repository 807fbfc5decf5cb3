import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import sharp from 'sharp'
import { cached } from '../../scripts/setup/cache.ts'
import { readSettings } from '../../scripts/stack/settings.ts'

/** Debian packages of photographs and drawings, 128 MB; their licences are free. */
const PACKAGES = [
  ...['mate-backgrounds', 'gnome-backgrounds', 'lomiri-wallpapers-16.04', 'lomiri-wallpapers-20.04'],
  'ukui-wallpapers',
]
const [WIDTH, HEIGHT] = [640, 360]
const QUARTERS = [
  { left: 0, top: 0 },
  { left: WIDTH, top: 0 },
  { left: 0, top: HEIGHT },
  { left: WIDTH, top: HEIGHT },
]
/** Below these, of 255, parts show nothing, and two of them the same. */
const LEAST_CONTRAST = 12
const LEAST_DIFFERENCE = 8

/** More than 200 pictures, no two alike: quarters of those in the packages, kept in the cache. */
export async function samplePictures(): Promise<Buffer[]> {
  const key = createHash('sha256')
    .update(await readFile(import.meta.filename))
    .digest('hex')
    .slice(0, 8)
  const folder = await cached(readSettings().cache, `sample-pictures-${key}`, cutOut)
  const files = (await readdir(folder)).toSorted()
  return Promise.all(files.map((file) => readFile(join(folder, file))))
}

async function cutOut(folder: string): Promise<void> {
  const work = `${folder}.packages`
  await mkdir(work, { recursive: true })
  await execa('apt-get', ['download', ...PACKAGES], { cwd: work })
  for (const file of await readdir(work))
    if (file.endsWith('.deb')) await execa('dpkg-deb', ['-x', file, '.'], { cwd: work })
  const files = await readdir(work, { recursive: true, withFileTypes: true })
  const pictures = files.filter((file) => file.isFile() && /\.(jpg|png|webp)$/.test(file.name))
  const kept: Uint8Array[] = []
  for (const { parentPath, name } of pictures.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    for (const quarter of await quartersOf(join(parentPath, name))) {
      const look = await sharp(quarter).greyscale().resize(32, 18, { fit: 'fill' }).raw().toBuffer()
      if (contrastOf(look) < LEAST_CONTRAST || kept.some((other) => differenceOf(look, other) < LEAST_DIFFERENCE))
        continue
      await writeFile(join(folder, `${String(kept.length).padStart(3, '0')}.png`), quarter)
      kept.push(look)
    }
  await execa('rm', ['-r', work])
}

async function quartersOf(file: string): Promise<Buffer[]> {
  const whole = await sharp(file)
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .resize(2 * WIDTH, 2 * HEIGHT, { fit: 'cover' })
    .png()
    .toBuffer()
  return Promise.all(
    QUARTERS.map((place) =>
      sharp(whole)
        .extract({ ...place, width: WIDTH, height: HEIGHT })
        .png()
        .toBuffer(),
    ),
  )
}

function contrastOf(look: Uint8Array): number {
  const mean = look.reduce((sum, value) => sum + value, 0) / look.length
  return Math.sqrt(look.reduce((sum, value) => sum + (value - mean) ** 2, 0) / look.length)
}

const differenceOf = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0) / a.length
