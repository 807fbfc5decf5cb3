import { Counter } from '@fanone/service-kit'
import type { RequestHandler } from 'express'

export const playbackStarts = new Counter({
  name: 'fanone_playback_starts_total',
  help: 'Playbacks that began here, by how the video is delivered',
  labelNames: ['format'] as const,
})

/** The whole file, or all from its beginning on. */
const FROM_THE_BEGINNING = /^bytes=0+-$/

/**
 * Counts playbacks by what players ask for first and once: the list of renditions, or a file from
 * its beginning with no end. Pieces of a rendition have an end, so they do not count.
 */
export const countPlaybackStarts: RequestHandler = (request, response, next) => {
  // Not `finish`: a player that has enough for now closes the connection, which is no less a start.
  response.once('close', () => {
    if (request.method !== 'GET' || (response.statusCode !== 200 && response.statusCode !== 206)) return
    const format = formatOf(request.path, String(response.getHeader('content-type')))
    const { range } = request.headers
    const isStart = format === 'hls' || range === undefined || FROM_THE_BEGINNING.test(range)
    if (format !== undefined && isStart) playbackStarts.inc({ format })
  })
  next()
}

function formatOf(path: string, contentType: string): 'hls' | 'file' | undefined {
  if (path.endsWith('/master.m3u8')) return 'hls'
  return contentType.startsWith('video/') ? 'file' : undefined
}
