/** A part of a sprite that shows a stretch of a video; times in seconds, the rest in pixels. */
export interface Picture {
  from: number
  to: number
  url: string
  x: number
  y: number
  width: number
  height: number
}

/**
 * Reads WebVTT whose cues name a part of a sprite each: `sprite.jpg#xywh=0,0,160,90`.
 *
 * @throws Error where it cannot be had
 */
export async function readStoryboard(url: string): Promise<Picture[]> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`the storyboard is not there: ${response.status}`)
  return parseStoryboard(await response.text(), response.url || url)
}

/** @param base address of the file, from which the sprites are named */
export function parseStoryboard(text: string, base: string): Picture[] {
  return text.split(/\r?\n\r?\n/).flatMap((cue) => {
    const [, from, to] = /([\d:.]+) --> ([\d:.]+)/.exec(cue) ?? []
    const [, name, numbers] = /^(\S+)#xywh=([\d,]+)$/m.exec(cue) ?? []
    const [x, y, width, height] = (numbers ?? '').split(',').map(Number)
    if (!from || !to || !name || x === undefined || y === undefined || !width || !height) return []
    return [{ from: seconds(from), to: seconds(to), url: new URL(name, base).href, x, y, width, height }]
  })
}

export function pictureAt(pictures: readonly Picture[], second: number): Picture | undefined {
  return pictures.find(({ from, to }) => from <= second && second < to) ?? pictures.at(-1)
}

const seconds = (time: string) => time.split(':').reduce((total, part) => total * 60 + Number(part), 0)
