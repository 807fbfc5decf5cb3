import type { Size } from '../media/shown-size.ts'

/** A rendition in its one file. */
export interface RenditionFile extends Size {
  /** File name within the folder of the playlists: `720p.mp4`. */
  file: string
  /** Name of its playlist beside it. */
  playlist: string
  codecs: string
  /** Frames a second, if known. */
  frameRate: number | undefined
  /** What every segment needs: the first bytes of the file. */
  initBytes: number
  /** In their order, each behind the one before. */
  segments: Segment[]
}

export interface Segment {
  offset: number
  bytes: number
  seconds: number
}

/** The playlist of one rendition (RFC 8216): its segments are ranges of one file. */
export function mediaPlaylist({ file, initBytes, segments }: RenditionFile): string {
  const longest = Math.max(...segments.map(({ seconds }) => seconds))
  return lines([
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longest))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${file}",BYTERANGE="${initBytes}@0"`,
    ...segments.flatMap(({ offset, bytes, seconds }) => [
      `#EXTINF:${seconds.toFixed(6)},`,
      `#EXT-X-BYTERANGE:${bytes}@${offset}`,
      file,
    ]),
    '#EXT-X-ENDLIST',
  ])
}

/** The playlist that names all renditions of a video. */
export function masterPlaylist(renditions: RenditionFile[]): string {
  return lines([
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...renditions.flatMap((rendition) => [`#EXT-X-STREAM-INF:${attributesOf(rendition)}`, rendition.playlist]),
  ])
}

function attributesOf({ segments, width, height, codecs, frameRate }: RenditionFile): string {
  const bits = segments.reduce((sum, { bytes }) => sum + bytes * 8, 0)
  const seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0)
  // Shorter ones are no measure of the rate at which a player has to load (RFC 8216, 4.1).
  const least = Math.max(...segments.map((segment) => segment.seconds)) / 2
  const measured = segments.filter((segment) => segment.seconds >= least)
  const peaks = measured.map((segment) => (segment.bytes * 8) / segment.seconds)
  const average = Math.ceil(bits / seconds)
  return [
    `BANDWIDTH=${Math.max(Math.ceil(Math.max(...peaks)), average)}`,
    `AVERAGE-BANDWIDTH=${average}`,
    `RESOLUTION=${width}x${height}`,
    ...(frameRate ? [`FRAME-RATE=${frameRate.toFixed(3)}`] : []),
    `CODECS="${codecs}"`,
  ].join(',')
}

const lines = (list: string[]) => `${list.join('\n')}\n`
